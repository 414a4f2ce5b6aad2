import Glibc
import OllamaProxy

/// What this machine is called, and which addresses are its own or its network's.
enum LocalNames {
    static func hostPolicy(listeningOn host: String) -> HostPolicy {
        HostPolicy(
            listensOnLoopback: bytes(of: host).map(isLoopback) ?? false, hostName: hostName,
            isLocalAddress: { text in
                guard let address = bytes(of: text) else { return nil }
                return isLoopback(address) || isPrivate(address) || address.allSatisfy { $0 == 0 }
                    || interfaceAddresses().contains(address)
            })
    }

    private static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The address's 4 or 16 bytes; nil for what is none.
    private static func bytes(of text: String) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &buffer) == 1 { return Array(buffer.prefix(4)) }
        return inet_pton(AF_INET6, text, &buffer) == 1 ? buffer : nil
    }

    private static func isLoopback(_ address: [UInt8]) -> Bool {
        address.count == 4 ? address[0] == 127 : address.dropLast().allSatisfy { $0 == 0 } && address[15] == 1
    }

    /// RFC 1918 and RFC 4193.
    private static func isPrivate(_ address: [UInt8]) -> Bool {
        guard address.count == 4 else { return address[0] & 0xFE == 0xFC }
        return address[0] == 10 || (address[0] == 172 && address[1] & 0xF0 == 16)
            || (address[0] == 192 && address[1] == 168)
    }

    private static func interfaceAddresses() -> [[UInt8]] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var addresses: [[UInt8]] = []
        var entry = list
        while let interface = entry {
            entry = interface.pointee.ifa_next
            guard let address = interface.pointee.ifa_addr else { continue }
            switch Int32(address.pointee.sa_family) {
            case AF_INET:
                let raw = UnsafeRawPointer(address).load(as: sockaddr_in.self).sin_addr
                addresses.append(withUnsafeBytes(of: raw) { Array($0) })
            case AF_INET6:
                let raw = UnsafeRawPointer(address).load(as: sockaddr_in6.self).sin6_addr
                addresses.append(withUnsafeBytes(of: raw) { Array($0) })
            default: break
            }
        }
        return addresses
    }
}
