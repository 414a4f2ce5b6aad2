import OllamaProxy

/// One request for something of the upstream's that is no answer to anybody: begun from the loop, limited in time and
/// size, and told about once.
final class Fetch: TransferOwner, TimerTarget, DeferredWork {
    enum Outcome {
        case reply(status: Int, ByteBuffer)
        /// There is none; the text says why.
        case failed(String)
    }

    private let path: String
    private let loop: EventLoop
    private let upstream: Upstream
    private let timeAllowed: Span
    private let bodyLimit: Int
    private let ended: (Outcome) -> Void
    private var timer: TimerHandle!
    private var transfer: Transfer?
    private let body = ByteBuffer()
    private var isTooLarge = false
    private var status = 0
    private(set) var deadline: Instant?

    /// - Parameters:
    ///   - path: behind the base URL.
    ///   - bodyLimit: a larger body is no answer, in bytes.
    ///   - ended: called once for each time it was begun and not cancelled.
    init(
        _ path: String, loop: EventLoop, upstream: Upstream, timeAllowed: Span, bodyLimit: Int,
        ended: @escaping (Outcome) -> Void
    ) {
        self.path = path
        self.loop = loop
        self.upstream = upstream
        self.timeAllowed = timeAllowed
        self.bodyLimit = bodyLimit
        self.ended = ended
        timer = loop.timers.register(self)
    }

    /// Whether it is under way.
    var isRunning: Bool { deadline != nil }

    /// Does nothing while it is under way.
    func begin() {
        guard !isRunning else { return }
        deadline = loop.now.monotonic + timeAllowed
        loop.timers.update(timer, deadline: deadline)
        // A transfer is started from the loop only.
        loop.later(self)
    }

    func cancel() {
        if let transfer { upstream.cancel(transfer) }
        transfer = nil
        deadline = nil
        body.removeAll(keepingAtMost: 0)
        isTooLarge = false
    }

    func performDeferredWork() {
        if isTooLarge {
            cancel()
            return ended(.failed("more than \(bodyLimit >> 10) kB"))
        }
        guard isRunning, transfer == nil else { return }
        status = 0
        transfer = upstream.start(path: path, body: nil, owner: self)
        if transfer == nil { end(.failed("out of memory")) }
    }

    func deadlineReached() {
        cancel()
        ended(.failed("no answer within \(timeAllowed.secondsRoundedUp) s"))
    }

    func transferHead(status: Int, contentType: String, hints: FailureRules.RetryHints) {
        self.status = status
    }

    func transferBytes(_ bytes: Bytes) -> Bool {
        guard !isTooLarge else { return true }
        if body.count + bytes.count <= bodyLimit {
            body.append(bytes)
        } else {
            isTooLarge = true
            // A transfer is broken off from the loop only.
            loop.later(self)
        }
        return true
    }

    func transferEnded(_ end: AttemptReader.TransferEnd) {
        transfer = nil
        // It is about to be said.
        guard !isTooLarge else { return }
        defer { body.removeAll(keepingAtMost: 0) }
        switch end {
        case .failed(let reason), .unreachable(let reason): self.end(.failed(reason))
        case .complete: self.end(.reply(status: status, body))
        }
    }

    private func end(_ outcome: Outcome) {
        transfer = nil
        deadline = nil
        ended(outcome)
    }
}
