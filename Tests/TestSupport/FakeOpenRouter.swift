import Foundation

/// A running fake-openrouter of one's own. It ends with this object.
public final class FakeOpenRouter: Sendable {
    /// A request as the fake received it.
    public struct RecordedRequest: Sendable {
        public let method: String
        public let path: String
        /// Names in lower case.
        public let headers: [String: String]
        /// At most the first 64 kB.
        public let body: String
        /// The length of the whole body.
        public let bodyLength: Int
        public let model: String?

        /// The body as a JSON object; empty when it is none.
        public var json: [String: Any] {
            (try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any] ?? [:]
        }
    }

    /// The fake's counters at one moment.
    public struct Stats: Sendable {
        public let counters: [String: Int]

        public var openConnections: Int { self["open_connections"] }
        public var activeStreams: Int { self["active_streams"] }
        public var requests: Int { self["requests"] }
        public var peerLeft: Int { self["peer_left"] }
        public var acceptedConnections: Int { self["accepted_connections"] }
        public var queuedBytes: Int { self["queued_bytes"] }
        public var sentBytes: Int { self["sent_bytes"] }

        /// A counter by its name; -1 when there is none of that name.
        public subscript(name: String) -> Int { counters[name] ?? -1 }
    }

    public let port: UInt16
    public let process: ChildProcess

    /// Starts the fake; `tokens` and `delayMilliseconds` shape its built-in answers, which are fast unless told.
    public init(tokens: Int? = nil, delayMilliseconds: Int = 0, arguments: [String] = []) throws {
        var arguments = ["--quiet", "--delay-ms", String(delayMilliseconds)] + arguments
        if let tokens { arguments += ["--tokens", String(tokens)] }
        process = try ChildProcess(executable: BuiltProducts.fakeOpenRouter(), arguments: arguments)
        let line = process.output.waitForLine(timeout: 20) { $0.hasPrefix("listening on ") }?.line
        guard let line, let port = URL(string: String(line.dropFirst("listening on ".count)))?.port else {
            process.kill()
            throw SupportError("fake-openrouter did not start: \(process.errors.lines.joined(separator: "\n"))")
        }
        self.port = UInt16(port)
    }

    deinit { process.kill() }

    /// What OPENROUTER_BASE_URL should say.
    public var baseURL: String { "http://127.0.0.1:\(port)/api/v1" }

    /// A client for the fake itself.
    public var client: HTTPClient { HTTPClient(port: port) }

    /// Replaces all rules by those of a JSON text.
    public func setScript(_ json: String) throws { try put("/_fake/script", Array(json.utf8)) }

    /// Replaces all rules.
    public func setScript(_ script: [String: Any]) throws {
        try put("/_fake/script", Array(JSONSerialization.data(withJSONObject: script)))
    }

    /// Replaces all rules by one: its model answers with these JSON objects, one a request, the last one again and
    /// again.
    public func setAnswers(_ answers: String..., model: String = "*") throws {
        let name = String(decoding: try JSONEncoder().encode(model), as: UTF8.self)
        try setScript("{\"rules\":[{\"model\":\(name),\"answers\":[\(answers.joined(separator: ","))]}]}")
    }

    /// Replaces the answer to GET /models, byte for byte.
    public func setModels(_ json: String, status: Int = 200) throws {
        try put("/_fake/models?status=\(status)", Array(json.utf8))
    }

    /// Replaces the answer to GET /key, byte for byte.
    public func setKey(_ json: String, status: Int = 200) throws {
        try put("/_fake/key?status=\(status)", Array(json.utf8))
    }

    /// All requests under /api/v1 so far, the oldest first.
    public func requests() throws -> [RecordedRequest] {
        let response = try client.request("GET", "/_fake/requests")
        guard let values = try response.json() as? [[String: Any]] else {
            throw SupportError("not a list of requests: \(response.text)")
        }
        return values.map { value in
            RecordedRequest(
                method: value["method"] as? String ?? "", path: value["path"] as? String ?? "",
                headers: value["headers"] as? [String: String] ?? [:], body: value["body"] as? String ?? "",
                bodyLength: value["body_bytes"] as? Int ?? 0, model: value["model"] as? String)
        }
    }

    /// The requests for chat completions so far, the oldest first.
    public func chatRequests() throws -> [RecordedRequest] {
        try requests().filter { $0.path.hasSuffix("/chat/completions") }
    }

    /// Forgets the requests, and counts from 0 again.
    public func clearRequests() throws {
        let response = try client.request("DELETE", "/_fake/requests")
        guard response.status == 200 else { throw SupportError("DELETE /_fake/requests: \(response.text)") }
    }

    public func stats() throws -> Stats { try Self.stats(of: client.request("GET", "/_fake/stats")) }

    /// Waits until a counter has exactly that value.
    @discardableResult
    public func wait(for counter: String, equals value: Int, timeout: TimeInterval = 30) throws -> Stats {
        try wait(counter, value, "eq", timeout)
    }

    /// Waits until a counter has that value or more.
    @discardableResult
    public func wait(for counter: String, atLeast value: Int, timeout: TimeInterval = 30) throws -> Stats {
        try wait(counter, value, "ge", timeout)
    }

    /// Waits until a counter has that value or less.
    @discardableResult
    public func wait(for counter: String, atMost value: Int, timeout: TimeInterval = 30) throws -> Stats {
        try wait(counter, value, "le", timeout)
    }

    /// Ends the fake, and all its connections with it.
    public func stop() { process.kill() }

    private func wait(_ counter: String, _ value: Int, _ comparison: String, _ timeout: TimeInterval) throws -> Stats {
        let response = try HTTPClient(port: port, timeout: timeout + 5).request(
            "GET", "/_fake/wait?\(counter)=\(value)&op=\(comparison)&timeout_ms=\(Int(timeout * 1000))")
        guard response.status == 200 else {
            throw SupportError("\(counter) \(comparison) \(value) did not come true: \(response.text)")
        }
        return try Self.stats(of: response)
    }

    private static func stats(of response: HTTPResponse) throws -> Stats {
        guard let counters = try response.json() as? [String: Int] else {
            throw SupportError("not a set of counters: \(response.text)")
        }
        return Stats(counters: counters)
    }

    private func put(_ path: String, _ body: [UInt8]) throws {
        let response = try client.request("PUT", path, body: body)
        guard response.status == 200 else { throw SupportError("PUT \(path): \(response.text)") }
    }
}
