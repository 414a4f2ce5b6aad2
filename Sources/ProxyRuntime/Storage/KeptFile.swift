import OllamaProxy

/// A file that is replaced whole, and again and again until that works: a disk that was full is not to cost what was
/// to be kept. Failing and succeeding again are said once each.
final class KeptFile: TimerTarget {
    let path: String
    private let warning: StaticString
    private let relief: StaticString
    private let loop: EventLoop
    private let log: Log
    private var timer: TimerHandle!
    /// What could not be written yet.
    private var pending: ByteBuffer?
    /// Between attempts.
    private var patience = Patience(seconds: 2, 5, 10, 30, 60)
    private(set) var deadline: Instant?

    /// - Parameters:
    ///   - warning: the event to log when it cannot be written.
    ///   - relief: the event to log when it can be written again.
    init(_ path: String, warning: StaticString, relief: StaticString, loop: EventLoop, log: Log) {
        self.path = path
        self.warning = warning
        self.relief = relief
        self.loop = loop
        self.log = log
        timer = loop.timers.register(self)
    }

    /// Replaces the content, now or as soon as it can be.
    func replace(with content: ByteBuffer) {
        deadline = nil
        do {
            // The folder may have been removed since the start.
            try Files.makeFolder(Files.folder(of: path))
            try Files.replace(path, with: content)
        } catch {
            return failed("\(error)", content)
        }
        pending = nil
        if patience.failures > 0 { log.info(relief, ["path": path]) }
        patience.succeeded()
    }

    func deadlineReached() {
        if let pending { replace(with: pending) }
    }

    /// Tries for the last time, for the end.
    func close() {
        deadlineReached()
        deadline = nil
    }

    private func failed(_ reason: String, _ content: ByteBuffer) {
        pending = content
        if patience.failures == 0 { log.warn(warning, ["reason": reason]) }
        deadline = loop.now.monotonic + patience.failed()
        loop.timers.update(timer, deadline: deadline)
    }
}
