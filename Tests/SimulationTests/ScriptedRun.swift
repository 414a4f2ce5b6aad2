import OllamaProxy
import Simulation

/// Some requests at one proxy, everything about them taken from one seed.
struct ScriptedRun {
    /// What not every run comes to.
    enum Event: CaseIterable {
        case answered, answeredByAnother, failed, clientLeft, shutDown, queued, hedged, brokenMidway, resumed, mended,
            paused, comparedToTheLetter
    }

    /// All that should not be.
    private(set) var violations: [String] = []
    /// What happened, and to how many clients.
    private(set) var events: [Event: Int] = [:]

    init(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let models = RandomModels.list(&random)
        let selection = RandomModels.selection(of: models, &random)
        let catalog = Catalog(models, selection: selection)
        let policy = BudgetLedger.Policy(
            perMinute: random.element(of: [nil, 0, 2, 5, 20]), perDay: random.element(of: [nil, nil, 0, 3, 12, 50]))
        let ledgers = Ledgers(
            failures: FailureLedger(
                policy: .init(
                    cooldown: .seconds(random.element(of: [0, 30, 300])),
                    rateLimitCooldown: .seconds(random.element(of: [0, 60])))),
            budget: BudgetLedger(policy: policy), turns: TurnQueue(most: random.element(of: [2, 500])))
        let limits = Self.limits(&random)
        let runtime = VirtualRuntime(schedule: EventSchedule(start: Self.start(&random)), ledgers: ledgers)
        let rules = WitnessedClient.Rules(
            freeOnly: selection.freeOnly, maxPricePerMillion: selection.maxPricePerMillion, limits: limits)
        let upstream = RandomUpstream(reliability: random.element(of: [0, 0.3, 0.7, 1]), isSlow: random.chance(0.4))
        let counter = CountingUpstream()
        var visits: [Visit] = []
        let span = random.element(of: [1.0, 20, 300])
        for _ in 0..<random.integer(1...12) {
            let visit = Visit(
                naming: RandomModels.name(of: models, &random), catalog: catalog, rules: rules, upstream: upstream,
                counter: counter, runtime: runtime, random: SplitMix64(seed: random.next()))
            visits.append(visit)
            runtime.schedule.at(.seconds(random.double(0...span))) { visit.begin() }
        }
        if random.chance(0.1) {
            runtime.schedule.at(.seconds(random.double(0...span + 60))) {
                runtime.shutDown()
                for visit in visits { visit.isClosed = true }
            }
        }
        runtime.schedule.run()
        violations = visits.flatMap { $0.violations() } + Self.violations(of: policy, counter, ledgers)
        for event in visits.flatMap(\.events) { events[event, default: 0] += 1 }
    }

    private static func violations(
        of policy: BudgetLedger.Policy, _ counter: CountingUpstream, _ ledgers: Ledgers
    ) -> [String] {
        var found: [String] = []
        // Unless told otherwise, twenty a minute are taken for granted, and no error here teaches another number.
        let perMinute = policy.perMinute ?? 20
        if perMinute > 0, counter.mostInAMinute > perMinute {
            found.append("\(counter.mostInAMinute) free requests in a minute, \(perMinute) allowed")
        }
        if let perDay = policy.perDay, perDay > 0, counter.mostInADay > perDay {
            found.append("\(counter.mostInADay) free requests in a day, \(perDay) allowed")
        }
        if ledgers.turns.count > 0 { found.append("\(ledgers.turns.count) places in the queue are left over") }
        return found
    }

    private static func limits(_ random: inout SplitMix64) -> ExchangeMachine.Limits {
        ExchangeMachine.Limits(
            attempts: random.integer(1...6), firstToken: .seconds(random.element(of: [5, 30])),
            idle: .seconds(random.element(of: [10, 120])),
            total: .seconds(random.element(of: [0, 0, 3, 40])), heartbeat: .seconds(random.element(of: [0, 2, 15])),
            queue: .seconds(random.element(of: [0, 10, 30, 120])), hedge: .seconds(random.element(of: [0, 1, 5])),
            hedgesFree: random.chance(0.5), continuesStreams: random.chance(0.5))
    }

    /// Now and then just before midnight.
    private static func start(_ random: inout SplitMix64) -> Moment {
        let midnight = UnixTime(day: 20_718)
        let wall =
            random.chance(0.3) ? midnight - .seconds(random.integer(1...60)) : midnight + .seconds(40_000)
        return Moment(
            monotonic: Instant(nanoseconds: 0) + .seconds(random.integer(1...1_000_000)), wall: wall)
    }
}

/// One client's visit: it asks, reads, and may leave.
private final class Visit {
    private let name: String
    private let catalog: Catalog
    private let rules: WitnessedClient.Rules
    private let upstream: RandomUpstream
    private let counter: CountingUpstream
    private let runtime: VirtualRuntime
    private var random: SplitMix64
    private var machine: ExchangeMachine?
    private var client: WitnessedClient?
    private var exchange: VirtualExchange?
    /// The proxy takes no new requests.
    var isClosed = false

    init(
        naming name: String, catalog: Catalog, rules: WitnessedClient.Rules, upstream: RandomUpstream,
        counter: CountingUpstream, runtime: VirtualRuntime, random: SplitMix64
    ) {
        self.name = name
        self.catalog = catalog
        self.rules = rules
        self.upstream = upstream
        self.counter = counter
        self.runtime = runtime
        self.random = random
    }

    func begin() {
        let now = runtime.now
        guard !isClosed, let request = try? RandomRequest(naming: name, in: catalog, &random),
            let candidates = try? CandidateSequence(
                for: name, needs: request.needs, in: catalog, performance: runtime.ledgers.performance, now: now)
        else { return }
        let machine = ExchangeMachine(
            door: request.door, request: request.request, needs: request.needs, candidates: candidates,
            hidesThinking: random.chance(0.2), remoteHost: "https://upstream.example", limits: rules.limits,
            ledgers: runtime.ledgers, secret: Secret("sk-secret"), received: now)
        let client = WitnessedClient(
            door: request.door, rules: rules, upstream: upstream, counter: counter, received: now,
            random: SplitMix64(seed: random.next()))
        self.machine = machine
        self.client = client
        let exchange = runtime.start(machine, surroundings: client, highWaterMark: client.mark)
        self.exchange = exchange
        if client.isSlow { readLater() }
        if random.chance(0.15) {
            runtime.schedule.after(.seconds(random.double(0...40))) { exchange.clientLeaves() }
        }
    }

    private func readLater() {
        runtime.schedule.after(.seconds(random.double(0...8))) { [self] in
            guard let exchange, let client, let machine else { return }
            client.take(machine.output)
            exchange.clientReads()
            if !exchange.isFinished { readLater() }
        }
    }

    var events: Set<ScriptedRun.Event> { client?.events ?? [] }

    /// Everything has happened.
    func violations() -> [String] {
        guard let client, let machine else { return [] }
        client.take(machine.output)
        client.checkEnd()
        return client.violations.map { "\(machine.door), \(name): \($0)" }
    }
}
