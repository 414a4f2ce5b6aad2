/// How often a measurement fell into which of a few ranges, as Prometheus counts it.
package struct Histogram {
    /// The upper ends of the ranges, in seconds, ascending; a last range without an end follows.
    package let bounds: [Double]
    /// One for each range, and one for the last.
    package private(set) var counts: [Int]
    /// Of all measurements, in seconds.
    package private(set) var sum = 0.0

    package init(bounds: [Double]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    package mutating func record(_ time: Span) {
        let seconds = time.seconds
        counts[bounds.firstIndex { seconds <= $0 } ?? bounds.count] += 1
        sum += seconds
    }
}
