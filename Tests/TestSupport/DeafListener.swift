import Glibc

/// A port at which connections are neither accepted nor refused, as behind a firewall that drops what it does not like.
public final class DeafListener: Sendable {
    public let port: UInt16
    private let descriptors: [Int32]

    public init() throws {
        let listener = try LoopbackListener(backlog: 0)
        // Nobody accepts these, so that the queue is full and what comes later is not even heard.
        let fillers = (0..<4).map { _ in
            let filler = socket(
                AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
            withUnsafePointer(to: listener.address) { pointer in
                _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(filler, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            return filler
        }
        port = listener.port
        descriptors = fillers + [listener.descriptor]
    }

    deinit { for descriptor in descriptors { close(descriptor) } }
}
