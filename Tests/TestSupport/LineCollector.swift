import Foundation
import Glibc

/// Collects the lines that a child writes, on a thread of its own.
public final class LineCollector: @unchecked Sendable {
    // Guards everything below.
    private let condition = NSCondition()
    private var collected: [String] = []
    private var hasEnded = false

    /// Takes over the descriptor, and closes it at its end.
    init(descriptor: Int32) {
        let thread = Thread { [self] in
            read(descriptor)
            close(descriptor)
        }
        thread.name = "line-collector"
        thread.start()
    }

    /// All lines so far.
    public var lines: [String] { condition.withLock { collected } }

    public var count: Int { condition.withLock { collected.count } }

    /// The first line, from the given index on, that satisfies the condition; waits for it, and answers nil when time
    /// is up or no line can come any more.
    public func waitForLine(
        from start: Int = 0, timeout: TimeInterval, where matches: (String) -> Bool
    ) -> (index: Int, line: String)? {
        let deadline = Date(timeIntervalSinceNow: timeout)
        var index = start
        condition.lock()
        defer { condition.unlock() }
        while true {
            while index < collected.count {
                if matches(collected[index]) { return (index, collected[index]) }
                index += 1
            }
            if hasEnded || !condition.wait(until: deadline) && index >= collected.count { return nil }
        }
    }

    /// Waits until the child has closed its end.
    @discardableResult
    public func waitForEnd(timeout: TimeInterval) -> Bool {
        let deadline = Date(timeIntervalSinceNow: timeout)
        condition.lock()
        defer { condition.unlock() }
        while !hasEnded {
            if !condition.wait(until: deadline) { return hasEnded }
        }
        return true
    }

    private func read(_ descriptor: Int32) {
        var pending: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            pending += buffer[..<count]
            var parts = pending.split(separator: 0x0A, omittingEmptySubsequences: false)
            pending = Array(parts.removeLast())
            let lines = parts.map { String(decoding: $0, as: UTF8.self) }
            condition.withLock {
                collected += lines
                condition.broadcast()
            }
        }
        condition.withLock {
            if !pending.isEmpty { collected.append(String(decoding: pending, as: UTF8.self)) }
            hasEnded = true
            condition.broadcast()
        }
    }
}
