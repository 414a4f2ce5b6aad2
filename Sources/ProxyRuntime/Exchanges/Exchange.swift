import OllamaProxy

/// Performs what an exchange machine decides: owns its transfers, and is the owner of the client's request for as long
/// as the answer is not complete.
///
/// Inputs come from callbacks of both libraries, where nothing may be done but note it down; the actions they lead to
/// are performed from the loop.
final class Exchange: RequestOwner, TimerTarget, DeferredWork {
    /// With so much unread by the client, the upstream is not read any further.
    private static let highWaterMark = 64 << 10

    private let loop: EventLoop
    private let upstream: Upstream
    private let log: Log
    private unowned let exchanges: Exchanges
    private let keepAlive: KeepAlive
    private let requestID: String
    private let machine: ExchangeMachine
    /// nil once the client's side is over.
    private var request: IncomingRequest?
    /// The transfers of the attempts under way: one, two while a second model is asked.
    private var transfers: [AttemptTransfer] = []
    private var timer: TimerHandle?
    private var pending: [ExchangeAction] = []
    private var isQueued = false
    private var outputHasChanged = false

    init(
        _ machine: ExchangeMachine, keepAlive: KeepAlive, request: IncomingRequest, loop: EventLoop,
        upstream: Upstream, log: Log, exchanges: Exchanges
    ) {
        self.machine = machine
        self.request = request
        requestID = request.id
        self.loop = loop
        self.upstream = upstream
        self.log = log
        self.exchanges = exchanges
        self.keepAlive = keepAlive
    }

    /// The order of arrival among all requests.
    var arrival: TurnQueue.Arrival { machine.arrival }

    /// To be called from the access handler.
    func start() {
        timer = loop.timers.register(self)
        request?.wait(for: self)
        perform(machine.begin(now: loop.now))
    }

    /// A free request is allowed, and this exchange is the first that waits for one.
    func turnCame() {
        perform(machine.turnCame(now: loop.now))
    }

    /// The time for running answers is over.
    func shutDown() {
        perform(machine.shutDown(now: loop.now))
    }

    // MARK: The upstream's side

    fileprivate func transferHead(
        of attempt: Attempt, status: Int, contentType: String, hints: FailureRules.RetryHints
    ) {
        machine.upstreamHead(of: attempt, status: status, contentType: contentType, hints: hints)
    }

    fileprivate func transferBytes(_ bytes: Bytes, of attempt: Attempt) -> Bool {
        if machine.output.count >= Self.highWaterMark, machine.isStreaming {
            machine.upstreamPaused(true, now: loop.now)
            return false
        }
        perform(machine.upstreamBytes(bytes, of: attempt, now: loop.now))
        outputMayHaveChanged()
        return true
    }

    fileprivate func transferEnded(_ end: AttemptReader.TransferEnd, of attempt: Attempt) {
        transfers.removeAll { $0.attempt === attempt }
        perform(machine.upstreamEnded(end, of: attempt, now: loop.now))
        // What never left is taken off the count, so the next turn may come sooner.
        if case .unreachable = end { exchanges.scheduleTurns() }
        outputMayHaveChanged()
    }

    // MARK: The client's side

    func requestAbandoned() {
        perform(machine.clientLeft(now: loop.now))
    }

    func outputDrained() {
        if transfers.contains(where: \.isPaused) { queue() }
    }

    // MARK: Time

    var deadline: Instant? { machine.deadline }

    func deadlineReached() {
        perform(machine.deadlineReached(now: loop.now))
        outputMayHaveChanged()
    }

    // MARK: Actions

    private func perform(_ actions: [ExchangeAction]) {
        updateTimer()
        guard !actions.isEmpty else { return }
        for action in actions {
            switch action {
            // The machine has turned away from this attempt. What its transfer still brings, until it can be
            // removed, is nobody's any more.
            case .cancelAttempt(let attempt), .releaseAttempt(let attempt): transfer(of: attempt)?.letGo()
            // The request may be over, and logged, before the action is performed.
            case .finish(let report): request?.report = report
            default: break
            }
        }
        // Mostly there are none yet, and they need not be copied.
        if pending.isEmpty { pending = actions } else { pending += actions }
        queue()
    }

    private func updateTimer() {
        if let timer { loop.timers.update(timer, deadline: machine.deadline) }
    }

    private func outputMayHaveChanged() {
        guard !outputHasChanged, machine.isStreaming, !machine.output.isEmpty else { return }
        outputHasChanged = true
        queue()
    }

    private func queue() {
        guard !isQueued else { return }
        isQueued = true
        loop.later(self)
    }

    func performDeferredWork() {
        isQueued = false
        let actions = pending
        pending.removeAll()
        for action in actions { perform(action) }
        if outputHasChanged {
            outputHasChanged = false
            request?.outputChanged()
        }
        guard machine.output.count <= IncomingRequest.lowWaterMark else { return }
        for transfer in transfers where transfer.isPaused {
            machine.upstreamPaused(false, now: loop.now)
            updateTimer()
            transfer.resume()
        }
    }

    private func perform(_ action: ExchangeAction) {
        switch action {
        case .startAttempt(let attempt): startAttempt(attempt)
        case .cancelAttempt(let attempt): removeTransfer(of: attempt)?.cancel(upstream)
        case .releaseAttempt(let attempt): removeTransfer(of: attempt)?.release(upstream)
        case .forgetBody(let attempt):
            if transfer(of: attempt)?.forgetBody() == true { request?.forgetBody() }
        case .awaitTurn: exchanges.awaitTurn(self)
        case .beginStream(let head): request?.beginStream(Self.head(head), output: machine.output)
        case .sendWhole(let head): request?.reply(Self.head(head), body: machine.output)
        case .reportFailure(let report): log(report)
        case .reportStep(let step): log(step)
        case .refreshModels: exchanges.modelIsGone()
        case .finish(let report): finish(report)
        }
    }

    private func startAttempt(_ attempt: Attempt) {
        // It may have been given up since. A body is made only now that the transfer before is gone, which was reading
        // from the same bytes.
        guard attempt.isRunning, let body = machine.body(for: attempt) else { return }
        log.debug(
            "attempt_started",
            ["id": requestID, "attempt": attempt.number, "model": attempt.model.id, "bytes": body.count])
        let transfer = AttemptTransfer(attempt, exchange: self)
        transfers.append(transfer)
        if !transfer.start(machine.door.upstreamPath, body, upstream) {
            transferEnded(.failed("out of memory"), of: attempt)
        }
    }

    private func transfer(of attempt: Attempt) -> AttemptTransfer? {
        transfers.first { $0.attempt === attempt }
    }

    private func removeTransfer(of attempt: Attempt) -> AttemptTransfer? {
        guard let index = transfers.firstIndex(where: { $0.attempt === attempt }) else { return nil }
        return transfers.remove(at: index)
    }

    private func log(_ report: FailedAttempt) {
        log.warn(
            "attempt_failed",
            [
                "id": requestID, "attempt": report.record.number, "model": report.record.model,
                "kind": report.failure.kind.rawValue,
                "scope": report.failure.scope.rawValue, "committed": report.record.wasCommitted,
                "reason": report.failure.summary,
            ])
    }

    private func log(_ step: ExchangeStep) {
        switch step {
        case .queued(let wait):
            log.info(
                "request_queued",
                ["id": requestID, "seconds": wait.secondsRoundedUp, "waiting": exchanges.waitingCount])
        case .hedged(let model): log.info("request_hedged", ["id": requestID, "model": model])
        case .resumed(let model): log.info("stream_resumed", ["id": requestID, "model": model])
        }
    }

    /// The one place where an exchange ends: every link to and from it is cut here.
    private func finish(_ report: ExchangeRecord) {
        timer.map(loop.timers.unregister)
        exchanges.ended(self, report, keepAlive: keepAlive)
        guard let request else { return }
        self.request = nil
        request.owner = nil
        switch report.outcome {
        case .clientLeft: request.abandon()
        case .answered, .failed, .shutDown: request.endStream()
        }
    }

    private static func head(_ head: ReplyHead) -> IncomingRequest.Head {
        var result = IncomingRequest.Head(status: head.status, contentType: head.contentType)
        if let model = head.model { result.headers.append(("X-Proxy-Model", model)) }
        result.headers.append(("X-Proxy-Attempts", String(head.attempts)))
        if let remaining = head.budgetRemaining {
            result.headers.append(("X-Proxy-Budget-Remaining", String(remaining)))
        }
        if let wait = head.retryAfter { result.headers.append(("Retry-After", String(wait.secondsRoundedUp))) }
        return result
    }
}

/// The transfer of one attempt, and whose it is.
private final class AttemptTransfer: TransferOwner {
    let attempt: Attempt
    private unowned let exchange: Exchange
    private var transfer: Transfer?

    init(_ attempt: Attempt, exchange: Exchange) {
        self.attempt = attempt
        self.exchange = exchange
    }

    /// - Returns: false when there is no memory for it.
    func start(_ path: String, _ body: UpstreamBody, _ upstream: Upstream) -> Bool {
        transfer = upstream.start(path: path, body: body, owner: self)
        return transfer != nil
    }

    var isPaused: Bool { transfer?.isPaused ?? false }

    func resume() { transfer?.resume() }

    /// - Returns: whether the body's bytes are free.
    func forgetBody() -> Bool { transfer?.forgetBody() ?? true }

    /// Owner and transfer hold each other until here.
    func letGo() { transfer?.owner = nil }

    func cancel(_ upstream: Upstream) {
        if let transfer { upstream.cancel(transfer) }
        transfer = nil
    }

    func release(_ upstream: Upstream) {
        if let transfer { upstream.release(transfer) }
        transfer = nil
    }

    func transferHead(status: Int, contentType: String, hints: FailureRules.RetryHints) {
        exchange.transferHead(of: attempt, status: status, contentType: contentType, hints: hints)
    }

    func transferBytes(_ bytes: Bytes) -> Bool { exchange.transferBytes(bytes, of: attempt) }

    func transferEnded(_ end: AttemptReader.TransferEnd) {
        transfer = nil
        exchange.transferEnded(end, of: attempt)
    }
}
