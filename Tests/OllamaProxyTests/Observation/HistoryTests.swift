import Testing

@testable import OllamaProxy

struct HistoryTests {
    private static let day = UnixTime(seconds: 1_790_035_200)

    /// So many seconds after the day has begun.
    private static func second(_ number: Int) -> UnixTime { day + .seconds(number) }

    private func moment(_ second: Int) -> Moment {
        Moment(monotonic: Instant(nanoseconds: 0), wall: Self.second(second))
    }

    private func report(
        _ outcome: ExchangeRecord.Outcome, firstToken: Span? = nil, tokens: (Int, Int)? = nil
    ) -> ExchangeRecord {
        ExchangeRecord(
            outcome: outcome, requestedName: "auto", model: nil, attemptCount: 1, status: 200, waited: .zero,
            timeToFirstToken: firstToken,
            usage: tokens.map { AnswerEvent.Usage(promptTokens: $0.0, completionTokens: $0.1) })
    }

    @Test func whatHappenedIsGatheredByTheMinute() throws {
        let ledger = HistoryLedger(isKept: true)
        ledger.record(report(.answered, firstToken: .milliseconds(800), tokens: (10, 20)), now: moment(59))
        ledger.record(report(.failed), now: moment(60))
        ledger.record(report(.shutDown), now: moment(119))
        ledger.record(report(.clientLeft, tokens: (1, 2)), now: moment(119))
        #expect(ledger.hasUnsaved)
        let minutes = ledger.takeUnsaved()
        #expect(!ledger.hasUnsaved)
        #expect(minutes.keys.sorted() == [Self.day, Self.second(60)])
        let first = try #require(minutes[Self.day])
        #expect((first.answered, first.promptTokens, first.completionTokens) == (1, 10, 20))
        let second = try #require(minutes[Self.second(60)])
        #expect((second.answered, second.failed, second.clientLeft, second.promptTokens) == (0, 2, 1, 1))
    }

    /// An upstream may claim anything, for years.
    @Test func claimsOfTheUpstreamAddUpToSomethingAllTheSame() {
        let ledger = HistoryLedger(isKept: true)
        let activity = Activity()
        for tokens in [(Int.max, Int.max), (Int.min, -5), (Int.max, 1)] {
            let report = report(.answered, tokens: tokens)
            ledger.record(report, now: moment(0))
            activity.record(
                RequestRecord(id: "a", received: moment(0), route: .chat, report: report, duration: .zero))
        }
        #expect(ledger.unsaved[Self.day]?.promptTokens == 2 << 32)
        #expect(ledger.unsaved[Self.day]?.completionTokens == 1 << 32 + 1)
    }

    @Test func nothingIsGatheredWhereNothingIsKept() {
        let ledger = HistoryLedger(isKept: false)
        ledger.record(report(.answered), now: moment(0))
        #expect(!ledger.hasUnsaved)
    }

    /// Of its type by name: as arguments of a macro the same is too much for the compiler of Swift 6.2.
    private static let spans: [(HistoryRange, Int, Int, Int, Int)] = [
        (.hour, 3 * 3600 + 59, 14, 2 * 3600 + 60, 3 * 3600 + 60),
        (.day, 3600, 14, 3600 - 95 * 900, 3600 + 900),
        (.day, 3600, 1, 3600 - 95 * 900, 3600 + 900),
        (.week, 1, 14, -167 * 3600, 3600),
        (.week, 1, 2, -47 * 3600, 3600),
        (.all, 7, 14, -13 * 86_400, 86_400),
        (.all, 7, 1, 0, 86_400),
    ]

    /// Each range ends with the bucket that is not over yet, and all that it spans is a whole number of buckets.
    @Test(arguments: spans)
    func spansEndWithTheBucketThatRuns(range: HistoryRange, second: Int, days: Int, from: Int, to: Int) {
        #expect(range.span(at: Self.second(second), days: days) == Self.second(from)..<Self.second(to))
    }

    @Test func aReportPutsStoredAndUnsavedTogether() {
        var stored = HistoryBucket()
        stored.record(report(.answered, firstToken: .milliseconds(100), tokens: (1, 2)))
        var unsaved = HistoryBucket()
        unsaved.record(report(.failed))
        let now = moment(1000)
        let json = HistoryReport(
            .day, stored: [Self.second(900): stored, Self.second(-90 * 86_400): stored],
            unsaved: [Self.second(960): unsaved, Self.second(120): unsaved], days: 14, now: now
        ).json().text
        #expect(
            json == #"{"range":"day","from":1789950600,"to":1790037000,"bucket_seconds":900,"buckets":["#
                + #"{"at":1790035200,"answered":0,"failed":1,"client_left":0,"first_token_p50_ms":null,"first_token_p95_ms":null,"prompt_tokens":0,"completion_tokens":0},"#
                + #"{"at":1790036100,"answered":1,"failed":1,"client_left":0,"first_token_p50_ms":105,"first_token_p95_ms":105,"prompt_tokens":1,"completion_tokens":2}]}"#
        )
    }
}

struct FirstTokenTimesTests {
    private func times(_ milliseconds: Int...) -> FirstTokenTimes {
        var times = FirstTokenTimes()
        for time in milliseconds { times.record(.milliseconds(time)) }
        return times
    }

    @Test func quantilesAreNearTheTruth() throws {
        var times = FirstTokenTimes()
        for milliseconds in 1...10_000 { times.record(.milliseconds(milliseconds)) }
        for (share, truth) in [(0.5, 5000.0), (0.95, 9500), (0.05, 500)] {
            let found = Double(try #require(times.milliseconds(below: share)))
            #expect(abs(found - truth) < truth / 10, "\(share): \(found)")
        }
    }

    @Test func ofNoneThereIsNoMedian() {
        #expect(FirstTokenTimes().milliseconds(below: 0.5) == nil)
    }

    @Test func timesBeyondTheLastRangeCountAsTheLongest() throws {
        #expect(try #require(times(86_400_000).milliseconds(below: 0.5)) > 240_000)
    }

    @Test func theTextHoldsEverything() {
        let original = times(0, 5, 700, 700, 90_000)
        #expect(FirstTokenTimes(text: original.text) == original)
        #expect(FirstTokenTimes(text: "") == FirstTokenTimes())
    }

    /// A database may hold anything.
    @Test(arguments: ["x", "1:", ":1", "-1:4", "999:1", "1:-5", "1:99999999999999999999", ",,", "1:1:1"])
    func whatIsNoTextOfItsOwnIsPassedOver(text: String) {
        #expect(FirstTokenTimes(text: text) == FirstTokenTimes())
    }

    @Test func sumsAreThoseOfAll() {
        var sum = times(5, 700)
        sum.add(times(700, 90_000))
        #expect(sum == times(5, 700, 700, 90_000))
    }
}
