import Testing

@testable import OllamaProxy

struct SpanTests {
    private static let longest = Span(nanoseconds: .max)
    private static let lowest = Span(nanoseconds: .min)

    @Test(
        arguments: [
            (Span.nanoseconds(1), 1), (.milliseconds(-2), -2_000_000), (.seconds(3), 3_000_000_000),
            (.minutes(2), 120_000_000_000), (.hours(1), 3_600_000_000_000), (.days(1), 86_400_000_000_000),
            (.seconds(0.3), 300_000_000), (.seconds(1.999_999_999_9), 1_999_999_999), (.seconds(-0.25), -250_000_000),
        ] as [(Span, Int64)])
    func hasTheLengthThatIsAskedFor(span: Span, nanoseconds: Int64) {
        #expect(span.nanoseconds == nanoseconds)
    }

    /// What cannot be told is as long as can be told.
    @Test(arguments: [
        (Span.seconds(.max as Int), longest), (.milliseconds(.max), longest), (.days(.max), longest),
        (.seconds(.min as Int), -longest), (.days(.min), -longest), (.seconds(1e300), longest),
        (.seconds(-Double.infinity), -longest), (longest + .nanoseconds(1), longest), (longest + longest, longest),
        (-longest - .seconds(1), -longest), (lowest - longest, -longest), (-lowest, longest),
        (.seconds(5) * .max, longest),
        (.seconds(-5) * .max, -longest), (.seconds(-5) * .min, longest), (longest - longest, .zero),
    ])
    func staysAtTheEnds(span: Span, end: Span) {
        #expect(span == end)
    }

    @Test(arguments: [
        (Span.zero, 0), (.nanoseconds(1), 1), (.milliseconds(999), 1), (.seconds(1), 1), (.milliseconds(1001), 2),
        (.nanoseconds(-1), 0), (.seconds(-1), -1), (.milliseconds(-1001), -1), (longest, 9_223_372_037),
        (lowest, -9_223_372_036),
    ])
    func secondsAreRoundedUp(span: Span, seconds: Int) {
        #expect(span.secondsRoundedUp == seconds)
    }

    @Test func millisecondsAreRoundedEitherWay() {
        let span = Span.nanoseconds(1_500_000)
        #expect((span.milliseconds, span.millisecondsRoundedUp) == (1, 2))
        #expect(Span.milliseconds(7).millisecondsRoundedUp == 7)
    }

    @Test func isTakenApart() {
        #expect(Span.minutes(1) / 4 == .seconds(15))
        #expect(Span.days(1) / Span.minutes(15) == 96)
        #expect(Span.milliseconds(1500).seconds == 1.5)
    }

    @Test(arguments: [
        (Span.seconds(-5), "1 s"), (.zero, "1 s"), (.milliseconds(44_001), "45 s"), (.seconds(119), "119 s"),
        (.seconds(120), "2 min"), (.seconds(121), "3 min"), (.minutes(119), "119 min"), (.minutes(200), "3 h 20 min"),
    ])
    func isToldToPeople(span: Span, text: String) {
        #expect(DurationText.of(span) == text)
    }
}

struct InstantTests {
    private let now = Instant(nanoseconds: 1_000_000_000)

    @Test func neverStaysNever() {
        #expect(Instant.never + .seconds(1) == .never)
        #expect(Instant.never - .seconds(1) == .never)
        #expect(Instant.never + -.days(1) == .never)
    }

    @Test func whatIsTooFarAheadIsNever() {
        #expect(now + .seconds(.max as Int) == .never)
        #expect(now < .never)
    }

    @Test func differencesAreSpans() {
        #expect((now + .seconds(30)) - now == .seconds(30))
        #expect(now - (now + .seconds(30)) == -.seconds(30))
        #expect(now - .seconds(2) == Instant(nanoseconds: -1_000_000_000))
        #expect(Instant.never - Instant(nanoseconds: .min) == Span(nanoseconds: .max))
    }
}

struct UnixTimeTests {
    private static let first = UnixTime(nanoseconds: .min)
    private static let last = UnixTime(nanoseconds: .max)

    @Test(arguments: [
        (UnixTime.epoch, 0, 0), (UnixTime(nanoseconds: 999_999_999), 0, 0), (UnixTime(nanoseconds: -1), -1, -1),
        (UnixTime(seconds: -86_400), -86_400, -1), (UnixTime(seconds: -86_401), -86_401, -2),
        (UnixTime(seconds: 86_399), 86_399, 0), (UnixTime(seconds: 86_400), 86_400, 1),
        (UnixTime(day: 20_718), 1_790_035_200, 20_718), (UnixTime(day: -1), -86_400, -1),
    ])
    func secondsAndDaysAreRoundedDown(time: UnixTime, seconds: Int, day: Int) {
        #expect((time.seconds, time.day) == (seconds, day))
        #expect(time.wholeSecond == UnixTime(seconds: seconds))
        #expect(time.startOfDay == UnixTime(day: day))
    }

    @Test(arguments: [
        (0, 900, 0), (899, 900, 0), (900, 900, 900), (-1, 900, -900), (-900, 900, -900),
        (1_790_035_261, 60, 1_790_035_260),
    ])
    func isRoundedDownToAWholeNumberOfSpans(seconds: Int, span: Int, expected: Int) {
        #expect(UnixTime(seconds: seconds).roundedDown(to: .seconds(span)) == UnixTime(seconds: expected))
    }

    @Test func staysAtTheEnds() {
        #expect(UnixTime(seconds: .max).seconds == 9_223_372_036)
        #expect(UnixTime(seconds: .min).seconds == -9_223_372_036)
        #expect(UnixTime(day: .max) == Self.last)
        #expect(Self.last + .seconds(1) == Self.last)
        #expect(Self.first - .seconds(1) == UnixTime(nanoseconds: -.max))
        #expect(Self.first.roundedDown(to: .days(1)) == UnixTime(nanoseconds: -.max))
        #expect(Self.last - Self.first == Span(nanoseconds: .max))
        #expect(Self.first.seconds == -9_223_372_037)
    }

    @Test func datesBefore1970AreWrittenAsWell() {
        let output = ByteBuffer()
        Timestamp.append(UnixTime(nanoseconds: -1_500_000_000), fractionDigits: 3, to: output)
        #expect(output.text == "1969-12-31T23:59:58.500Z")
    }

    @Test func bothClocksGoOnTogether() {
        let moment = Moment(monotonic: Instant(nanoseconds: 5), wall: UnixTime(nanoseconds: 7)) + .nanoseconds(10)
        #expect(moment == Moment(monotonic: Instant(nanoseconds: 15), wall: UnixTime(nanoseconds: 17)))
    }
}
