import Glibc
import OllamaProxy

/// The socket that clients connect to. Ours rather than libmicrohttpd's, so that its address and its errors are too.
struct ListeningSocket: ~Copyable {
    let descriptor: OwnedDescriptor
    /// The address as it was bound, the port chosen by the system included.
    let host: String
    let port: UInt16

    /// A socket that listens already, and is this process's from now on.
    /// - Throws: `SystemError` when it cannot be made ready for the loop.
    init(inherited socket: Int32) throws(SystemError) {
        let owned = OwnedDescriptor(socket)
        let flags = fcntl(socket, F_GETFL)
        guard flags >= 0, fcntl(socket, F_SETFL, flags | O_NONBLOCK) == 0, fcntl(socket, F_SETFD, FD_CLOEXEC) == 0
        else {
            throw SystemError("cannot use the inherited socket")
        }
        // A socket in the file system has neither host nor port.
        (host, port) = Self.name(of: socket) ?? ("", 0)
        descriptor = owned
    }

    /// - Throws: `SystemError` with the address and the system's reason.
    init(_ address: Configuration.Address) throws {
        let name = address.host.isEmpty ? "all interfaces" : address.host
        // An empty host means all interfaces, IPv6 ones included where there are any.
        let hosts = address.host.isEmpty ? ["::", "0.0.0.0"] : [address.host]
        var failure: SystemError?
        for host in hosts {
            do throws(SystemError) {
                let bound = try Self.bind(host, port: address.port, isShared: address.isShared)
                (self.host, self.port) = Self.name(of: bound.rawValue) ?? (host, address.port)
                descriptor = bound
                return
            } catch {
                failure = error
            }
        }
        let code = failure?.code ?? EINVAL
        throw SystemError("cannot listen on \(name) port \(address.port)", code: code, advice: Self.advice(code))
    }

    private static func advice(_ code: Int32) -> String? {
        switch code {
        case EADDRINUSE: "stop the server that has the port, or set PORT, or OLLAMA_HOST, to another"
        case EADDRNOTAVAIL: "set OLLAMA_HOST to an address that this machine has"
        case EACCES: "set PORT, or OLLAMA_HOST, to a port from 1024 on"
        default: nil
        }
    }

    private static func bind(_ host: String, port: UInt16, isShared: Bool) throws(SystemError) -> OwnedDescriptor {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let addresses = found else {
            throw SystemError("getaddrinfo", code: EADDRNOTAVAIL)
        }
        defer { freeaddrinfo(found) }
        let first = Self.preferred(of: addresses)
        let type = first.pointee.ai_socktype | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(first.pointee.ai_family, type, 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        let owned = OwnedDescriptor(descriptor)
        set(SOL_SOCKET, SO_REUSEADDR, 1, on: descriptor)
        if isShared { set(SOL_SOCKET, SO_REUSEPORT, 1, on: descriptor) }
        if first.pointee.ai_family == AF_INET6 { set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0, on: descriptor) }
        guard Glibc.bind(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 else {
            throw SystemError("bind")
        }
        guard listen(descriptor, 1024) == 0 else { throw SystemError("listen") }
        return owned
    }

    /// The first IPv4 address, or the first of all. A name may have both kinds, as `localhost` has in most hosts files, with
    /// the IPv6 one first by the C library's order: clients that try 127.0.0.1 would find no server. Ollama does the same.
    private static func preferred(of addresses: UnsafeMutablePointer<addrinfo>) -> UnsafeMutablePointer<addrinfo> {
        sequence(first: addresses) { $0.pointee.ai_next }.first { $0.pointee.ai_family == AF_INET } ?? addresses
    }

    private static func set(_ level: Int32, _ option: Int32, _ value: Int32, on descriptor: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func name(of descriptor: Int32) -> (String, UInt16)? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var service = [CChar](repeating: 0, count: Int(NI_MAXSERV))
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard getsockname(descriptor, address, &length) == 0 else { return EAI_FAIL }
                return getnameinfo(
                    address, length, &host, socklen_t(host.count), &service, socklen_t(service.count),
                    NI_NUMERICHOST | NI_NUMERICSERV)
            }
        }
        guard result == 0, let port = UInt16(text(service)) else { return nil }
        return (text(host), port)
    }

    /// C's characters have a sign on some processors and none on others.
    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
    }
}
