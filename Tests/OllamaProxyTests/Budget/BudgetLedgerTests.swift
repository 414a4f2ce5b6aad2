import OllamaProxy
import Testing

/// The count of the account's free requests, against a clock of the test's own.
struct BudgetLedgerTests {
    /// 2026-09-21, half past one at night UTC.
    private let start = Moment.at(0)
    private static let secondsUntilMidnight = 86_400 - (Moment.at(0).wall - Moment.at(0).wall.startOfDay).seconds

    private func spend(_ count: Int, of budget: BudgetLedger, at time: Double = 0) {
        for _ in 0..<count { budget.count(now: .at(time)) }
    }

    @Test func holdsTheTwentyFirstRequestOfAMinuteBack() {
        let budget = BudgetLedger()
        spend(10, of: budget)
        spend(10, of: budget, at: 30)
        #expect(budget.admission(now: .at(30)) == .wait(until: Moment.at(61).monotonic))
        #expect(budget.admission(now: .at(60.9)) == .wait(until: Moment.at(61).monotonic))
        #expect(budget.admission(now: .at(61)) == .granted)
        #expect(budget.countOfMinute(now: .at(61)) == 10)
    }

    @Test func knowsTheTurnOfThoseWhoWaitBehind() {
        let budget = BudgetLedger(policy: .init(perMinute: 2))
        budget.count(now: .at(0))
        budget.count(now: .at(20))
        let turns = (0..<4).map { budget.turnTime(ahead: $0, now: .at(20)) }
        #expect(turns == [61, 81, 122, 142].map { Moment.at($0).monotonic })
    }

    @Test func theDayEndsAtMidnightUTC() {
        let budget = BudgetLedger(policy: .init(perMinute: 0, perDay: 3))
        spend(3, of: budget)
        let midnight = Moment.at(Self.secondsUntilMidnight)
        #expect(budget.admission(now: .at(1)) == .exhausted(until: midnight.wall))
        #expect(budget.remainingToday(now: .at(1)) == 0)
        #expect(budget.admission(now: midnight) == .granted)
        #expect(budget.remainingToday(now: midnight) == 3)
    }

    @Test func nothingIsHeldBackWhereNothingIsToBe() {
        let budget = BudgetLedger(policy: .init(perMinute: 0, perDay: 0))
        spend(5000, of: budget)
        budget.record(.init(window: .minute, limit: 16, reset: nil), now: start)
        budget.record(.init(window: .day, limit: 50, reset: nil), now: start)
        #expect(budget.admission(now: start) == .granted)
        #expect(budget.remainingToday(now: start) == nil)
        #expect(budget.attemptsAllowed(of: 5, now: start) == 5)
        #expect(budget.countToday(now: start) == 5000)
    }

    @Test func theUpstreamsRefusalsTeachItsLimits() {
        let budget = BudgetLedger()
        #expect(budget.minuteLimit == 20 && budget.dayLimit == 1000)
        budget.recordTier(isFree: true, now: start)
        #expect(budget.dayLimit == 50)
        budget.record(.init(window: .minute, limit: 16, reset: start.wall + .seconds(25)), now: start)
        #expect(budget.minuteLimit == 16)
        #expect(budget.admission(now: .at(24)) == .wait(until: Moment.at(25).monotonic))
        #expect(budget.admission(now: .at(25)) == .granted)
        budget.record(.init(window: .day, limit: 1000, reset: start.wall + .seconds(500)), now: .at(30))
        #expect(budget.dayLimit == 1000)
        #expect(budget.admission(now: .at(499)) == .exhausted(until: start.wall + .seconds(500)))
        #expect(budget.admission(now: .at(500)) == .granted)
        // What was learned holds for its day: credits may be bought.
        #expect(budget.minuteLimit == 16)
        #expect(budget.remainingToday(now: .at(Self.secondsUntilMidnight)) == 50)
        #expect(budget.minuteLimit == 20)
    }

    @Test func aRefusalWithoutATimeMeansTheEndOfItsWindow() {
        let budget = BudgetLedger()
        budget.record(.init(window: .minute, limit: nil, reset: nil), now: start)
        #expect(budget.turnTime(ahead: 0, now: start) == Moment.at(61).monotonic)
        budget.record(.init(window: .day, limit: nil, reset: nil), now: start)
        let midnight = Moment.at(Self.secondsUntilMidnight).wall
        #expect(budget.admission(now: start) == .exhausted(until: midnight))
    }

    @Test func whatIsSetWinsOverWhatIsLearned() {
        let budget = BudgetLedger(policy: .init(perMinute: 5, perDay: 7))
        budget.recordTier(isFree: true, now: start)
        budget.record(.init(window: .minute, limit: 16, reset: start.wall + .seconds(1)), now: start)
        #expect(budget.minuteLimit == 5 && budget.dayLimit == 7)
    }

    @Test func littleIsNotSpentOnOneRequest() {
        let budget = BudgetLedger(policy: .init(perMinute: 0, perDay: 30))
        #expect(budget.attemptsAllowed(of: 5, now: start) == 5)
        spend(10, of: budget)
        #expect(budget.attemptsAllowed(of: 5, now: start) == 4)
        spend(16, of: budget)
        #expect(budget.attemptsAllowed(of: 5, now: start) == 1)
    }

    @Test func aRequestThatNeverLeftDoesNotCount() {
        let budget = BudgetLedger(policy: .init(perMinute: 1, perDay: 10))
        budget.count(now: start)
        budget.uncount(start, now: .at(2))
        #expect(budget.admission(now: .at(2)) == .granted)
        #expect(budget.remainingToday(now: .at(2)) == 10)
        #expect(budget.takeUnsaved().counts == [start.wall: 0])
    }

    @Test func aClockThatIsPutRightFindsTheDaysCountAgain() throws {
        let budget = BudgetLedger(policy: .init(perDay: 20))
        let today = start.wall.startOfDay
        budget.recall = { $0 == today ? 7 : 0 }
        // It begins a day late, as clocks without a battery do.
        let yesterday = Moment(monotonic: start.monotonic, wall: start.wall - .days(1))
        budget.count(now: yesterday)
        #expect(budget.countToday(now: start) == 7)
        budget.count(now: start)
        #expect(budget.countToday(now: yesterday) == 1)
        #expect(budget.remainingToday(now: start) == 12)
        #expect(budget.reset(now: start) == today + .days(1))
    }

    @Test func creditsThatAreBoughtLiftWhatWasRefused() {
        let budget = BudgetLedger()
        budget.recordTier(isFree: true, now: start)
        budget.record(.init(window: .day, limit: 50, reset: nil), now: start)
        #expect(budget.remainingToday(now: start) == 0)
        budget.recordTier(isFree: false, now: start)
        #expect(budget.remainingToday(now: start) == 1000)
    }

    @Test func aLimitThatWasLoweredDelaysOnlyByItsOwnMinute() {
        let budget = BudgetLedger(policy: .init(perMinute: 5))
        for index in 0..<20 { budget.count(now: .at(Double(index))) }
        #expect(budget.turnTime(ahead: 0, now: .at(20)) == Moment.at(15 + 61).monotonic)
    }

    @Test func aResetThatCannotBeMeantIsNone() throws {
        let budget = BudgetLedger()
        let failure = FailureRules.failure(
            status: 429, error: withBytes(#"{"error":{"message":"free-models-per-min"}}"#) { .inBody($0) },
            hints: .init(reset: .epoch + .milliseconds(.min)), now: start)
        budget.record(try #require(failure.accountLimit), now: start)
        #expect(budget.turnTime(ahead: 0, now: start) == Moment.at(1).monotonic)
    }

    @Test func whatIsKeptBringsItBackAfterARestart() {
        let budget = BudgetLedger()
        spend(3, of: budget)
        spend(2, of: budget, at: 50)
        budget.recordTier(isFree: true, now: .at(50))
        budget.record(.init(window: .minute, limit: 5, reset: nil), now: .at(50))
        let changes = budget.takeUnsaved()
        #expect(changes.counts == [start.wall: 3, start.wall + .seconds(50): 2])
        #expect(budget.takeUnsaved().isEmpty)
        let restarted = BudgetLedger()
        restarted.load(
            countToday: 5, recent: changes.counts.map { (second: $0.key, count: $0.value) }, limits: changes.limits,
            now: .at(70))
        #expect(restarted.countToday(now: .at(70)) == 5)
        #expect(restarted.countOfMinute(now: .at(70)) == 2)
        #expect(restarted.dayLimit == 50 && restarted.minuteLimit == 5)
        // Until the refusal's minute is over.
        #expect(restarted.admission(now: .at(70)) != .granted)
        #expect(restarted.admission(now: .at(113)) == .granted)
        // The next day, only the kind of account is still true.
        let tomorrow = Moment.at(Self.secondsUntilMidnight)
        let later = BudgetLedger()
        later.load(countToday: 0, recent: [], limits: changes.limits, now: tomorrow)
        #expect(later.dayLimit == 50 && later.minuteLimit == 20)
    }

    @Test func changesThatCouldNotBeWrittenAddUp() {
        let budget = BudgetLedger()
        spend(1, of: budget)
        var waiting = budget.takeUnsaved()
        spend(2, of: budget)
        waiting.merge(budget.takeUnsaved())
        #expect(waiting.counts == [start.wall: 3])
    }

    /// What a database cannot take is kept by the second only as long as the minute's limit cares for seconds.
    @Test func changesThatCannotBeWrittenDoNotGrowWithTheTime() {
        var waiting = BudgetLedger.Changes()
        let day = start.wall.startOfDay
        for second in 0..<10_000 { waiting.count(at: start.wall + .seconds(second), by: 1) }
        waiting.fold(before: start.wall + .seconds(9_900))
        #expect(waiting.counts.count == 101)
        #expect(waiting.counts[day] == 9_900)
        #expect(waiting.counts.values.reduce(0, +) == 10_000)
    }

    /// A database that was lost and created again is told what it lacks, one that others have written to is not.
    @Test func aNewDatabaseIsToldTheDaysCount() {
        let day = start.wall.startOfDay
        for (kept, expected) in [(0, 30), (10, 20), (28, 2), (30, 2), (50, 2)] {
            var waiting = BudgetLedger.Changes()
            waiting.count(at: start.wall, by: 2)
            waiting.count(at: start.wall - .days(1), by: 5)
            waiting.complete(day: day, total: 30, kept: kept)
            let added = waiting.counts.filter { $0.key.startOfDay == day }.values.reduce(0, +)
            #expect(added == expected, "kept \(kept)")
        }
    }
}

struct TurnQueueTests {
    @Test func keepsTheOrderOfArrival() {
        let queue = TurnQueue(most: 3)
        let arrivals = (0..<4).map { _ in queue.arrive() }
        // The first one comes back for a fallback when the others already wait.
        for index in [1, 2, 0] { queue.enter(arrivals[index]) }
        queue.enter(arrivals[1])
        #expect(queue.first == arrivals[0])
        #expect(queue.count == 3 && queue.isFull)
        #expect(queue.ahead(of: arrivals[2]) == 2)
        #expect(queue.ahead(of: arrivals[3]) == 3)
        queue.leave(arrivals[0])
        queue.leave(arrivals[3])
        #expect(queue.first == arrivals[1])
        #expect(!queue.isFull)
    }
}
