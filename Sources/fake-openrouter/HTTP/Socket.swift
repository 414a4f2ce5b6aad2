import CLinux
import Glibc

/// Why the server cannot listen.
struct SocketError: Error, CustomStringConvertible {
    let description: String

    init(_ action: String) { description = "\(action): \(String(cString: strerror(errno)))" }
}

/// The system calls around sockets.
enum Socket {
    /// A non-blocking listening socket; port 0 takes any free one.
    static func listen(address: String, port: UInt16) throws(SocketError) -> Int32 {
        var endpoint = sockaddr_in()
        endpoint.sin_family = sa_family_t(AF_INET)
        endpoint.sin_port = port.bigEndian
        guard inet_pton(AF_INET, address, &endpoint.sin_addr) == 1 else {
            errno = EINVAL
            throw SocketError("address \(address)")
        }
        let descriptor = socket(
            AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SocketError("socket") }
        set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        let bound = withUnsafePointer(to: endpoint) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0, Glibc.listen(descriptor, 4096) == 0 else {
            throw SocketError("cannot listen on \(address):\(port)")
        }
        return descriptor
    }

    static func localPort(of descriptor: Int32) -> UInt16 {
        var endpoint = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &endpoint) { pointer in
            _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return UInt16(bigEndian: endpoint.sin_port)
    }

    /// The next connection, or -1 with errno. It blocks unless every call on it says MSG_DONTWAIT.
    static func accept(_ listener: Int32) -> Int32 {
        let descriptor = Glibc.accept(listener, nil, nil)
        if descriptor >= 0 { set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1) }
        return descriptor
    }

    static func close(_ descriptor: Int32, isReset: Bool) {
        if isReset {
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }
        Glibc.close(descriptor)
    }

    /// Lifts the limit of open files as far as the system lets us.
    static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
