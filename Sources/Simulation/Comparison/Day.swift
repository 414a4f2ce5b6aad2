import OllamaProxy

/// A scenario on one seed: the same world and the same requests for every strategy.
package struct Day {
    package let scenario: Scenario
    let world: World
    let requests: [SimulatedRequest]
    private let servable: [Bool]

    /// 22 September 2026, 00:00 UTC.
    static let midnight = UnixTime(day: 20_718)
    /// The monotonic clock is no clock of the day.
    static let start = Moment(monotonic: Instant(nanoseconds: 0) + .seconds(1000), wall: midnight)

    package init(_ scenario: Scenario, seed: UInt64) {
        self.scenario = scenario
        world = World(seed: seed, models: scenario.models)
        requests = scenario.traffic.requests(seed: seed, models: scenario.models)
        var oracle = Oracle(world: world, account: scenario.account(), midnight: Self.midnight)
        servable = oracle.servable(requests)
    }

    package func run(_ strategy: Strategy) -> DayResult {
        let account = scenario.account()
        let outcomes =
            strategy == .naive
            ? NaiveDay(world: world, account: account, limits: strategy.limits).run(requests)
            : MachineDay(world: world, account: account, strategy: strategy).run(requests)
        return DayResult(
            scenario: scenario, strategy: strategy, outcomes: outcomes, servable: servable, spent: account.spent,
            refusedByAccount: account.refused)
    }
}
