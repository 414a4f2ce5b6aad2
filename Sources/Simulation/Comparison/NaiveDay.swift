import OllamaProxy

/// The fallback that everyone writes first: the model that was asked for, then the list from its top, whatever failed
/// and however often before.
final class NaiveDay {
    private let world: World
    private let account: SimulatedAccount
    private let limits: ExchangeMachine.Limits
    private let schedule = EventSchedule(start: Day.start)
    private var outcomes: [RequestOutcome] = []

    init(world: World, account: SimulatedAccount, limits: ExchangeMachine.Limits) {
        self.world = world
        self.account = account
        self.limits = limits
    }

    func run(_ requests: [SimulatedRequest]) -> [RequestOutcome] {
        outcomes = Array(repeating: RequestOutcome(), count: requests.count)
        let ids = world.list(at: 0).map(\.id)
        for request in requests {
            let order = ids.filter { $0 == request.name } + ids.filter { $0 != request.name }
            schedule.at(.seconds(request.time)) { [self] in attempt(request, order[...]) }
        }
        schedule.run()
        return outcomes
    }

    private func attempt(_ request: SimulatedRequest, _ order: ArraySlice<String>) {
        guard outcomes[request.index].attempts < limits.attempts, let id = order.first else {
            outcomes[request.index].loss = outcomes[request.index].loss ?? .attemptsUsedUp
            return
        }
        let waited = schedule.elapsed.seconds - request.time
        guard waited < SimulatedRequest.patience else {
            outcomes[request.index].loss = .clientLeft
            return
        }
        outcomes[request.index].attempts += 1
        if account.admit(wall: schedule.now.wall) != nil {
            outcomes[request.index].loss = .accountLimit
            return goOn(request, order, after: 0.2)
        }
        outcomes[request.index].loss = nil
        let fate = world.fate(of: request, asking: id, at: schedule.elapsed.seconds)
        // Only in a stream does silence show; a body that is not streamed is kept alive until it is whole.
        let silence = limits.firstToken.seconds
        if request.door.streamsUpstream, (fate.firstWord ?? fate.end) > silence {
            return goOn(request, order, after: silence)
        }
        if fate.isComplete, let firstWord = fate.firstWord {
            outcomes[request.index].isServed = waited + firstWord <= SimulatedRequest.patience
            if request.door.streams { outcomes[request.index].firstWord = waited + firstWord }
            if !outcomes[request.index].isServed { outcomes[request.index].loss = .clientLeft }
        } else if fate.firstWord != nil, request.door.streams {
            outcomes[request.index].loss = .brokeMidway
        } else {
            goOn(request, order, after: fate.end)
        }
    }

    private func goOn(_ request: SimulatedRequest, _ order: ArraySlice<String>, after seconds: Double) {
        schedule.after(.seconds(seconds)) { [self] in attempt(request, order.dropFirst()) }
    }
}
