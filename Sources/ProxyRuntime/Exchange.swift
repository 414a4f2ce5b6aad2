import OllamaProxy

/// Performs what an exchange machine decides: owns its transfer, and is the owner of the client's request for as long
/// as the answer is not complete.
///
/// Inputs come from callbacks of both libraries, where nothing may be done but note it down; the actions they lead to
/// are performed from the loop.
final class Exchange: TransferOwner, RequestOwner, TimerTarget, DeferredWork {
    /// With so much unread by the client, the upstream is not read any further.
    private static let highWaterMark = 64 << 10

    private let loop: EventLoop
    private let upstream: Upstream
    private let log: Log
    private unowned let exchanges: Exchanges
    private let keepAlive: KeepAlive
    private var machine: ExchangeMachine
    /// nil once the client's side is over.
    private var request: IncomingRequest?
    private var transfer: Transfer?
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
        self.loop = loop
        self.upstream = upstream
        self.log = log
        self.exchanges = exchanges
        self.keepAlive = keepAlive
    }

    /// To be called from the access handler.
    func start() {
        timer = loop.timers.register(self)
        request?.wait(for: self)
        take(machine.begin(now: loop.now))
    }

    /// The time for running answers is over.
    func shutDown() {
        take(machine.shutDown(now: loop.now))
    }

    // MARK: The upstream's side

    func transferHead(status: Int, contentType: String, hints: Classification.RetryHints) {
        machine.upstreamHead(status: status, contentType: contentType, hints: hints)
    }

    func takesBytes() -> Bool {
        guard machine.isStreaming, machine.output.count >= Self.highWaterMark else { return true }
        machine.upstreamPaused(true, now: loop.now)
        return false
    }

    func transferBytes(_ bytes: Bytes) {
        take(machine.upstreamBytes(bytes, now: loop.now))
        outputMayHaveChanged()
    }

    func transferEnded(_ end: AttemptReader.TransferEnd) {
        transfer = nil
        take(machine.upstreamEnded(end, now: loop.now))
        outputMayHaveChanged()
    }

    // MARK: The client's side

    func requestAbandoned() {
        take(machine.clientLeft(now: loop.now))
    }

    func outputDrained() {
        if transfer?.isPaused == true { queue() }
    }

    // MARK: Time

    var deadline: Int64? { machine.deadline }

    func deadlineReached() {
        take(machine.deadlineReached(now: loop.now))
        outputMayHaveChanged()
    }

    // MARK: Actions

    private func take(_ actions: [ExchangeAction]) {
        updateTimer()
        guard !actions.isEmpty else { return }
        for action in actions {
            switch action {
            // The machine has turned away from this attempt. What its transfer still brings, until it can be
            // removed, would be taken for the next one's.
            case .cancelAttempt, .releaseAttempt: transfer?.owner = nil
            // The request may be over, and logged, before the action is performed.
            case .finish(let report): request?.report = report
            default: break
            }
        }
        pending += actions
        queue()
    }

    private func updateTimer() {
        if let timer { loop.timers.update(timer, deadline: machine.deadline) }
    }

    private func outputMayHaveChanged() {
        guard machine.isStreaming, !machine.output.isEmpty else { return }
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
        if let transfer, transfer.isPaused, machine.output.count <= IncomingRequest.lowWaterMark {
            machine.upstreamPaused(false, now: loop.now)
            updateTimer()
            transfer.resume()
        }
    }

    private func perform(_ action: ExchangeAction) {
        switch action {
        case .startAttempt(let model): startAttempt(model)
        case .cancelAttempt:
            if let transfer { upstream.cancel(transfer) }
            transfer = nil
        case .releaseAttempt:
            if let transfer { upstream.release(transfer) }
            transfer = nil
        case .beginStream(let head): request?.beginStream(Self.head(head), output: machine.output)
        case .sendWhole(let head): request?.reply(Self.head(head), body: machine.output)
        case .reportAttempt(let report): log(report)
        case .refreshModels: exchanges.modelIsGone()
        case .finish(let report): finish(report)
        }
    }

    private func startAttempt(_ model: Model) {
        // Made only now that the transfer before is gone: it was reading from the same bytes.
        let body = machine.body(for: model)
        log.debug("attempt_started", ["model": model.id, "bytes": body.count])
        transfer = upstream.start(path: machine.door.upstreamPath, body: body, owner: self)
        if transfer == nil { transferEnded(.failed("out of memory")) }
    }

    private func log(_ report: AttemptReport) {
        log.warn(
            "attempt_failed",
            [
                "attempt": report.number, "model": report.model, "kind": report.failure.kind.rawValue,
                "committed": report.wasCommitted, "reason": report.failure.summary,
            ])
    }

    /// The one place where an exchange ends: every link to and from it is cut here.
    private func finish(_ report: ExchangeReport) {
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
        if let model = head.model { result.headers.append(("X-Ollama-Proxy-Model", model)) }
        if let seconds = head.retryAfterSeconds { result.headers.append(("Retry-After", String(seconds))) }
        return result
    }
}
