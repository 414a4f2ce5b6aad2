/// How long first words took, kept so that times of several minutes can be put together and asked for their median.
///
/// Each range is a quarter longer than the one before, so what is told is within a tenth of the truth.
package struct FirstTokenTimes: Equatable {
    /// The upper end of each range, in milliseconds, from 10 milliseconds to five minutes; longer ones count as the last.
    private static let bounds: [Double] = {
        var bounds = [10.0]
        while bounds[bounds.count - 1] < 300_000 { bounds.append(bounds[bounds.count - 1] * 1.25) }
        return bounds
    }()

    /// By the range's index; those without any are left out.
    private var counts: [Int: Int] = [:]

    package init() {}

    package var isEmpty: Bool { counts.isEmpty }

    package mutating func note(nanoseconds: Int64) {
        let milliseconds = Double(nanoseconds) / Double(Nanoseconds.perMillisecond)
        counts[Self.bounds.firstIndex { milliseconds <= $0 } ?? Self.bounds.count - 1, default: 0] += 1
    }

    package mutating func add(_ others: FirstTokenTimes) {
        for (index, count) in others.counts { counts[index, default: 0] += count }
    }

    /// The time, in milliseconds, that this share of all stayed below; nil when there are none.
    /// - Parameter share: 0 to 1.
    package func milliseconds(below share: Double) -> Int? {
        let total = counts.values.reduce(0, +)
        guard total > 0 else { return nil }
        let wanted = share * Double(total)
        var before = 0.0
        for (index, count) in counts.sorted(by: { $0.key < $1.key }) {
            let upper = Self.bounds[index]
            let lower = index == 0 ? 0 : Self.bounds[index - 1]
            if before + Double(count) >= wanted {
                return Int((lower + (upper - lower) * (wanted - before) / Double(count)).rounded())
            }
            before += Double(count)
        }
        return nil
    }

    // MARK: In the database

    /// `index:count`, with commas between them.
    package var text: String {
        counts.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: ",")
    }

    /// - Parameter text: what is no such pair in it is passed over.
    package init(text: String) {
        for pair in text.split(separator: ",") {
            guard let (index, count) = String(pair).cut(at: ":"), let index = Int(index), let count = Int(count),
                Self.bounds.indices.contains(index), (1...1_000_000_000).contains(count)
            else { continue }
            counts[index, default: 0] += count
        }
    }
}
