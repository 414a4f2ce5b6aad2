/// Counts the connections of each client address, so that none can take them all.
package struct ConnectionCounts {
    private let limit: Int
    private var counts: [[UInt8]: Int] = [:]

    /// - Parameter limit: 0 for none.
    package init(limit: Int) {
        self.limit = limit
    }

    /// Whether there is room for one more from this address. This machine is not limited: a reverse proxy on it brings
    /// everybody from one address.
    package func admits(_ address: IPAddress?) -> Bool {
        guard limit > 0, let address, !address.isLoopback else { return true }
        return counts[address.network, default: 0] < limit
    }

    package mutating func opened(_ address: IPAddress?) {
        guard limit > 0, let address, !address.isLoopback else { return }
        counts[address.network, default: 0] += 1
    }

    package mutating func closed(_ address: IPAddress?) {
        guard limit > 0, let address, let count = counts[address.network] else { return }
        counts[address.network] = count > 1 ? count - 1 : nil
    }
}
