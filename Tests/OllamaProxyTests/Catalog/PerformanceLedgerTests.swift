import OllamaProxy
import Testing

/// What is remembered of how well models answer, and the order it leads to.
struct PerformanceLedgerTests {
    private func answers(
        _ ledger: PerformanceLedger, _ model: String, after seconds: Double = 1, pace: Double = 50, times: Int = 5
    ) {
        for _ in 0..<times {
            ledger.recordSuccess(
                of: model, firstToken: .seconds(seconds), answer: .seconds(100 / pace), tokens: 100, now: .at(0))
        }
    }

    @Test func aModelThatFailsComesBehindOneThatAnswers() {
        let ledger = PerformanceLedger()
        answers(ledger, "good")
        answers(ledger, "bad")
        for _ in 0..<3 { ledger.recordFailure(of: "bad", now: .at(0)) }
        #expect(ledger.expectedSeconds(of: "good", now: .at(0)) < ledger.expectedSeconds(of: "bad", now: .at(0)))
        #expect(ledger.successRate(of: "good", now: .at(0)) > 0.8)
        #expect(ledger.successRate(of: "bad", now: .at(0)) < 0.8)
    }

    @Test(arguments: [(first: 1.0, pace: 50.0, second: 4.0, otherPace: 50.0), (1, 50, 1, 10)])
    func aQuickModelComesBeforeASlowOne(first: Double, pace: Double, second: Double, otherPace: Double) {
        let ledger = PerformanceLedger()
        answers(ledger, "quick", after: first, pace: pace)
        answers(ledger, "slow", after: second, pace: otherPace)
        #expect(ledger.expectedSeconds(of: "quick", now: .at(0)) < ledger.expectedSeconds(of: "slow", now: .at(0)))
    }

    @Test func aModelNeverSeenIsBetterThanOneThatFailsAndWorseThanOneThatAnswersWell() {
        let ledger = PerformanceLedger()
        answers(ledger, "good")
        for _ in 0..<3 { ledger.recordFailure(of: "bad", now: .at(0)) }
        let seconds = ["good", "new", "bad"].map { ledger.expectedSeconds(of: $0, now: .at(0)) }
        #expect(seconds == seconds.sorted())
    }

    @Test func badHoursAreForgotten() {
        let ledger = PerformanceLedger()
        for _ in 0..<10 { ledger.recordFailure(of: "m", now: .at(0)) }
        let rates = [0.0, 6, 24, 240].map { ledger.successRate(of: "m", now: .at($0 * 3600)) }
        #expect(rates == rates.sorted())
        #expect(rates[0] < 0.2)
        #expect(abs(rates[3] - ledger.successRate(of: "new", now: .at(0))) < 0.01)
    }

    @Test func whatIsForgottenDoesNotComeBackWithTheNextAttempt() {
        let ledger = PerformanceLedger()
        for _ in 0..<20 { ledger.recordFailure(of: "m", now: .at(0)) }
        let later = Moment.at(3 * 86_400)
        ledger.recordSuccess(of: "m", firstToken: .nanoseconds(1), answer: .nanoseconds(1), tokens: 1, now: later)
        #expect(ledger.successRate(of: "m", now: later) > 0.7)
    }

    @Test func anAnswerInOnePieceCountsWithoutItsTimes() {
        let ledger = PerformanceLedger()
        ledger.recordSuccess(of: "m", firstToken: nil, answer: .nanoseconds(1), tokens: 500, now: .at(0))
        #expect(ledger.record(of: "m")?.successes == 1)
        #expect(ledger.record(of: "m")?.firstTokenSeconds == 0 && ledger.record(of: "m")?.tokensPerSecond == 0)
    }

    @Test func recordsAreLeftToPersist() {
        let ledger = PerformanceLedger()
        answers(ledger, "m", times: 1)
        let rows = ledger.takeUnsaved()
        #expect(rows.map(\.model) == ["m"])
        #expect(ledger.unsaved.isEmpty)
        let restarted = PerformanceLedger()
        restarted.load(rows)
        #expect(restarted.record(of: "m") == ledger.record(of: "m"))
        #expect(restarted.record(of: "m")?.tokensPerSecond == 50)
    }

    @Test func aFewWordsSayNothingOfThePace() {
        let ledger = PerformanceLedger()
        ledger.recordSuccess(of: "m", firstToken: .nanoseconds(1), answer: .nanoseconds(1), tokens: 3, now: .at(0))
        #expect(ledger.record(of: "m")?.tokensPerSecond == 0)
    }
}
