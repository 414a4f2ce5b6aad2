extension BudgetLedger {
    /// What has changed since it was last asked for.
    package struct Changes: Equatable {
        /// Requests to add, by the second they were made in.
        package private(set) var counts: [UnixTime: Int] = [:]
        package var limits: Limits?

        package init() {}

        package var isEmpty: Bool { counts.isEmpty && limits == nil }

        package mutating func count(at second: UnixTime, by difference: Int) {
            counts[second, default: 0] += difference
        }

        /// Takes changes in that were made later.
        package mutating func merge(_ later: Changes) {
            counts.merge(later.counts) { $0 + $1 }
            limits = later.limits ?? limits
        }

        /// Of requests made before `second` only the day matters any more. So changes that cannot be written do not
        /// grow with the time.
        package mutating func fold(before second: UnixTime) {
            for (made, count) in counts where made < second {
                counts[made] = nil
                counts[made.startOfDay, default: 0] += count
            }
        }

        /// Adds what a database still lacks of a day's requests, when it knows of `kept` and is to know of `total`.
        package mutating func complete(day: UnixTime, total: Int, kept: Int) {
            let added = counts.filter { $0.key.startOfDay == day }.values.reduce(0, +)
            if total > kept + added { count(at: day, by: total - kept - added) }
        }
    }
}
