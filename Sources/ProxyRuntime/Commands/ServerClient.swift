import OllamaProxy

/// The server that a configuration describes, as commands of the same configuration ask it.
struct ServerClient {
    private let configuration: Configuration

    init(_ configuration: Configuration) {
        self.configuration = configuration
    }

    /// Where it is expected: if it listens on all interfaces, it is asked on this machine.
    var address: String {
        let host = configuration.address.host
        if host.isEmpty || host == "0.0.0.0" { return "127.0.0.1:\(configuration.address.port)" }
        if host == "::" { return "[::1]:\(configuration.address.port)" }
        return host.contains(":")
            ? "[\(host)]:\(configuration.address.port)" : "\(host):\(configuration.address.port)"
    }

    func request(_ method: String, _ path: String) -> OneShotRequest.Outcome {
        var request = OneShotRequest(
            method: method, url: "http://\(address)\(path)", timeout: .seconds(5), usesProxy: false)
        if let key = configuration.clientKeys.first { request.headers.append("Authorization: Bearer \(key)") }
        return request.perform()
    }
}
