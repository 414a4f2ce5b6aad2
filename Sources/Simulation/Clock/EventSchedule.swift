import OllamaProxy

/// The virtual clock, and all that is to happen by it, earliest first. Time passes only from one event to the next.
package final class EventSchedule {
    private struct Event {
        let time: Span
        /// Events of the same time happen in the order they were scheduled.
        let order: Int
        let happen: () -> Void

        func precedes(_ other: Event) -> Bool {
            time != other.time ? time < other.time : order < other.order
        }
    }

    private let start: Moment
    private var heap: [Event] = []
    private var count = 0
    /// Since the start.
    package private(set) var elapsed = Span.zero

    package init(start: Moment) {
        self.start = start
    }

    package var now: Moment { moment(elapsed) }

    /// Both clocks, so long after the start.
    package func moment(_ elapsed: Span) -> Moment { start + elapsed }

    /// How long after the start a time on the monotonic clock is.
    package func elapsed(at time: Instant) -> Span {
        time - start.monotonic
    }

    /// - Parameter time: since the start; what has passed already means now.
    package func at(_ time: Span, _ happen: @escaping () -> Void) {
        count += 1
        push(Event(time: max(time, elapsed), order: count, happen: happen))
    }

    package func after(_ delay: Span, _ happen: @escaping () -> Void) {
        at(elapsed + delay, happen)
    }

    /// Lets everything happen, and whatever it leads to.
    package func run() {
        while !heap.isEmpty {
            let event = pop()
            elapsed = event.time
            event.happen()
        }
    }

    private func push(_ event: Event) {
        heap.append(event)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].precedes(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private func pop() -> Event {
        heap.swapAt(0, heap.count - 1)
        let event = heap.removeLast()
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].precedes(heap[smallest]) {
                smallest = child
            }
            guard smallest != parent else { return event }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
