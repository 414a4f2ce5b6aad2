/// Whoever wants to be called at a time. The time may be put off as often as it likes: that costs nothing until the
/// time first named has come.
protocol TimerTarget: AnyObject {
    /// On the monotonic clock, in nanoseconds; nil for never.
    var deadline: Int64? { get }
    func deadlineReached()
}

/// The deadlines of everything that waits, earliest first.
///
/// A stream puts its deadline off with every chunk. So the queue holds one entry a target, is told only of deadlines
/// that come nearer, and asks the target again when an entry's time has come.
final class TimerQueue {
    typealias ID = UInt64

    private struct Entry {
        let time: Int64
        let id: ID
    }

    private struct Member {
        let target: any TimerTarget
        /// The time of the entry that counts; entries of other times are left over.
        var scheduled: Int64?
    }

    private var heap: [Entry] = []
    private var members: [ID: Member] = [:]
    private var lastID: ID = 0

    func register(_ target: any TimerTarget) -> ID {
        lastID += 1
        members[lastID] = Member(target: target, scheduled: nil)
        return lastID
    }

    func unregister(_ id: ID) {
        members[id] = nil
    }

    func removeAll() {
        heap.removeAll()
        members.removeAll()
    }

    /// The target's deadline may have come nearer.
    func update(_ id: ID, deadline: Int64?) {
        guard let deadline, let member = members[id] else { return }
        if let scheduled = member.scheduled, scheduled <= deadline { return }
        members[id]!.scheduled = deadline
        push(Entry(time: deadline, id: id))
    }

    /// When the next entry is due; the target may have put it off since.
    var nextTime: Int64? { heap.first?.time }

    /// Calls every target whose deadline has come.
    func fire(now: Int64) {
        while let entry = heap.first, entry.time <= now {
            pop()
            guard let member = members[entry.id], member.scheduled == entry.time else { continue }
            members[entry.id]!.scheduled = nil
            guard let deadline = member.target.deadline else { continue }
            if deadline <= now { member.target.deadlineReached() }
            // Whoever leaves the deadline in the past is called again, and not for ever in this very loop.
            update(entry.id, deadline: member.target.deadline.map { max($0, now + 1) })
        }
    }

    private func push(_ entry: Entry) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].time < heap[parent].time else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private func pop() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].time < heap[smallest].time { smallest = child }
            }
            guard smallest != parent else { return }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
