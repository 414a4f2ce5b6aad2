/// Which names the server answers to. A page can give any name of its own this machine's address, and would then count
/// as being of our own origin; but it cannot choose what its browser writes into `Host`. As Ollama: while it listens on
/// the loopback address only, it answers to local names and addresses alone.
package struct HostPolicy {
    private let listensOnLoopback: Bool
    private let hostName: String
    /// Whether an address is loopback, private, unspecified or one of this machine's; nil for what is no address.
    private let isLocalAddress: (String) -> Bool?

    package init(listensOnLoopback: Bool, hostName: String, isLocalAddress: @escaping (String) -> Bool?) {
        self.listensOnLoopback = listensOnLoopback
        self.hostName = hostName.lowercased()
        self.isLocalAddress = isLocalAddress
    }

    /// - Parameter header: the `Host` header's value, with or without a port.
    package func allows(_ header: String) -> Bool {
        guard listensOnLoopback else { return true }
        let host = Self.withoutPort(header.lowercased())
        if let isLocal = isLocalAddress(host) { return isLocal }
        return host.isEmpty || host == "localhost" || host == hostName
            || [".localhost", ".local", ".internal"].contains { host.hasSuffix($0) }
    }

    /// What is no host with a port stays as it is, and is no name that anyone has.
    private static func withoutPort(_ host: String) -> String {
        if host.hasPrefix("["), let (inside, rest) = String(host.dropFirst()).cut(at: "]") {
            return rest.isEmpty || (rest.first == ":" && isPort(rest.dropFirst())) ? String(inside) : host
        }
        guard host.utf8.count(where: { $0 == UInt8(ascii: ":") }) == 1, let (name, port) = host.cut(at: ":") else {
            return host
        }
        return isPort(port) ? String(name) : host
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
