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

    private static func withoutPort(_ host: String) -> String {
        if host.hasPrefix("["), let (inside, _) = String(host.dropFirst()).cut(at: "]") { return String(inside) }
        guard host.count(where: { $0 == ":" }) == 1, let (name, _) = host.cut(at: ":") else { return host }
        return String(name)
    }
}
