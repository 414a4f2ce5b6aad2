import OllamaProxy
import Testing

@testable import ProxyRuntime

/// Connections come and go faster than their deadlines: what they leave in the queue must not pile up.
struct TimersOfThoseWhoLeft {
    private final class Target: TimerTarget {
        var deadline: Instant?
        var fired: [Instant] = []

        func deadlineReached() {
            fired.append(deadline ?? .never)
            deadline = nil
        }
    }

    private static func time(_ number: Int) -> Instant { Instant(nanoseconds: Int64(number)) }

    @Test func areForgottenAndTheOthersKept() {
        let queue = TimerQueue()
        let staying = (1...100).map { _ in Target() }
        for (index, target) in staying.enumerated() {
            target.deadline = Self.time(1000 - index)
            queue.update(queue.register(target), deadline: target.deadline)
        }
        for _ in 0..<10_000 {
            let target = Target()
            let handle = queue.register(target)
            queue.update(handle, deadline: Self.time(5000))
            queue.unregister(handle)
        }
        #expect(queue.count < 1000)
        queue.fire(now: Self.time(950))
        #expect(staying.map(\.fired) == staying.indices.map { $0 < 50 ? [] : [Self.time(1000 - $0)] })
        queue.fire(now: Self.time(1000))
        #expect(staying.allSatisfy { $0.fired.count == 1 })
    }

    /// A time that comes nearer and nearer leaves the farther ones behind.
    @Test func nearerTimesReplaceFartherOnes() {
        let queue = TimerQueue()
        let target = Target()
        let handle = queue.register(target)
        for time in stride(from: 100_000, through: 1, by: -1) {
            target.deadline = Self.time(time)
            queue.update(handle, deadline: target.deadline)
        }
        #expect(queue.count < 1000)
        queue.fire(now: Self.time(1))
        #expect(target.fired == [Self.time(1)])
        queue.fire(now: Self.time(200_000))
        #expect(target.fired == [Self.time(1)])
    }
}
