import Glibc
import OllamaProxy

/// What this machine is called, and which addresses are its own or its network's.
enum LocalNames {
    static func hostPolicy(listeningOn host: String) -> HostPolicy {
        HostPolicy(
            listensOnLoopback: IPAddress(host)?.isLoopback ?? false, hostName: hostName,
            isLocalAddress: { text in
                guard let address = IPAddress(text) else { return nil }
                return address.isLoopback || address.isPrivate || address.isUnspecified
                    || interfaceAddresses().contains(address)
            })
    }

    private static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
    }

    private static func interfaceAddresses() -> [IPAddress] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var addresses: [IPAddress] = []
        var entry = list
        while let interface = entry {
            entry = interface.pointee.ifa_next
            if let address = IPAddress(interface.pointee.ifa_addr) { addresses.append(address) }
        }
        return addresses
    }
}
