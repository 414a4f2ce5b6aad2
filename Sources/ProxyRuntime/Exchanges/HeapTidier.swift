import CLinux
import OllamaProxy

/// Gives memory back after a rush: the allocator keeps tens of megabytes for the next one, which on a small machine may
/// be months away.
final class HeapTidier: TimerTarget {
    /// So many exchanges at once leave a heap behind that is worth tidying.
    private static let rush = 50
    /// By then the connections of a rush are gone as well.
    private static let settlingTime = Span.seconds(2)

    private let loop: EventLoop
    private var timer: TimerHandle!
    /// How many exchanges there are.
    private var running = 0
    /// How many there were at once since the heap was last tidy.
    private var most = 0
    private(set) var deadline: Instant?

    init(loop: EventLoop) {
        self.loop = loop
        timer = loop.timers.register(self)
    }

    /// To be told whenever an exchange has begun or ended.
    func exchanges(running count: Int) {
        running = count
        most = max(most, count)
        guard count == 0, most >= Self.rush else { return }
        deadline = loop.now.monotonic + Self.settlingTime
        loop.timers.update(timer, deadline: deadline)
    }

    func deadlineReached() {
        deadline = nil
        guard running == 0 else { return }
        most = 0
        malloc_trim(0)
    }
}
