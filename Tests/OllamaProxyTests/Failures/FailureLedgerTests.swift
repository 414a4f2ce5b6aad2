import OllamaProxy
import Testing

struct FailureLedgerTests {
    private let start = Moment.at(0)

    private func later(_ seconds: Int) -> Moment { .at(Double(seconds)) }

    private static func rateLimit(seconds: Int) -> Failure {
        FailureRules.failure(status: 429, error: nil, hints: .init(retryAfter: .seconds(seconds)), now: .at(0))
    }

    @Test func whatIsGoneIsTriedAgainWhenTheListChanges() {
        let ledger = FailureLedger()
        let gone = FailureRules.failure(
            status: 404, error: withBytes(#"{"error":{"message":"No endpoints found for m."}}"#) { .inBody($0) },
            now: start)
        ledger.record(gone, of: "m", now: start)
        ledger.record(FailureRules.empty, of: "other", now: start)
        #expect(ledger.cooldown(of: "m", now: later(80_000)) != nil)
        ledger.listHasChanged()
        #expect(ledger.cooldown(of: "m", now: start) == nil)
        #expect(ledger.cooldown(of: "other", now: start) != nil)
        ledger.record(gone, of: "m", now: start)
        // Not for ever, even if the list stays as it is.
        #expect(ledger.cooldown(of: "m", now: later(86_400)) == nil)
    }

    @Test func cooldownsGrowWithEachFailureInARowUpToThreeTimes() {
        let ledger = FailureLedger(policy: .init(cooldown: .seconds(100), rateLimitCooldown: .seconds(60)))
        var now = 0
        for expected in [100, 200, 300, 300] {
            ledger.record(FailureRules.empty, of: "m", now: later(now))
            #expect(ledger.cooldown(of: "m", now: later(now + expected - 1)) != nil)
            #expect(ledger.cooldown(of: "m", now: later(now + expected)) == nil)
            now += expected
        }
        #expect(ledger.record(of: "m")?.consecutive == 4)
    }

    @Test func whatFailsInAnotherWayIsNotGoneAnyMore() {
        let ledger = FailureLedger(policy: .init(cooldown: .seconds(100)))
        let gone = FailureRules.failure(
            status: 410, error: nil, now: start)
        ledger.record(gone, of: "m", now: start)
        ledger.record(FailureRules.empty, of: "m", now: start)
        #expect(ledger.record(of: "m")?.kind == .empty)
        #expect(ledger.cooldown(of: "m", now: later(100)) == nil)
    }

    @Test func successForgivesEverything() {
        let ledger = FailureLedger()
        ledger.record(FailureRules.cut, of: "m", now: start)
        _ = ledger.takeUnsaved()
        ledger.recordSuccess(of: "m")
        ledger.recordSuccess(of: "other")
        #expect(ledger.cooldown(of: "m", now: start) == nil)
        #expect(ledger.takeUnsaved() == [.init(model: "m", record: nil)])
    }

    @Test func rateLimitsRestAMinuteOrAsLongAsToldAndDoNotAddUp() {
        let ledger = FailureLedger()
        let short = Self.rateLimit(seconds: 5)
        let long = Self.rateLimit(seconds: 900)
        ledger.record(short, of: "m", now: start)
        #expect(ledger.record(of: "m")?.until == start.wall + .seconds(60))
        ledger.record(long, of: "m", now: start)
        ledger.record(short, of: "m", now: start)
        #expect(ledger.record(of: "m")?.until == start.wall + .seconds(900))
        #expect(ledger.record(of: "m")?.consecutive == 0)
    }

    @Test func accountLimitsConcernEveryModel() {
        let ledger = FailureLedger()
        let failure = FailureRules.failure(
            status: 402, error: nil, hints: .init(retryAfter: .seconds(30)), now: start)
        ledger.record(failure, of: "m", now: start)
        #expect(ledger.cooldown(of: "m", now: start) == nil)
        #expect(ledger.accountCooldown(now: later(29)) != nil)
        #expect(ledger.accountCooldown(now: later(30)) == nil)
    }

    @Test func whatAWrongClockHasWrittenLastsADay() {
        let ledger = FailureLedger()
        let end = UnixTime(seconds: .max)
        ledger.load(
            [
                (FailureLedger.account, .init(kind: .accountLimited, failedAt: .epoch, consecutive: .max, until: end)),
                ("m", .init(kind: .empty, failedAt: end, consecutive: .min, until: end)),
            ],
            now: start)
        #expect(ledger.accountCooldown(now: later(86_399)) != nil)
        #expect(ledger.accountCooldown(now: later(86_400)) == nil)
        ledger.record(FailureRules.empty, of: FailureLedger.account, now: start)
    }

    /// A clock that was an hour or a year ahead and is put right must not have a model rest for that long.
    @Test(arguments: [3600, 86_400, 365 * 86_400] as [Int])
    func aClockThatIsPutBackEndsTheRest(seconds: Int) {
        let ledger = FailureLedger(policy: .init(cooldown: .seconds(300)))
        ledger.record(FailureRules.empty, of: "m", now: later(seconds))
        #expect(ledger.cooldown(of: "m", now: later(seconds)) != nil)
        #expect(ledger.countInCooldown(now: later(seconds)) == 1)
        #expect(ledger.cooldown(of: "m", now: start) == nil)
        #expect(ledger.countInCooldown(now: start) == 0)
        // Neither is it kept from another cooldown.
        ledger.record(FailureRules.empty, of: "m", now: start)
        #expect(ledger.cooldown(of: "m", now: start) != nil)
        #expect(ledger.cooldown(of: "m", now: later(600)) == nil)
    }

    /// A machine without a clock of its own starts at the time it last knew, until it has asked for the true one.
    @Test func aRestartAtAnEarlierTimeForgetsNothing() {
        let ledger = FailureLedger(policy: .init(cooldown: .seconds(300)))
        ledger.record(FailureRules.empty, of: "m", now: later(3600))
        let restarted = FailureLedger(policy: .init(cooldown: .seconds(300)))
        restarted.load([("m", ledger.record(of: "m")!)], now: later(-86_400))
        #expect(restarted.cooldown(of: "m", now: start) == nil)
        #expect(restarted.cooldown(of: "m", now: later(3630)) != nil)
        #expect(restarted.cooldown(of: "m", now: later(3900)) == nil)
    }

    /// Clocks are corrected by seconds all the time, which ends no cooldown.
    @Test func aSmallCorrectionChangesNothing() {
        let ledger = FailureLedger()
        ledger.record(FailureRules.empty, of: "m", now: later(30))
        #expect(ledger.cooldown(of: "m", now: start) != nil)
    }

    @Test func theNetworksFailuresBlameNoModel() {
        let ledger = FailureLedger()
        ledger.record(FailureRules.network("refused"), of: "m", now: start)
        #expect(ledger.takeUnsaved().isEmpty)
    }

    @Test func leavesARowForEveryChange() {
        let ledger = FailureLedger(policy: .init(cooldown: .seconds(100)))
        ledger.record(FailureRules.empty, of: "m", now: start)
        let record = FailureLedger.Record(
            kind: .empty, failedAt: start.wall, consecutive: 1, until: start.wall + .seconds(100))
        #expect(ledger.takeUnsaved() == [.init(model: "m", record: record)])
        #expect(ledger.takeUnsaved().isEmpty)
        let restarted = FailureLedger()
        restarted.load([("m", record)], now: start)
        #expect(restarted.cooldown(of: "m", now: later(99)) == record)
    }
}
