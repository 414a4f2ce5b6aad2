import Foundation
import Glibc

/// Collects the lines that a child writes, on a thread of its own.
///
/// A caller gets all that the child wrote before: what still waits in the socket is read first.
public final class LineCollector: @unchecked Sendable {
    // Guards everything below.
    private let condition = NSCondition()
    private var collected: [String] = []
    private var hasEnded = false
    /// The line that has not come to its end.
    private var pending: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    private let descriptor: Int32

    /// Takes over the descriptor, a socket, and closes it at its end.
    init(descriptor: Int32) {
        self.descriptor = descriptor
        let thread = Thread { [self] in
            var isOver = false
            while !isOver {
                var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                _ = poll(&watched, 1, -1)
                isOver = condition.withLock {
                    takeWaiting()
                    return hasEnded
                }
            }
            close(descriptor)
        }
        thread.name = "line-collector"
        thread.start()
    }

    /// All lines so far.
    public var lines: [String] {
        condition.withLock {
            takeWaiting()
            return collected
        }
    }

    public var count: Int { lines.count }

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

    /// To be called with the lock held.
    private func takeWaiting() {
        while !hasEnded {
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return }
            if count > 0 { take(buffer[..<count]) } else { end() }
        }
    }

    private func take(_ bytes: ArraySlice<UInt8>) {
        pending += bytes
        var parts = pending.split(separator: 0x0A, omittingEmptySubsequences: false)
        pending = Array(parts.removeLast())
        guard !parts.isEmpty else { return }
        collected += parts.map { String(decoding: $0, as: UTF8.self) }
        condition.broadcast()
    }

    private func end() {
        if !pending.isEmpty { collected.append(String(decoding: pending, as: UTF8.self)) }
        hasEnded = true
        condition.broadcast()
    }
}
