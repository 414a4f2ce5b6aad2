import Glibc

/// The bytes of an IP address: 4 or 16.
package struct IPAddress: Hashable {
    package let bytes: [UInt8]

    /// - Returns: nil for what is no IP address.
    package init?(_ text: String) {
        var buffer = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &buffer) == 1 {
            bytes = Array(buffer.prefix(4))
        } else {
            guard inet_pton(AF_INET6, text, &buffer) == 1 else { return nil }
            bytes = buffer
        }
    }

    /// - Returns: nil for sockets of other families. An IPv4 address that a socket for both families shows as
    ///   `::ffff:1.2.3.4` is one of 4 bytes.
    package init?(_ address: UnsafePointer<sockaddr>?) {
        guard let address else { return nil }
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            let raw = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in.self).sin_addr
            bytes = withUnsafeBytes(of: raw) { Array($0) }
        case AF_INET6:
            let raw = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in6.self).sin6_addr
            let whole = withUnsafeBytes(of: raw) { Array($0) }
            let isMapped = whole.prefix(10).allSatisfy { $0 == 0 } && whole[10] == 0xFF && whole[11] == 0xFF
            bytes = isMapped ? Array(whole.suffix(4)) : whole
        default: return nil
        }
    }

    package var isLoopback: Bool {
        bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
    }

    /// RFC 1918 and RFC 4193.
    package var isPrivate: Bool {
        guard bytes.count == 4 else { return bytes[0] & 0xFE == 0xFC }
        return bytes[0] == 10 || (bytes[0] == 172 && bytes[1] & 0xF0 == 16) || (bytes[0] == 192 && bytes[1] == 168)
    }

    package var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }

    /// What clients are counted by. A client with one IPv6 address has all those of its 64-bit network.
    package var network: [UInt8] { bytes.count == 4 ? bytes : Array(bytes.prefix(8)) }
}
