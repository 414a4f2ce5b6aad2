import OllamaProxy

/// Owns every exchange under way, from its start to its end.
final class Exchanges {
    private let configuration: Configuration
    /// Taken out of the configuration once: each exchange is given both.
    private let remoteHost: String
    private let secret: Secret
    private let loop: EventLoop
    private let upstream: Upstream
    private let ledgers: Ledgers
    private let models: ModelsKeeper
    private let log: Log
    private var running: [ObjectIdentifier: Exchange] = [:]
    /// Those that wait for a free request to be allowed.
    private var waiting: [TurnQueue.Arrival: Exchange] = [:]
    private var queueTimer: QueueTimer!
    private let tidier: HeapTidier
    private(set) var recent = RecentModels()
    /// Nothing new is begun any more.
    private(set) var isClosed = false

    init(
        configuration: Configuration, loop: EventLoop, upstream: Upstream, ledgers: Ledgers, models: ModelsKeeper,
        log: Log
    ) {
        self.configuration = configuration
        remoteHost = configuration.remoteHost
        secret = configuration.secret
        self.loop = loop
        self.upstream = upstream
        self.ledgers = ledgers
        self.models = models
        self.log = log
        tidier = HeapTidier(loop: loop)
        queueTimer = QueueTimer(loop: loop) { [unowned self] in giveTurns() }
    }

    var waitingCount: Int { ledgers.turns.count }

    var count: Int { running.count }

    /// Begins an exchange for a request, whose access handler is calling.
    func start(
        _ door: Door, _ upstreamRequest: UpstreamRequest, _ candidates: CandidateSequence,
        needs: RequestNeeds = RequestNeeds(), hidesThinking: Bool = false, keepAlive: KeepAlive = .standard,
        for request: IncomingRequest
    ) throws(RequestError) {
        guard !isClosed else { throw .shuttingDown }
        let most = configuration.serverLimits.concurrentRequests
        guard running.count < most else { throw .tooManyRequests(most) }
        if let reason = candidates.substitution {
            log.info("model_substituted", ["id": request.id, "asked": candidates.requestedName, "reason": reason])
        }
        let machine = ExchangeMachine(
            door: door, request: upstreamRequest, needs: needs, candidates: candidates, hidesThinking: hidesThinking,
            remoteHost: remoteHost, limits: configuration.limits, ledgers: ledgers,
            secret: secret, received: loop.now)
        let exchange = Exchange(
            machine, keepAlive: keepAlive, request: request, loop: loop, upstream: upstream, log: log, exchanges: self)
        running[ObjectIdentifier(exchange)] = exchange
        tidier.exchanges(running: running.count)
        exchange.start()
    }

    func ended(_ exchange: Exchange, _ report: ExchangeRecord, keepAlive: KeepAlive) {
        running[ObjectIdentifier(exchange)] = nil
        if waiting.removeValue(forKey: exchange.arrival) != nil { scheduleTurns() }
        if report.outcome == .answered, let model = report.model {
            recent.record(model, keepAlive: keepAlive, now: loop.now)
        }
        tidier.exchanges(running: running.count)
    }

    // MARK: The queue

    /// The exchange has entered the queue.
    func awaitTurn(_ exchange: Exchange) {
        guard ledgers.turns.contains(exchange.arrival) else { return }
        waiting[exchange.arrival] = exchange
        scheduleTurns()
    }

    /// Says when the queue is next to be looked at.
    func scheduleTurns() {
        queueTimer.deadline = ledgers.turns.first == nil ? nil : ledgers.budget.turnTime(ahead: 0, now: loop.now)
    }

    /// Lets those go on whose turn has come, in the order they arrived.
    private func giveTurns() {
        while let first = ledgers.turns.first, ledgers.budget.turnTime(ahead: 0, now: loop.now) <= loop.now.monotonic {
            // An exchange that has just entered, or enters again, has yet to call, which schedules what follows.
            guard let exchange = waiting.removeValue(forKey: first) else { return }
            exchange.turnCame()
            guard ledgers.turns.first != first else { return }
        }
        scheduleTurns()
    }

    /// The model was loaded or unloaded without a chat, as far as a hosted model can be.
    func recordUse(of model: String, keepAlive: KeepAlive) {
        recent.record(model, keepAlive: keepAlive, now: loop.now)
    }

    func modelIsGone() {
        models.refreshSoon()
    }

    /// The models in use now.
    func currentlyUsed() -> [String: RecentModels.Use] {
        recent.current(now: loop.now)
    }

    /// Begins nothing new; what runs goes on.
    func close() {
        isClosed = true
    }

    /// Ends what runs, each with an error.
    func endAll() {
        for exchange in running.values { exchange.shutDown() }
    }
}

/// Wakes the queue.
private final class QueueTimer: TimerTarget {
    private let loop: EventLoop
    private let turnsMayCome: () -> Void
    private var timer: TimerHandle!
    var deadline: Instant? {
        didSet { loop.timers.update(timer, deadline: deadline) }
    }

    init(loop: EventLoop, turnsMayCome: @escaping () -> Void) {
        self.loop = loop
        self.turnsMayCome = turnsMayCome
        timer = loop.timers.register(self)
    }

    func deadlineReached() {
        deadline = nil
        turnsMayCome()
    }
}
