import CLinux
import Glibc

/// Whoever wants to know when a descriptor becomes ready.
protocol DescriptorWatcher: AnyObject {
    /// - Parameter events: `EPOLLIN`, `EPOLLOUT`, `EPOLLRDHUP` and so on.
    func descriptorReady(_ events: UInt32)
}

/// The epoll instance and what is watched by it.
///
/// Events carry a token, a growing number, never a pointer or a descriptor: within one batch an earlier event may
/// have removed what a later one is about, and the descriptor may already stand for something else.
final class Poller {
    typealias Token = UInt64

    private let epoll: OwnedDescriptor
    private var watchers: [Token: any DescriptorWatcher] = [:]
    private var lastToken: Token = 0
    private var events = [epoll_event](repeating: epoll_event(), count: 256)

    init() throws {
        let descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError("epoll_create1") }
        epoll = OwnedDescriptor(descriptor)
    }

    func add(_ descriptor: Int32, events: UInt32, _ watcher: any DescriptorWatcher) throws -> Token {
        lastToken += 1
        var event = epoll_event()
        event.events = events
        event.data.u64 = lastToken
        guard epoll_ctl(epoll.rawValue, EPOLL_CTL_ADD, descriptor, &event) == 0 else { throw SystemError("epoll_ctl") }
        watchers[lastToken] = watcher
        return lastToken
    }

    func change(_ descriptor: Int32, token: Token, events: UInt32) {
        var event = epoll_event()
        event.events = events
        event.data.u64 = token
        epoll_ctl(epoll.rawValue, EPOLL_CTL_MOD, descriptor, &event)
    }

    func remove(_ descriptor: Int32, token: Token) {
        watchers[token] = nil
        var event = epoll_event()
        epoll_ctl(epoll.rawValue, EPOLL_CTL_DEL, descriptor, &event)
    }

    /// Calls nobody any more.
    func removeAll() {
        watchers.removeAll()
    }

    /// Waits for events, at most `timeout` milliseconds (-1 for ever).
    /// - Returns: how many came; `dispatch` them.
    func wait(timeout: Int32) -> Int {
        let count = epoll_wait(epoll.rawValue, &events, Int32(events.count), timeout)
        return max(0, Int(count))
    }

    func dispatch(_ count: Int) {
        for index in 0..<count {
            let event = events[index]
            // A watcher that is gone was removed by an event before this one.
            watchers[event.data.u64]?.descriptorReady(event.events)
        }
    }
}
