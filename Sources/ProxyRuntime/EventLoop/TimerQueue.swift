/// Whoever wants to be called at a time. The time may be put off as often as it likes: that costs nothing until the
/// time first named has come.
protocol TimerTarget: AnyObject {
    /// On the monotonic clock, in nanoseconds; nil for never.
    var deadline: Int64? { get }
    func deadlineReached()
}

/// A target's place in the queue.
final class TimerHandle {
    /// Whoever registers holds the handle, and unregisters before ceasing to be.
    fileprivate unowned var target: (any TimerTarget)?
    /// The time of the entry that counts; entries of other times are left over.
    fileprivate var scheduled: Int64?

    fileprivate init(_ target: any TimerTarget) {
        self.target = target
    }
}

/// The deadlines of everything that waits, earliest first.
///
/// A stream puts its deadline off with every chunk. So the queue holds one entry a target, is told only of deadlines
/// that come nearer, and asks the target again when an entry's time has come.
final class TimerQueue {
    private struct Entry {
        let time: Int64
        let handle: TimerHandle
    }

    private var heap: [Entry] = []

    /// The target is to be unregistered before it ceases to be.
    func register(_ target: any TimerTarget) -> TimerHandle {
        TimerHandle(target)
    }

    func unregister(_ handle: TimerHandle) {
        handle.target = nil
    }

    func removeAll() {
        for entry in heap { entry.handle.target = nil }
        heap.removeAll()
    }

    /// The target's deadline may have come nearer.
    func update(_ handle: TimerHandle, deadline: Int64?) {
        guard let deadline, handle.target != nil else { return }
        if let scheduled = handle.scheduled, scheduled <= deadline { return }
        handle.scheduled = deadline
        push(Entry(time: deadline, handle: handle))
    }

    /// When the next entry is due; the target may have put it off since.
    var nextTime: Int64? { heap.isEmpty ? nil : heap[0].time }

    /// Calls every target whose deadline has come.
    func fire(now: Int64) {
        while !heap.isEmpty, heap[0].time <= now {
            let entry = pop()
            guard let target = entry.handle.target, entry.handle.scheduled == entry.time else { continue }
            entry.handle.scheduled = nil
            guard let deadline = target.deadline else { continue }
            if deadline <= now { target.deadlineReached() }
            // Whoever leaves the deadline in the past is called again, and not for ever in this very loop.
            update(entry.handle, deadline: target.deadline.map { max($0, now + 1) })
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

    private func pop() -> Entry {
        heap.swapAt(0, heap.count - 1)
        let entry = heap.removeLast()
        var parent = 0
        while true {
            var smallest = parent
            let left = 2 * parent + 1
            if left < heap.count, heap[left].time < heap[smallest].time { smallest = left }
            if left + 1 < heap.count, heap[left + 1].time < heap[smallest].time { smallest = left + 1 }
            guard smallest != parent else { return entry }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
