/// A binary heap of deadlines, the earliest on top. Entries are never removed early: the receiver of one compares its
/// sequence with the connection's and drops what has been replaced.
struct TimerHeap {
    struct Entry {
        let deadline: UInt64
        let descriptor: Int32
        let sequence: UInt64
    }

    private var entries: [Entry] = []

    /// The earliest deadline, in nanoseconds of the monotonic clock.
    var nextDeadline: UInt64? { entries.first?.deadline }

    mutating func insert(_ entry: Entry) {
        entries.append(entry)
        var index = entries.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard entries[index].deadline < entries[parent].deadline else { return }
            entries.swapAt(index, parent)
            index = parent
        }
    }

    /// Takes the earliest entry if its deadline has come.
    mutating func takeDue(at now: UInt64) -> Entry? {
        guard let first = entries.first, first.deadline <= now else { return nil }
        let last = entries.removeLast()
        if entries.isEmpty { return first }
        entries[0] = last
        var index = 0
        while true {
            var smallest = index
            for child in (2 * index + 1)...(2 * index + 2)
            where child < entries.count && entries[child].deadline < entries[smallest].deadline {
                smallest = child
            }
            guard smallest != index else { return first }
            entries.swapAt(index, smallest)
            index = smallest
        }
    }
}
