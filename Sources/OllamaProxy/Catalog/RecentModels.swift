/// The models that were used lately. Nothing is loaded here; but clients ask what is, and for how long.
package struct RecentModels {
    package struct Use: Equatable {
        /// Nanoseconds since 1970; nil for never.
        package var expires: Int64?
    }

    private var uses: [String: Use] = [:]

    package init() {}

    package mutating func note(_ id: String, keepAlive: KeepAlive, now: Moment) {
        switch keepAlive {
        case .seconds(0): uses[id] = nil
        case .seconds(let seconds): uses[id] = Use(expires: now.wall + seconds * Nanoseconds.perSecond)
        case .forever: uses[id] = Use(expires: nil)
        }
    }

    /// Those in use now, by their ids.
    package mutating func current(now: Moment) -> [String: Use] {
        uses = uses.filter { ($0.value.expires ?? .max) > now.wall }
        return uses
    }
}
