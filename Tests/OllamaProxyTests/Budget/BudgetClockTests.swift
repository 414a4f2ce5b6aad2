import OllamaProxy
import Testing

/// The count of the account's free requests, and a wall clock that jumps.
struct BudgetLedgerClockTests {
    private static let spent = 5

    private static func moment(monotonic: Double, wall: Double) -> Moment {
        Moment(monotonic: Moment.at(monotonic).monotonic, wall: Moment.at(wall).wall)
    }

    private static func budget() -> BudgetLedger {
        let budget = BudgetLedger(policy: .init(perMinute: 5, perDay: 8))
        for _ in 0..<spent { budget.count(now: .at(0)) }
        return budget
    }

    /// The minute is one of the clock that does not jump.
    @Test(arguments: [-86_400, -3600, 3600, 86_400] as [Double])
    func theMinuteDoesNotCare(jump: Double) {
        let budget = Self.budget()
        let end = Moment.at(61).monotonic
        #expect(budget.turnTime(ahead: 0, now: Self.moment(monotonic: 1, wall: 1 + jump)) == end)
        #expect(budget.turnTime(ahead: 0, now: Self.moment(monotonic: 61, wall: 61 + jump)) == end)
        #expect(budget.countOfMinute(now: Self.moment(monotonic: 61, wall: 61 + jump)) == 0)
    }

    @Test(arguments: [-86_400, 86_400] as [Double])
    func anotherDayAndBackLosesNothing(jump: Double) {
        let budget = Self.budget()
        #expect(budget.remainingToday(now: .at(1)) == 3)
        #expect(budget.remainingToday(now: Self.moment(monotonic: 2, wall: 2 + jump)) == 8)
        budget.count(now: Self.moment(monotonic: 3, wall: 3 + jump))
        #expect(budget.remainingToday(now: .at(4)) == 3)
        #expect(budget.remainingToday(now: Self.moment(monotonic: 5, wall: 5 + jump)) == 7)
    }

    @Test func anHourWithinTheDayChangesNothing() {
        let budget = Self.budget()
        #expect(budget.remainingToday(now: Self.moment(monotonic: 1, wall: 3601)) == 3)
        #expect(budget.remainingToday(now: Self.moment(monotonic: 2, wall: -3598)) == 3)
    }

    /// Requests that a wrong clock has counted in the future do not fill the minute at each start until then.
    @Test func whatLiesAheadDoesNotFillTheMinuteAfterARestart() {
        let now = Moment.at(0)
        let budget = BudgetLedger(policy: .init(perMinute: 5))
        budget.load(countToday: 0, recent: [(second: now.wall + .seconds(3600), count: 5)], limits: nil, now: now)
        #expect(budget.turnTime(ahead: 0, now: now) == now.monotonic)
        // The very second it is counts.
        budget.load(countToday: 0, recent: [(second: now.wall, count: 5)], limits: nil, now: now)
        #expect(budget.turnTime(ahead: 0, now: now) > now.monotonic)
    }

    /// A refusal until a time that a wrong clock has named is over at the day's end at the latest.
    @Test func aRefusalDoesNotOutlastTheDayItWasGivenOn() {
        let budget = BudgetLedger(policy: .init(perDay: 50))
        let ahead = Self.moment(monotonic: 0, wall: 10 * 86_400)
        budget.record(.init(window: .day, limit: nil, reset: nil), now: ahead)
        #expect(budget.remainingToday(now: ahead) == 0)
        #expect(budget.remainingToday(now: .at(1)) == 50)
    }
}
