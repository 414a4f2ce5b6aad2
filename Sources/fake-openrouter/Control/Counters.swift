/// What tests watch instead of sleeping.
struct Counters {
    var openConnections = 0
    /// Connections whose latest request was for a control route: these belong to the test, not to the tested.
    var controlConnections = 0
    var activeStreams = 0
    var requests = 0
    var peerLeft = 0
    var acceptedConnections = 0
    var queuedBytes = 0
    var sentBytes = 0

    private var named: [(String, Int)] {
        [
            ("open_connections", openConnections - controlConnections), ("active_streams", activeStreams),
            ("requests", requests), ("peer_left", peerLeft), ("accepted_connections", acceptedConnections),
            ("queued_bytes", queuedBytes), ("sent_bytes", sentBytes),
        ]
    }

    var value: JSONValue {
        .object(named.map { JSONValue.Member(name: $0.0, value: .int($0.1)) })
    }

    subscript(name: String) -> Int? { named.first { $0.0 == name }?.1 }
}

/// One counter's condition, as in `?active_streams=0&op=le`.
struct CounterCondition {
    enum Comparison: String {
        case equal = "eq"
        case atLeast = "ge"
        case atMost = "le"
    }

    let counter: String
    let comparison: Comparison
    let threshold: Int
    let timeout: Delay

    /// Reads the condition from a query; nil when no known counter is named or a value is no number.
    init?(query: [String: String]) {
        guard let (name, text) = query.first(where: { Counters()[$0.key] != nil }), let threshold = Int(text),
            let comparison = Comparison(rawValue: query["op"] ?? "eq"),
            let timeout = Double(query["timeout_ms"] ?? "5000")
        else { return nil }
        self.counter = name
        self.comparison = comparison
        self.threshold = threshold
        self.timeout = Delay(milliseconds: timeout)
    }

    func holds(for counters: Counters) -> Bool {
        guard let value = counters[counter] else { return false }
        return switch comparison {
        case .equal: value == threshold
        case .atLeast: value >= threshold
        case .atMost: value <= threshold
        }
    }
}
