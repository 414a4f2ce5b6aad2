import OllamaProxy

/// The account at the upstream, with its limits on free requests.
package final class SimulatedAccount {
    package enum MinuteRule {
        /// So many in each minute of the clock.
        case clock
        /// So many in any sixty seconds.
        case sliding
    }

    private let minuteRule: MinuteRule
    let perMinute: Int
    let perDay: Int
    /// When requests were let through, in nanoseconds since 1970, in ascending order.
    private var times: [Int64] = []
    /// Requests let through, and those turned away.
    package private(set) var spent = 0
    package private(set) var refused = 0

    private static let minute = 60 * Nanoseconds.perSecond
    private static let day = 86_400 * Nanoseconds.perSecond

    package init(minuteRule: MinuteRule, perMinute: Int, perDay: Int) {
        self.minuteRule = minuteRule
        self.perMinute = perMinute
        self.perDay = perDay
    }

    /// Whether one more request may come at this time, whatever may have been let through after it.
    func hasRoom(wall time: Int64) -> Bool {
        refusal(wall: time) == nil
    }

    /// A request arrives.
    /// - Returns: the body of the refusal; nil when it is let through.
    func admit(wall time: Int64) -> String? {
        if let refusal = refusal(wall: time) {
            refused += 1
            return refusal
        }
        spent += 1
        times.insert(time, at: times.lastIndex { $0 <= time }.map { $0 + 1 } ?? 0)
        return nil
    }

    private func refusal(wall time: Int64) -> String? {
        let midnight = time / Self.day * Self.day
        if count(from: midnight, to: midnight + Self.day) >= perDay {
            let name = perDay <= 50 ? "free-models-per-day" : "free-models-per-day-high-balance"
            return UpstreamErrors.accountLimit(name, limit: perDay, reset: (midnight + Self.day) / 1_000_000)
        }
        switch minuteRule {
        case .clock:
            let start = time / Self.minute * Self.minute
            guard count(from: start, to: start + Self.minute) >= perMinute else { return nil }
            return minuteRefusal(reset: start + Self.minute)
        case .sliding:
            // Every window that holds this time has to have room: requests need not arrive in order.
            let near = times.filter { $0 > time - Self.minute && $0 < time + Self.minute }
            for end in [time] + near where end >= time {
                let window = near.filter { $0 > end - Self.minute && $0 <= end }
                if window.count >= perMinute { return minuteRefusal(reset: window[0] + Self.minute) }
            }
            return nil
        }
    }

    private func minuteRefusal(reset: Int64) -> String {
        UpstreamErrors.accountLimit("free-models-per-min", limit: perMinute, reset: (reset + 999_999) / 1_000_000)
    }

    private func count(from start: Int64, to end: Int64) -> Int {
        times.count { $0 >= start && $0 < end }
    }
}
