import OllamaProxy

/// Is called at a time. The time can be postponed as often as needed: that costs nothing until the first time has come.
protocol TimerTarget: AnyObject {
    /// nil for never.
    var deadline: Instant? { get }
    func deadlineReached()
}

/// A target's place in the queue.
final class TimerHandle {
    /// Keep the handle; unregister before deinit.
    fileprivate unowned var target: (any TimerTarget)?
    /// The time of the entry that counts; entries of other times are left over.
    fileprivate var scheduled: Instant?

    fileprivate init(_ target: any TimerTarget) {
        self.target = target
    }
}

/// The deadlines of everything that waits, earliest first.
///
/// A stream postpones its deadline with every chunk. So the queue has one entry per target, is told only of deadlines that come
/// nearer, and asks the target again when an entry's time has come.
final class TimerQueue {
    private struct Entry {
        let time: Instant
        let handle: TimerHandle
    }

    private var heap: [Entry] = []
    /// Stale entries: their target is gone, or has named a nearer time.
    private var abandoned = 0

    /// The target is to be unregistered before it ceases to be.
    func register(_ target: any TimerTarget) -> TimerHandle {
        TimerHandle(target)
    }

    func unregister(_ handle: TimerHandle) {
        handle.target = nil
        guard handle.scheduled != nil else { return }
        handle.scheduled = nil
        abandoned += 1
    }

    func removeAll() {
        for entry in heap { entry.handle.target = nil }
        heap.removeAll()
        abandoned = 0
    }

    /// The target's deadline may have come nearer.
    func update(_ handle: TimerHandle, deadline: Instant?) {
        guard let deadline, handle.target != nil else { return }
        if let scheduled = handle.scheduled {
            if scheduled <= deadline { return }
            abandoned += 1
        }
        handle.scheduled = deadline
        forgetAbandoned()
        push(Entry(time: deadline, handle: handle))
    }

    /// How many entries there are, including stale ones.
    var count: Int { heap.count }

    /// When the next entry is due; the target may have put it off since.
    var nextTime: Instant? { heap.isEmpty ? nil : heap[0].time }

    /// Calls every target whose deadline has come.
    func fire(now: Instant) {
        while !heap.isEmpty, heap[0].time <= now {
            let entry = pop()
            guard let target = entry.handle.target, entry.handle.scheduled == entry.time else {
                abandoned = max(0, abandoned - 1)
                continue
            }
            entry.handle.scheduled = nil
            guard let deadline = target.deadline else { continue }
            if deadline <= now { target.deadlineReached() }
            // A target that leaves its deadline in the past is called again, but not endlessly in this loop.
            update(entry.handle, deadline: target.deadline.map { max($0, now + .nanoseconds(1)) })
        }
    }

    /// Targets that come and go faster than their times would leave more behind than there is to wait for: short
    /// connections by the thousand do. So the queue never holds many more entries than targets.
    private func forgetAbandoned() {
        guard abandoned > Self.fewAbandoned, abandoned > heap.count / 2 else { return }
        heap = heap.filter { $0.handle.target != nil && $0.handle.scheduled == $0.time }.sorted { $0.time < $1.time }
        abandoned = 0
    }

    /// Not worth going through the whole queue for.
    private static let fewAbandoned = 256

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
