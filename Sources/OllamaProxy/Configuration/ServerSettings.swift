/// What one client, and all of them together, may take of the server.
package struct ServerLimits: Equatable {
    /// Bytes of a request's body.
    package var body = 32 << 20
    /// Bytes of a request's line and headers, and of the memory kept for them.
    package var header = 8 << 10
    /// Connections at once; nil for as many as the descriptors allow, up to `mostConnections`.
    package var connections: Int?
    /// Connections from one address at once; 0 for any number. Those of this machine are not counted.
    package var connectionsPerAddress = 256
    /// How long it may take from a connection's start until the head of its first request has come.
    package var headerTimeout = Span.seconds(30)
    /// How long a request's body may take to come; one that brings `slowestBody` bytes a second may go on for as long again.
    package var bodyTimeout = Span.seconds(60)
    /// Requests that are answered by models at once, those that wait for their turn included.
    package var concurrentRequests = 512

    package init() {}

    /// What is allowed when nothing is set, however many descriptors there are.
    package static let mostConnections = 10_000
    /// Bytes a second. A telephone on the edge of its network sends faster.
    package static let slowestBody = 4 << 10
}

extension ConfigurationReader {
    mutating func readServerLimits(into configuration: inout Configuration) {
        let standard = ServerLimits()
        var limits = standard
        limits.body = integer("MAX_BODY_MEGABYTES", 1...100, default: standard.body >> 20) << 20
        limits.header = integer("MAX_HEADER_KILOBYTES", 4...256, default: standard.header >> 10) << 10
        limits.connections = optionalInteger("MAX_CONNECTIONS", 1...1_000_000)
        limits.connectionsPerAddress = integer(
            "MAX_CONNECTIONS_PER_ADDRESS", 0...1_000_000, default: standard.connectionsPerAddress)
        limits.headerTimeout = seconds(
            "HEADER_TIMEOUT_SECONDS", 1...3600, default: standard.headerTimeout.secondsRoundedUp)
        limits.bodyTimeout = seconds("BODY_TIMEOUT_SECONDS", 1...3600, default: standard.bodyTimeout.secondsRoundedUp)
        limits.concurrentRequests = integer(
            "MAX_CONCURRENT_REQUESTS", 1...1_000_000, default: standard.concurrentRequests)
        configuration.serverLimits = limits
    }

    /// The keys are never part of a message.
    mutating func readClientKeys(into configuration: inout Configuration) {
        var keys: [String] = []
        if let text = environment["PROXY_API_KEYS"] { keys = text.split(separator: ",").map(String.init) }
        if let path = environment["PROXY_API_KEYS_FILE"] {
            guard let content = fileContent(path) else {
                return fail("PROXY_API_KEYS_FILE", path, "a readable file with one key a line")
            }
            keys += content.split(whereSeparator: \.isNewline).map(String.init)
        }
        keys = keys.map(\.trimmingSpaces).filter { !$0.isEmpty && !$0.hasPrefix("#") }
        let areSet = environment["PROXY_API_KEYS"] != nil || environment["PROXY_API_KEYS_FILE"] != nil
        guard !areSet || !keys.isEmpty else {
            // Whoever sets one of them wants clients to be asked: an empty file must not open the door.
            return errors.append(ConfigurationError("PROXY_API_KEYS or PROXY_API_KEYS_FILE is set, and holds no key"))
        }
        guard keys.allSatisfy({ $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && $0.utf8.count >= ClientKeys.shortest })
        else {
            return errors.append(
                ConfigurationError(
                    "PROXY_API_KEYS: each key must be at least \(ClientKeys.shortest) visible ASCII characters "
                        + "without spaces, such as `openssl rand -hex 16` makes"))
        }
        configuration.clientKeys = ClientKeys(keys)
    }
}
