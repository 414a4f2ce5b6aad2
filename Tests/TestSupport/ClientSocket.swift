import Foundation
import Glibc

/// What became of an attempt to receive.
enum Reception {
    case bytes([UInt8])
    case end
    case reset
}

/// A TCP socket to 127.0.0.1 with a time limit on every wait.
final class ClientSocket {
    private var descriptor: Int32
    private let timeout: TimeInterval

    init(timeout: TimeInterval) {
        self.timeout = timeout
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }

    deinit { close() }

    /// Works only before connecting, when the window is not yet agreed.
    func setReceiveBuffer(_ bytes: Int) { setOption(SOL_SOCKET, SO_RCVBUF, Int32(bytes)) }

    func connect(to port: UInt16) throws {
        var endpoint = sockaddr_in()
        endpoint.sin_family = sa_family_t(AF_INET)
        endpoint.sin_port = port.bigEndian
        endpoint.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: endpoint) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if result != 0 {
            guard errno == EINPROGRESS else { throw Self.failure("connect") }
            try wait(for: POLLOUT, timeout: timeout)
            var problem: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &length)
            errno = problem
            guard problem == 0 else { throw Self.failure("connect") }
        }
        setOption(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    }

    /// Sends everything; false when the peer takes no more.
    func send(_ bytes: [UInt8]) throws -> Bool {
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + start, bytes.count - start, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                start += count
            } else if errno == EAGAIN {
                try wait(for: POLLOUT, timeout: timeout)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    func receive(timeout: TimeInterval?) throws -> Reception {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 { return .bytes(Array(buffer[..<count])) }
            if count == 0 { return .end }
            switch errno {
            case EAGAIN: try wait(for: POLLIN, timeout: timeout ?? self.timeout)
            case EINTR: continue
            case ECONNRESET, EPIPE: return .reset
            default: throw Self.failure("recv")
            }
        }
    }

    /// Tells the peer that nothing more will be sent, and goes on receiving.
    func halfClose() { shutdown(descriptor, Int32(SHUT_WR)) }

    func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    /// Closes with RST instead of FIN.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    private func wait(for events: Int32, timeout: TimeInterval) throws {
        var polled = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        let deadline = Date(timeIntervalSinceNow: timeout)
        while true {
            let remaining = Int32(max(deadline.timeIntervalSinceNow * 1000, 0).rounded(.up))
            let result = poll(&polled, 1, remaining)
            if result > 0 { return }
            if result == 0 { throw HTTPTimeout(seconds: timeout) }
            guard errno == EINTR else { throw Self.failure("poll") }
        }
    }

    private func setOption(_ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func failure(_ action: String) -> SupportError {
        SupportError("\(action): \(String(cString: strerror(errno)))")
    }
}

/// The peer did not answer in time.
public struct HTTPTimeout: Error, CustomStringConvertible, Sendable {
    public let seconds: TimeInterval
    public var description: String { "nothing came within \(seconds) seconds" }
}
