/// A length of time, which may be negative. Kept in nanoseconds, the unit of Ollama's durations.
///
/// Public, as the other times are: what is only for the package is never inlined into another module, and the runtime
/// compares times for each chunk.
public struct Span: Comparable, Hashable, Sendable {
    public let nanoseconds: Int64

    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    public static var zero: Span { Span(nanoseconds: 0) }

    public static func nanoseconds(_ count: Int64) -> Span { Span(nanoseconds: count) }

    public static func milliseconds(_ count: Int) -> Span { Span(nanoseconds: 1_000_000) * count }

    public static func seconds(_ count: Int) -> Span { Span(nanoseconds: 1_000_000_000) * count }

    /// What does not fill a nanosecond is left out.
    public static func seconds(_ count: Double) -> Span {
        Span(nanoseconds: Int64(exactly: (count * 1e9).rounded(.towardZero)) ?? (count < 0 ? -.max : .max))
    }

    public static func minutes(_ count: Int) -> Span { seconds(60) * count }
    public static func hours(_ count: Int) -> Span { seconds(3600) * count }
    public static func days(_ count: Int) -> Span { seconds(86_400) * count }

    // MARK: In other units

    /// In seconds.
    public var seconds: Double { Double(nanoseconds) / 1e9 }

    /// In whole seconds, rounded up, so that a client that waits for them is not too early.
    public var secondsRoundedUp: Int { roundedUp(to: 1_000_000_000) }

    /// In whole milliseconds, rounded up, for the same reason.
    public var millisecondsRoundedUp: Int { roundedUp(to: 1_000_000) }

    /// In whole milliseconds.
    public var milliseconds: Int { Int(nanoseconds / 1_000_000) }

    private func roundedUp(to unit: Int64) -> Int {
        Int(nanoseconds / unit) + (nanoseconds % unit > 0 ? 1 : 0)
    }

    // MARK: Arithmetic, which stays at the ends of what can be told

    public static func < (one: Span, other: Span) -> Bool { one.nanoseconds < other.nanoseconds }

    public static func + (one: Span, other: Span) -> Span {
        Span(nanoseconds: sum(one.nanoseconds, other.nanoseconds))
    }

    public static func - (one: Span, other: Span) -> Span { one + -other }

    public static prefix func - (span: Span) -> Span { Span(nanoseconds: negative(span.nanoseconds)) }

    public static func * (span: Span, times: Int) -> Span {
        let (product, overflows) = span.nanoseconds.multipliedReportingOverflow(by: Int64(times))
        return Span(nanoseconds: overflows ? ((span.nanoseconds < 0) == (times < 0) ? .max : -.max) : product)
    }

    public static func / (span: Span, parts: Int) -> Span { Span(nanoseconds: span.nanoseconds / Int64(parts)) }

    /// How often the other goes into it.
    public static func / (span: Span, other: Span) -> Int { Int(span.nanoseconds / other.nanoseconds) }

    public static func += (one: inout Span, other: Span) { one = one + other }

    static func sum(_ one: Int64, _ other: Int64) -> Int64 {
        let (sum, overflows) = one.addingReportingOverflow(other)
        return overflows ? (other < 0 ? -.max : .max) : sum
    }

    /// The lowest number of all has no positive counterpart.
    static func negative(_ number: Int64) -> Int64 { -max(number, -.max) }
}
