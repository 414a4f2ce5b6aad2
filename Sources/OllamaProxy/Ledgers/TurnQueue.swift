/// The requests that wait until the quota allows another, in the order they arrived.
///
/// A request that falls back to another model keeps its place: it is older than those that came after it.
package final class TurnQueue {
    /// A request's place in the order of arrival.
    package typealias Arrival = Int

    /// The longest queue. Later requests would wait too long anyway.
    package let most: Int
    private var lastArrival = 0
    /// In ascending order.
    private var waiting: [Arrival] = []

    package init(most: Int = 500) {
        self.most = most
    }

    /// A new request arrives.
    package func arrive() -> Arrival {
        lastArrival += 1
        return lastArrival
    }

    package var count: Int { waiting.count }

    /// Whose turn comes first; nil when the queue is empty.
    package var first: Arrival? { waiting.first }

    package var isFull: Bool { waiting.count >= most }

    /// How many wait that arrived earlier.
    package func ahead(of arrival: Arrival) -> Int {
        position(of: arrival)
    }

    package func contains(_ arrival: Arrival) -> Bool {
        let position = position(of: arrival)
        return position < waiting.count && waiting[position] == arrival
    }

    package func enter(_ arrival: Arrival) {
        guard !contains(arrival) else { return }
        waiting.insert(arrival, at: position(of: arrival))
    }

    package func leave(_ arrival: Arrival) {
        if contains(arrival) { waiting.remove(at: position(of: arrival)) }
    }

    /// The first index whose arrival is not earlier.
    private func position(of arrival: Arrival) -> Int {
        var (low, high) = (0, waiting.count)
        while low < high {
            let middle = (low + high) / 2
            if waiting[middle] < arrival { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
