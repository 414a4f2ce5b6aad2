import OllamaProxy

/// Counts the free requests that arrive, as strictly as an upstream may.
final class CountingUpstream {
    private static let minute = Span.minutes(1)
    /// When requests arrived.
    private var arrivals: [Instant] = []
    private var countByDay: [UnixTime: Int] = [:]

    /// - Parameters:
    ///   - start: when the request was made.
    ///   - way: how long it takes to arrive.
    func count(start: Moment, way: Span) {
        arrivals.append(start.monotonic + way)
        countByDay[start.wall.startOfDay, default: 0] += 1
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
