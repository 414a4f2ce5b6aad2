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
    /// When requests were let through, in ascending order.
    private var times: [UnixTime] = []
    /// Requests let through, and those turned away.
    package private(set) var spent = 0
    package private(set) var refused = 0

    private static let minute = Span.minutes(1)
    private static let day = Span.days(1)

    package init(minuteRule: MinuteRule, perMinute: Int, perDay: Int) {
        self.minuteRule = minuteRule
        self.perMinute = perMinute
        self.perDay = perDay
    }

    /// Whether one more request may come at this time, whatever may have been let through after it.
    func hasRoom(wall time: UnixTime) -> Bool {
        refusal(wall: time) == nil
    }

    /// A request arrives.
    /// - Returns: the body of the refusal; nil when it is let through.
    func admit(wall time: UnixTime) -> String? {
        if let refusal = refusal(wall: time) {
            refused += 1
            return refusal
        }
        spent += 1
        times.insert(time, at: times.lastIndex { $0 <= time }.map { $0 + 1 } ?? 0)
        return nil
    }

    private func refusal(wall time: UnixTime) -> String? {
        let midnight = time.startOfDay
        if count(from: midnight, to: midnight + Self.day) >= perDay {
            let name = perDay <= 50 ? "free-models-per-day" : "free-models-per-day-high-balance"
            return UpstreamErrors.accountLimit(name, limit: perDay, reset: midnight + Self.day)
        }
        switch minuteRule {
        case .clock:
            let start = time.roundedDown(to: Self.minute)
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

    private func minuteRefusal(reset: UnixTime) -> String {
        UpstreamErrors.accountLimit("free-models-per-min", limit: perMinute, reset: reset)
    }

    private func count(from start: UnixTime, to end: UnixTime) -> Int {
        times.count { $0 >= start && $0 < end }
    }
}
