import OllamaProxy

/// A day with the proxy's own machines and ledgers, and the models list as the proxy keeps it.
final class MachineDay {
    let world: World
    let account: SimulatedAccount
    private let strategy: Strategy
    private let runtime: VirtualRuntime
    private var catalog: Catalog
    private var list: [Model]
    /// Since the start.
    private var lastRefresh = Span.zero
    private var isRefreshing = false
    fileprivate var outcomes: [RequestOutcome] = []

    /// A list that turns out to be old is asked for again at most once in this time.
    private static let refreshInterval = Span.minutes(1)
    /// Seconds that a request is on its way.
    private static let way = 0.02...0.3

    init(world: World, account: SimulatedAccount, strategy: Strategy) {
        self.world = world
        self.account = account
        self.strategy = strategy
        runtime = VirtualRuntime(schedule: EventSchedule(start: Day.start), ledgers: Ledgers())
        runtime.ledgers.budget.recordTier(isFree: account.perDay <= 50, now: Day.start)
        list = world.list(at: 0)
        catalog = Self.catalog(list, strategy)
    }

    private static func catalog(_ list: [Model], _ strategy: Strategy) -> Catalog {
        var selection = Catalog.Selection()
        selection.order = strategy.order
        return Catalog(list, selection: selection)
    }

    func run(_ requests: [SimulatedRequest]) -> [RequestOutcome] {
        outcomes = Array(repeating: RequestOutcome(), count: requests.count)
        for request in requests {
            runtime.schedule.at(.seconds(request.time)) { [self] in start(request) }
        }
        runtime.schedule.run()
        return outcomes
    }

    private func start(_ request: SimulatedRequest) {
        let now = runtime.now
        guard
            let candidates = try? CandidateSequence(
                for: request.name, needs: request.needs, in: catalog, performance: runtime.ledgers.performance,
                now: now)
        else { return outcomes[request.index].loss = .refused }
        let machine = ExchangeMachine(
            door: request.door, request: UpstreamRequest(forwarding: ByteBuffer("{}"), edits: []),
            needs: request.needs, candidates: candidates, hidesThinking: false,
            remoteHost: "https://upstream.example", limits: strategy.limits, ledgers: runtime.ledgers,
            secret: Secret("sk-secret"), received: now)
        let client = DayClient(request, day: self)
        let exchange = runtime.start(machine, surroundings: client)
        runtime.schedule.after(.seconds(SimulatedRequest.patience)) {
            if !exchange.isFinished, !client.hasHeardAWord { exchange.clientLeaves() }
        }
    }

    fileprivate func script(for request: SimulatedRequest, attempt: Attempt) -> UpstreamScript {
        let elapsed = runtime.schedule.elapsed
        let door = request.door
        var random = SplitMix64(world.seed, UInt64(request.index), UInt64(attempt.number), 3)
        let way = Span.seconds(random.double(Self.way))
        if let refusal = account.admit(wall: runtime.schedule.moment(elapsed + way).wall) {
            return Fate(
                ending: .refused(status: 429, contentType: "application/json", body: refusal), firstWord: nil,
                end: 2 * way.seconds
            ).script(streams: door.streamsUpstream)
        }
        let fate = world.fate(of: request, asking: attempt.model.id, at: elapsed.seconds)
        return fate.script(streams: door.streamsUpstream)
    }

    fileprivate func refreshModels() {
        guard !isRefreshing else { return }
        isRefreshing = true
        let time = max(lastRefresh + Self.refreshInterval, runtime.schedule.elapsed + .seconds(1))
        runtime.schedule.at(time) { [self] in
            isRefreshing = false
            lastRefresh = runtime.schedule.elapsed
            let newList = world.list(at: runtime.schedule.elapsed.seconds)
            guard newList != list else { return }
            runtime.ledgers.failures.listHasChanged()
            list = newList
            catalog = Self.catalog(list, strategy)
        }
    }
}

/// One client of the day, and the upstream as its request finds it.
private final class DayClient: ExchangeSurroundings {
    private let request: SimulatedRequest
    private let day: MachineDay
    private(set) var hasHeardAWord = false
    private var isMidway = false

    init(_ request: SimulatedRequest, day: MachineDay) {
        self.request = request
        self.day = day
    }

    func answer(to attempt: Attempt, body: ByteBuffer, now: Moment) -> UpstreamScript {
        day.script(for: request, attempt: attempt)
    }

    func noticed(_ action: ExchangeAction, now: Moment) {
        switch action {
        case .beginStream(let head): if head.model != nil { hasHeardAWord = true }
        case .sendWhole: break
        case .reportFailure(let report): if report.record.wasCommitted { isMidway = true }
        case .refreshModels: day.refreshModels()
        case .finish(let report): finish(report)
        default: break
        }
    }

    func read(_ output: ByteBuffer, now: Moment) {
        // A heartbeat begins the stream, and the first word is only seen in what follows.
        if output.withBytes({ $0.offset(of: "word", from: 0) != nil }) { hasHeardAWord = true }
        if day.outcomes[request.index].loss == .refused { day.outcomes[request.index].loss = loss(output.text) }
        output.removeAll()
    }

    func deadlineStands(_ deadline: Instant, now: Moment) {
        preconditionFailure("a deadline that was reached was not moved")
    }

    private func finish(_ report: ExchangeRecord) {
        var outcome = RequestOutcome(isServed: report.outcome == .answered, attempts: report.attemptCount)
        if request.door.streams { outcome.firstWord = report.timeToFirstToken?.seconds }
        // Which loss it is, the reply's words will tell.
        if !outcome.isServed { outcome.loss = report.outcome == .clientLeft ? .clientLeft : .refused }
        day.outcomes[request.index] = outcome
    }

    private func loss(_ reply: String) -> Loss {
        let attempts = day.outcomes[request.index].attempts
        if isMidway { return .brokeMidway }
        if contains(reply, "today's quota") { return .dayUsedUp }
        if contains(reply, "requests queue for at most") || contains(reply, "the queue is full") {
            return .tooLateForTheQueue
        }
        if contains(reply, "no other model was tried") { return .fewerFallbacks }
        if attempts >= ExchangeMachine.Limits().attempts { return .attemptsUsedUp }
        return contains(reply, "Rate limit exceeded") ? .accountLimit : .noCandidateLeft
    }

    private func contains(_ text: String, _ phrase: String) -> Bool {
        text.withBytes { $0.offset(of: phrase, from: 0) != nil }
    }
}
