import Glibc
import OllamaProxy

/// Work that must not be done where it is noticed: inside a callback of one library no call into a library is safe.
protocol DeferredWork: AnyObject {
    func performDeferredWork()
}

/// The one loop that everything happens on.
final class EventLoop {
    /// What the loop drives besides descriptors and timers. Each is called once an iteration, at its place.
    protocol Driver: AnyObject {
        /// When libcurl's own timer is due; nil for never.
        var upstreamTimer: Instant? { get }
        func upstreamTimerReached()
        /// Lets libmicrohttpd work while it has something to do.
        /// - Returns: when it wants to be called again, nil for not before its descriptor is ready.
        func serveClients() -> Instant?
        /// Writes to disk what the iteration has left to be remembered.
        func persist()
    }

    let poller: Poller
    let timers = TimerQueue()
    private(set) var now = Clock.now()
    private unowned var driver: (any Driver)!
    private var deferred: [any DeferredWork] = []
    /// The work being done, in an array that is swapped with the other, so that neither is allocated again.
    private var batch: [any DeferredWork] = []
    private var isStopped = false
    /// How many iterations in a row went on without a look at the descriptors.
    private var haste = 0

    /// Work that is due already costs a system call less when nobody looks for more before it; but no client may keep
    /// all others waiting by making work.
    private static let mostHaste = 4

    init() throws {
        poller = try Poller()
    }

    func later(_ work: any DeferredWork) {
        deferred.append(work)
    }

    func stop() {
        isStopped = true
    }

    func run(_ driver: any Driver) {
        self.driver = driver
        while !isStopped { iterate() }
    }

    /// Lets go of everyone who was to be called: they hold the loop as the loop holds them.
    func close() {
        deferred.removeAll()
        timers.removeAll()
        poller.removeAll()
    }

    /// One iteration. The order matters:
    private func iterate() {
        now = Clock.now()
        // What callbacks have put off comes first: it starts transfers, which arms the upstream's timer, and resumes
        // clients, which gives libmicrohttpd something to do.
        performDeferred()
        // The upstream's timer connects, times out and hands over what was read: it feeds the clients' replies, and
        // may put work off again.
        if let timer = driver.upstreamTimer, timer <= now.monotonic { driver.upstreamTimerReached() }
        timers.fire(now: now.monotonic)
        performDeferred()
        // A resumed connection moves only when libmicrohttpd runs, and nothing would wake us for it.
        let clientsTimer = driver.serveClients()
        // The disk comes last: by now every reply that was ready is under way.
        driver.persist()
        if isStopped { return }
        let timeout = timeout(until: clientsTimer, driver.upstreamTimer, timers.nextTime)
        if timeout == 0, haste < Self.mostHaste {
            haste += 1
            return
        }
        haste = 0
        let count = poller.wait(timeout: timeout)
        now = Clock.now()
        poller.dispatch(count)
    }

    private func performDeferred() {
        // Work may put off more work; a bounded number of rounds keeps the rest of the loop alive.
        for _ in 0..<8 where !deferred.isEmpty {
            swap(&deferred, &batch)
            for work in batch { work.performDeferredWork() }
            batch.removeAll(keepingCapacity: true)
        }
    }

    /// Milliseconds to sleep, rounded up so that the loop does not spin just before a deadline.
    private func timeout(until first: Instant?, _ second: Instant?, _ third: Instant?) -> Int32 {
        guard deferred.isEmpty else { return 0 }
        let next = min(first ?? .never, second ?? .never, third ?? .never)
        guard next < .never else { return -1 }
        let remaining = next - now.monotonic
        guard remaining > .zero else { return 0 }
        return Int32(min(remaining.millisecondsRoundedUp, 3_600_000))
    }
}
