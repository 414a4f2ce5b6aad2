/// The models that were used lately. Nothing is loaded here; but clients ask what is, and for how long.
package struct RecentModels {
    package struct Use: Equatable {
        /// nil for never.
        package var expires: UnixTime?
    }

    private var uses: [String: Use] = [:]

    package init() {}

    package mutating func record(_ id: String, keepAlive: KeepAlive, now: Moment) {
        switch keepAlive {
        case .lasting(.zero): uses[id] = nil
        case .lasting(let span): uses[id] = Use(expires: now.wall + span)
        case .forever: uses[id] = Use(expires: nil)
        }
    }

    /// Those in use now, by their ids.
    package mutating func current(now: Moment) -> [String: Use] {
        uses = uses.filter { $0.value.expires.map { $0 > now.wall } ?? true }
        return uses
    }
}
