/// A date and time of day, which may jump when the clock is put right. What outlives the process is kept in it.
public struct UnixTime: Comparable, Hashable, Sendable {
    /// Since 1970-01-01 00:00 UTC.
    public let nanoseconds: Int64

    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// - Parameter seconds: since 1970-01-01 00:00 UTC. Beyond the year 2262 the nanoseconds do not fit; such a date must be meant
    ///   in milliseconds, and becomes the last that fits.
    public init(seconds: Int) {
        let most = Int(Int64.max / 1_000_000_000)
        nanoseconds = Int64(min(max(seconds, -most), most)) * 1_000_000_000
    }

    /// The beginning of a day.
    /// - Parameter day: days since 1970-01-01.
    public init(day: Int) {
        self = .epoch + .days(day)
    }

    /// 1970-01-01 00:00 UTC, which also stands for an unknown date.
    public static var epoch: UnixTime { UnixTime(nanoseconds: 0) }

    /// Whole seconds since 1970-01-01 00:00 UTC, rounded down.
    public var seconds: Int {
        Int(nanoseconds / 1_000_000_000) - (nanoseconds % 1_000_000_000 < 0 ? 1 : 0)
    }

    /// The same time without its fraction of a second, as it is stored.
    public var wholeSecond: UnixTime { UnixTime(seconds: seconds) }

    /// Days since 1970-01-01, as UTC counts them.
    public var day: Int { seconds / 86_400 - (seconds % 86_400 < 0 ? 1 : 0) }

    /// The beginning of its day in UTC.
    public var startOfDay: UnixTime { UnixTime(day: day) }

    /// The last time before it, or it itself, that is a whole number of spans after 1970-01-01 00:00 UTC.
    public func roundedDown(to span: Span) -> UnixTime {
        let beyond = nanoseconds % span.nanoseconds
        return self - Span(nanoseconds: beyond < 0 ? beyond + span.nanoseconds : beyond)
    }

    public static func < (one: UnixTime, other: UnixTime) -> Bool { one.nanoseconds < other.nanoseconds }

    public static func + (time: UnixTime, span: Span) -> UnixTime {
        UnixTime(nanoseconds: Span.sum(time.nanoseconds, span.nanoseconds))
    }

    public static func - (time: UnixTime, span: Span) -> UnixTime { time + -span }

    public static func - (later: UnixTime, earlier: UnixTime) -> Span {
        Span(nanoseconds: Span.sum(later.nanoseconds, Span.negative(earlier.nanoseconds)))
    }
}
