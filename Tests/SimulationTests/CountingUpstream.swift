import OllamaProxy

/// Counts the free requests that arrive, as strictly as an upstream may.
final class CountingUpstream {
    private static let minute = 60 * Nanoseconds.perSecond
    /// Arrivals, in nanoseconds on the monotonic clock.
    private var arrivals: [Int64] = []
    private var countByDay: [Int64: Int] = [:]

    /// - Parameters:
    ///   - start: when the request was made.
    ///   - way: nanoseconds it takes to arrive.
    func count(start: Moment, way: Int64) {
        arrivals.append(start.monotonic + way)
        countByDay[start.unixSeconds / 86_400, default: 0] += 1
    }

    var mostInADay: Int { countByDay.values.max() ?? 0 }

    /// The most in any sixty seconds.
    var mostInAMinute: Int {
        let times = arrivals.sorted()
        var (first, most) = (0, 0)
        for (index, time) in times.enumerated() {
            while times[first] <= time - Self.minute { first += 1 }
            most = max(most, index - first + 1)
        }
        return most
    }
}
