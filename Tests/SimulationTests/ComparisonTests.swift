import Simulation
import Testing

/// A day with the proxy against a day with a fallback that everyone writes first.
@Suite struct ComparisonTests {
    @Test(arguments: Scenario.all)
    func proxyServesMoreAndSpendsLess(scenario: Scenario) {
        let day = Day(scenario, seed: 1)
        let naive = day.run(.naive)
        for strategy in [Strategy.context, .reliability] {
            let result = day.run(strategy)
            #expect(result.served >= naive.served, "\(scenario.name), \(strategy): \(result.served) of \(naive.served)")
            #expect(result.lost <= naive.lost)
            #expect(result.spent <= naive.spent)
            #expect(result.burnt < naive.burnt)
            #expect(result.attemptsPerSuccess < naive.attemptsPerSuccess)
            #expect(result.refusedByAccount == 0, "a request that could have been held back")
        }
    }

    /// What is lost is lost for a reason that the report gives.
    @Test(arguments: Scenario.all)
    func lossesHaveTheirReasons(scenario: Scenario) {
        let result = Day(scenario, seed: 2).run(.context)
        #expect(result.losses.reduce(0) { $0 + $1.count } == result.lost)
        #expect(!result.losses.contains { $0.loss == .refused || $0.loss == .accountLimit })
    }

    @Test func sameSeedMakesTheSamePage() {
        #expect(Self.page(seed: 5) == Self.page(seed: 5))
        #expect(Self.page(seed: 5) != Self.page(seed: 6))
    }

    private static func page(seed: UInt64) -> String {
        let days = Scenario.all.filter { $0.name == "small budget" }.map { Day($0, seed: seed) }
        return MarkdownReport(
            seed: seed, results: days.flatMap { day in Strategy.allCases.map { day.run($0) } }
        ).text
    }
}
