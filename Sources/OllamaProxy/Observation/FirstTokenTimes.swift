/// Times to the first token, kept so that those of several minutes can be combined and their median computed.
///
/// Each range ends a fifth beyond the one before, and its middle is reported, so that figures are accurate to a tenth.
package struct FirstTokenTimes: Equatable {
    private static let step = 1.2
    /// The upper end of each range, in milliseconds, from a millisecond to five minutes; longer ones count as the last.
    private static let bounds: [Double] = {
        var bounds = [1.0]
        while bounds[bounds.count - 1] < 300_000 { bounds.append(bounds[bounds.count - 1] * step) }
        return bounds
    }()

    /// By the range's index; those without any are left out.
    private var counts: [Int: Int] = [:]

    package init() {}

    package mutating func record(_ time: Span) {
        let milliseconds = Double(time.nanoseconds) / 1e6
        counts[Self.bounds.firstIndex { milliseconds <= $0 } ?? Self.bounds.count - 1, default: 0] += 1
    }

    package mutating func add(_ others: FirstTokenTimes) {
        counts.merge(others.counts, uniquingKeysWith: +)
    }

    /// The time, in milliseconds, that this share of all stayed below; nil when there are none.
    /// - Parameter share: 0 to 1.
    package func milliseconds(below share: Double) -> Int? {
        let total = counts.values.reduce(0, +)
        guard total > 0 else { return nil }
        var left = share * Double(total)
        for (index, count) in counts.sorted(by: { $0.key < $1.key }) {
            left -= Double(count)
            if left <= 0 { return Int((Self.bounds[index] / Self.step.squareRoot()).rounded()) }
        }
        return nil
    }

    // MARK: In the database

    /// `index:count`, with commas between them.
    package var text: String {
        counts.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: ",")
    }

    /// - Parameter text: anything in it that is not such a pair is skipped.
    package init(text: String) {
        for pair in text.split(separator: ",") {
            guard let (index, count) = String(pair).cut(at: ":"), let index = Int(index), let count = Int(count),
                Self.bounds.indices.contains(index), (1...1_000_000_000).contains(count)
            else { continue }
            counts[index, default: 0] += count
        }
    }
}
