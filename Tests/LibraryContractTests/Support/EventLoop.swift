import CLinux
import Glibc

/// A single-threaded epoll loop in which the library under test, its peers and the test itself take turns.
///
/// Because nothing runs while the test looks, a test can say "after exactly this call" instead of "after a while".
final class EventLoop {
    struct Stalled: Error, CustomStringConvertible {
        let awaited: String
        var description: String { "the event loop waited in vain for: \(awaited)" }
    }

    /// Long enough for a machine that is busy compiling; only a broken contract ever waits for it.
    static let patience: Duration = .seconds(15)

    let descriptor: CInt
    private var readinessHandlers: [CInt: (UInt32) -> Void] = [:]
    private var dueWork: [() -> Duration?] = []

    init() {
        descriptor = epoll_create1(CInt(EPOLL_CLOEXEC))
        precondition(descriptor >= 0, "epoll_create1 failed")
    }

    deinit {
        close(descriptor)
    }

    func watch(_ watched: CInt, for events: UInt32, onReady: @escaping (UInt32) -> Void) {
        var event = epoll_event()
        event.events = events
        event.data.fd = watched
        // The kernel forgets a closed descriptor on its own, so what the dictionary says is only a guess.
        let guess = readinessHandlers[watched] == nil ? EPOLL_CTL_ADD : EPOLL_CTL_MOD
        if epoll_ctl(descriptor, guess, watched, &event) != 0 {
            let other = guess == EPOLL_CTL_ADD ? EPOLL_CTL_MOD : EPOLL_CTL_ADD
            precondition(epoll_ctl(descriptor, other, watched, &event) == 0, "epoll_ctl failed")
        }
        readinessHandlers[watched] = onReady
    }

    func unwatch(_ watched: CInt) {
        epoll_ctl(descriptor, EPOLL_CTL_DEL, watched, nil)
        readinessHandlers[watched] = nil
    }

    func isWatching(_ watched: CInt) -> Bool {
        readinessHandlers[watched] != nil
    }

    /// `work` runs before each wait and returns how long it can be left alone, or nil for ever.
    func beforeEachWait(_ work: @escaping () -> Duration?) {
        dueWork.append(work)
    }

    func run(until awaited: String, _ condition: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            let nextDueWork = dueWork.compactMap { $0() }.min()
            if try condition() { return }
            let remaining = deadline - .now
            guard remaining > .zero else { throw Stalled(awaited: awaited) }
            dispatchOneEvent(within: min(nextDueWork ?? remaining, remaining))
            if try condition() { return }
        }
    }

    /// Handles whatever is ready at this moment and never waits: for showing that something does not happen.
    func settle() {
        repeat {
            for work in dueWork { _ = work() }
        } while dispatchOneEvent(within: .zero)
    }

    /// One event at a time, so that a handler may close any other descriptor without leaving a stale event behind.
    @discardableResult
    private func dispatchOneEvent(within limit: Duration) -> Bool {
        var event = epoll_event()
        guard epoll_wait(descriptor, &event, 1, limit.roundedUpToMilliseconds) == 1 else { return false }
        readinessHandlers[event.data.fd]?(event.events)
        return true
    }
}

extension Duration {
    fileprivate var roundedUpToMilliseconds: CInt {
        guard self > .zero else { return 0 }
        let (seconds, attoseconds) = components
        return CInt(clamping: seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
