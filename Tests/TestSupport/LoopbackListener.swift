import Glibc

/// A socket that listens on a port of 127.0.0.1 which the system has chosen. Its creator closes its descriptor.
public struct LoopbackListener: Sendable {
    public let descriptor: Int32
    public let port: UInt16
    let address: sockaddr_in

    /// - Parameter backlog: how many connections may wait to be accepted.
    public init(backlog: Int32) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && listen(descriptor, backlog) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        guard isListening else { throw SupportError("cannot listen: \(String(cString: strerror(errno)))") }
        self.descriptor = descriptor
        self.address = address
        port = UInt16(bigEndian: address.sin_port)
    }
}
