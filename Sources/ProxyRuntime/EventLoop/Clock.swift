import Glibc
import OllamaProxy

/// Reads both of the system's clocks.
enum Clock {
    static func now() -> Moment {
        Moment(
            monotonic: Instant(nanoseconds: nanoseconds(CLOCK_MONOTONIC)),
            wall: UnixTime(nanoseconds: nanoseconds(CLOCK_REALTIME)))
    }

    private static func nanoseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
