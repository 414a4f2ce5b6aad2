/// A point on a clock that never jumps. It tells nothing about dates; only differences mean anything.
public struct Instant: Comparable, Hashable, Sendable {
    /// Since whenever the clock began.
    public let nanoseconds: Int64

    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Later than any other; the deadline of what has none.
    public static var never: Instant { Instant(nanoseconds: .max) }

    public static func < (one: Instant, other: Instant) -> Bool { one.nanoseconds < other.nanoseconds }

    /// Never stays never.
    public static func + (instant: Instant, span: Span) -> Instant {
        instant == .never ? .never : Instant(nanoseconds: Span.sum(instant.nanoseconds, span.nanoseconds))
    }

    public static func - (instant: Instant, span: Span) -> Instant { instant + -span }

    public static func - (later: Instant, earlier: Instant) -> Span {
        Span(nanoseconds: Span.sum(later.nanoseconds, Span.negative(earlier.nanoseconds)))
    }
}
