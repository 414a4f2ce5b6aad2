import Testing

@testable import ProxyRuntime

/// Connections come and go faster than their deadlines: what they leave in the queue must not pile up.
struct TimersOfThoseWhoLeft {
    private final class Target: TimerTarget {
        var deadline: Int64?
        var fired: [Int64] = []

        func deadlineReached() {
            fired.append(deadline ?? -1)
            deadline = nil
        }
    }

    @Test func areForgottenAndTheOthersKept() {
        let queue = TimerQueue()
        let staying = (1...100).map { _ in Target() }
        for (index, target) in staying.enumerated() {
            target.deadline = Int64(1000 - index)
            queue.update(queue.register(target), deadline: target.deadline)
        }
        for _ in 0..<10_000 {
            let target = Target()
            let handle = queue.register(target)
            queue.update(handle, deadline: 5000)
            queue.unregister(handle)
        }
        #expect(queue.count < 1000)
        queue.fire(now: 950)
        #expect(staying.map(\.fired) == staying.indices.map { $0 < 50 ? [] : [Int64(1000 - $0)] })
        queue.fire(now: 1000)
        #expect(staying.allSatisfy { $0.fired.count == 1 })
    }

    /// A time that comes nearer and nearer leaves the farther ones behind.
    @Test func nearerTimesReplaceFartherOnes() {
        let queue = TimerQueue()
        let target = Target()
        let handle = queue.register(target)
        for time in stride(from: Int64(100_000), through: 1, by: -1) {
            target.deadline = time
            queue.update(handle, deadline: time)
        }
        #expect(queue.count < 1000)
        queue.fire(now: 1)
        #expect(target.fired == [1])
        queue.fire(now: 200_000)
        #expect(target.fired == [1])
    }
}
