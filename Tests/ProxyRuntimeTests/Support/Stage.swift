import Foundation
import TestSupport
import Testing

typealias JSONObject = [String: Any]

/// A model of the upstream's list, as far as tests care.
struct ListedModel {
    let id: String
    let context: Int
    var price = "0"
    var parameters = ["max_tokens", "temperature", "tools", "tool_choice", "reasoning", "response_format"]
    var inputs = ["text"]
    var outputs = ["text"]
    var isReasoningMandatory = false

    /// Three free models; the proxy prefers them in this order.
    static let first = ListedModel(id: "birch/alpha-70b:free", context: 300_000)
    static let second = ListedModel(id: "cedar/beta-30b:free", context: 200_000)
    static let third = ListedModel(id: "maple/gamma-7b:free", context: 100_000)
    static let three = [first, second, third]

    var json: JSONObject {
        [
            "id": id, "name": id, "created": 1_780_000_000, "context_length": context,
            "architecture": ["input_modalities": inputs, "output_modalities": outputs],
            "pricing": ["prompt": price, "completion": price], "supported_parameters": parameters,
            "reasoning": ["mandatory": isReasoningMandatory],
        ]
    }
}

extension [ListedModel] {
    /// The body of GET /models.
    var json: String { JSON.text(["data": map(\.json)]) }
}

enum JSON {
    static func text(_ value: Any) -> String {
        String(
            decoding: try! JSONSerialization.data(
                withJSONObject: value, options: [.sortedKeys, .withoutEscapingSlashes]), as: UTF8.self)
    }

    static func object(_ text: String) throws -> JSONObject {
        try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? JSONObject, "not an object: \(text)")
    }
}

/// Answers for the fake's script.
enum Answer {
    /// A stream of these words that goes well, unless `changes` say otherwise.
    static func words(_ content: [String], _ changes: JSONObject = [:]) -> JSONObject {
        ["kind": "stream", "content": content].merging(changes) { $1 }
    }

    static func failure(_ name: String, _ changes: JSONObject = [:]) -> JSONObject {
        ["kind": "failure", "name": name].merging(changes) { $1 }
    }

    static func status(_ status: Int, body: Any, headers: [String: String] = [:]) -> JSONObject {
        ["kind": "status", "status": status, "body": body, "headers": headers]
    }

    static func file(_ path: String, _ changes: JSONObject = [:]) -> JSONObject {
        ["kind": "file", "path": path].merging(changes) { $1 }
    }

    /// Without end, as fast as it is read.
    static var endless: JSONObject { ["kind": "stream", "unlimited": true, "token_bytes": 1024] }
    /// Three words, and then nothing more.
    static var stallsAfterThreeWords: JSONObject { words(["one ", "two ", "three "], ["stall_after_events": 3]) }
}

/// A fake upstream and a proxy in front of it that has read its models list.
final class Stage {
    let upstream: FakeOpenRouter
    let proxy: ProxyProcess

    init(
        models: [ListedModel] = ListedModel.three, settings: [String: String] = [:], dataFolder: URL? = nil,
        upstream: FakeOpenRouter? = nil, launcher: [String] = []
    ) throws {
        self.upstream = try upstream ?? FakeOpenRouter()
        try self.upstream.setModels(models.json)
        proxy = try ProxyProcess(
            upstream: self.upstream.baseURL, settings: settings, dataFolder: dataFolder, launcher: launcher)
        try proxy.waitForLog(event: "models_ready", containing: "source=upstream")
        try Self.waitForAccount(of: proxy)
        // From here on, only what a test asks for is counted.
        try self.upstream.clearRequests()
    }

    var client: HTTPClient { proxy.client }

    /// Settings for tests that send more requests than an account has free ones.
    static let unlimited = ["FREE_REQUESTS_PER_MINUTE": "0", "FREE_REQUESTS_PER_DAY": "0"]

    /// Waits until the upstream has been asked what the key allows, whatever it said.
    private static func waitForAccount(of proxy: ProxyProcess) throws {
        let found = proxy.process.errors.waitForLine(timeout: 10) {
            ["account", "account_unknown"].contains(LogLine($0).event)
        }
        guard found != nil else { throw SupportError("the proxy never asked for the account's limits") }
    }

    /// Replaces all rules; what is not listed gets the fake's own answer.
    func script(_ rules: [(model: ListedModel, answers: [JSONObject])]) throws {
        try upstream.setScript(["rules": rules.map { ["model": $0.model.id, "answers": $0.answers] }])
    }

    /// Lets every model give the same answers.
    func scriptAll(_ answers: JSONObject...) throws {
        try upstream.setScript(["rules": [["model": "*", "answers": answers]]])
    }

    /// A body for POST /api/chat, and as well for /v1/chat/completions.
    static func chatBody(
        _ model: String = ListedModel.first.id, text: String = "Hello", stream: Bool? = nil,
        _ changes: JSONObject = [:]
    ) -> String {
        var body: JSONObject = ["model": model, "messages": [["role": "user", "content": text]]]
        if let stream { body["stream"] = stream }
        return JSON.text(body.merging(changes) { $1 })
    }

    func chat(
        _ model: String = ListedModel.first.id, text: String = "Hello", stream: Bool? = nil,
        _ changes: JSONObject = [:]
    ) throws -> ChatReply {
        ChatReply(try client.post("/api/chat", json: Self.chatBody(model, text: text, stream: stream, changes)))
    }

    /// Opens a streamed chat whose lines can be read one by one.
    func openChat(
        _ model: String = ListedModel.first.id, _ changes: JSONObject = [:], receiveBuffer: Int? = nil
    ) throws -> HTTPStream {
        try client.open(
            "POST", "/api/chat", headers: [("Content-Type", "application/json")], body: Self.chatBody(model, changes),
            receiveBuffer: receiveBuffer)
    }

    /// The models asked so far, in order. One asked twice in a row counts once: libcurl repeats a request by itself
    /// when a connection that had served before is closed without a word.
    func modelsAsked() throws -> [String] {
        try upstream.chatRequests().map { $0.model ?? "" }.reduce(into: []) { models, model in
            if models.last != model { models.append(model) }
        }
    }

    /// The one request that the upstream received.
    func onlyRequest() throws -> FakeOpenRouter.RecordedRequest {
        let requests = try upstream.chatRequests()
        try #require(requests.count == 1)
        return requests[0]
    }

    /// Waits until no client, exchange or transfer is left over; the request for the health is one of each itself.
    func waitUntilIdle() throws {
        try proxy.waitForHealth {
            $0.exchanges == 0 && $0.transfers == 0 && $0.connections == 1 && $0["requests"] == 1
        }
    }
}

/// A reply of /api/chat, streamed or not, put together.
struct ChatReply {
    let response: HTTPResponse
    let lines: [JSONObject]

    init(_ response: HTTPResponse) {
        self.response = response
        // A line that is no object shows as an empty one.
        lines = response.lines.map { (try? JSON.object($0)) ?? [:] }
    }

    var status: Int { response.status }
    var last: JSONObject { lines.last ?? [:] }
    var error: String? { last["error"] as? String }
    var isDone: Bool { last["done"] as? Bool ?? false }
    var doneReason: String? { last["done_reason"] as? String }
    /// The model that answered.
    var answeredBy: String? { response.headers["X-Proxy-Model"] }
    var promptTokens: Int? { last["prompt_eval_count"] as? Int }
    var completionTokens: Int? { last["eval_count"] as? Int }

    var messages: [JSONObject] { lines.compactMap { $0["message"] as? JSONObject } }
    var content: String { messages.compactMap { $0["content"] as? String }.joined() }
    var thinking: String { messages.compactMap { $0["thinking"] as? String }.joined() }

    /// Name and arguments of each call.
    var toolCalls: [JSONObject] {
        messages.flatMap { $0["tool_calls"] as? [JSONObject] ?? [] }.compactMap { $0["function"] as? JSONObject }
    }
}

extension HTTPClient {
    /// The names of GET /api/tags, but for those that stand for the best model, whichever it is.
    func listedNames() throws -> [String] {
        let rows = try request("GET", "/api/tags").jsonObject()["models"] as? [JSONObject]
        return try #require(rows).compactMap { $0["name"] as? String }.filter { !Self.bestNames.contains($0) }
    }

    /// The ids of GET /v1/models, but for the same.
    func listedIdentifiers() throws -> [String] {
        let rows = try request("GET", "/v1/models").jsonObject()["data"] as? [JSONObject]
        return try #require(rows).compactMap { $0["id"] as? String }.filter { !Self.bestNames.contains($0) }
    }

    static var bestNames: [String] { ["auto:latest", "free:latest"] }
}

/// A folder that goes with this object.
final class TemporaryFolder {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("ollama-proxy-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }

    func file(_ name: String) -> URL { url.appendingPathComponent(name) }

    @discardableResult
    func write(_ text: String, to name: String) throws -> URL {
        try Data(text.utf8).write(to: file(name))
        return file(name)
    }
}
