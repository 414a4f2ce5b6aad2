import OllamaProxy

/// An orderly end: running answers get the grace period, then an error, then a moment to be sent.
final class Shutdown: TimerTarget {
    /// What is queued for a client that reads gets this long to reach it.
    private static let flushTime = Span.seconds(1)

    private let loop: EventLoop
    private let isIdle: () -> Bool
    private let endExchanges: () -> Void
    private var timer: TimerHandle!
    private var hasEndedExchanges = false
    private(set) var deadline: Instant?

    /// - Parameters:
    ///   - grace: until running answers are ended.
    ///   - isIdle: whether no request is left.
    ///   - endExchanges: ends every running answer with an error.
    init(loop: EventLoop, grace: Span, isIdle: @escaping () -> Bool, endExchanges: @escaping () -> Void) {
        self.loop = loop
        self.isIdle = isIdle
        self.endExchanges = endExchanges
        deadline = loop.now.monotonic + grace
        timer = loop.timers.register(self)
        loop.timers.update(timer, deadline: deadline)
    }

    /// Stops the loop as soon as nothing is left to be done.
    func advance() {
        if isIdle() { loop.stop() }
    }

    /// Someone asked twice: no grace.
    func hurry() {
        deadline = loop.now.monotonic
        loop.timers.update(timer, deadline: deadline)
    }

    func deadlineReached() {
        guard !hasEndedExchanges else {
            deadline = nil
            return loop.stop()
        }
        hasEndedExchanges = true
        endExchanges()
        deadline = loop.now.monotonic + Self.flushTime
    }
}
