import Glibc

/// The two clocks in use: one for pacing, one for dates in answers.
enum Clock {
    /// Nanoseconds of a clock that never jumps.
    static var monotonicNanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    static var epochSeconds: Int { Int(time(nil)) }

    static var epochMilliseconds: Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}
