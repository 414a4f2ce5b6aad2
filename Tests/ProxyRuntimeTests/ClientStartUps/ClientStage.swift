import Foundation
import TestSupport
import Testing

extension ListedModel {
    /// Sees pictures; the dot in its name must not reach the architecture, from which clients build keys.
    static let seeing = ListedModel(id: "aspen/iris2.5-vl-12b:free", context: 131_072, inputs: ["text", "image"])
    /// Can do nothing but talk.
    static let plain = ListedModel(id: "larch/story-3b:free", context: 8192, parameters: ["max_tokens"])
    /// Has no tag of its own, which clients then invent.
    static let untagged = ListedModel(id: "openrouter/free", context: 150_000)
    /// One of each kind that clients tell apart.
    static let everyKind = [first, second, seeing, plain, untagged]
}

extension Stage {
    /// A proxy with one model of each kind.
    static func forClients(_ settings: [String: String] = [:]) throws -> Stage {
        try Stage(models: ListedModel.everyKind, settings: settings)
    }

    /// The rows of GET /api/tags.
    func tags(headers: [(String, String)] = []) throws -> [JSONObject] {
        try rows("/api/tags", headers: headers)
    }

    /// The rows of GET /api/ps.
    func running() throws -> [JSONObject] { try rows("/api/ps", headers: []) }

    private func rows(_ path: String, headers: [(String, String)]) throws -> [JSONObject] {
        let response = try client.request("GET", path, headers: headers)
        #expect(response.status == 200)
        return try #require(try response.jsonObject()["models"] as? [JSONObject])
    }

    /// The names of GET /api/tags, but for those that stand for the best model.
    func listedNames() throws -> [String] { try client.listedNames() }

    /// POST /api/show of a model that is there.
    func show(_ body: JSONObject, headers: [(String, String)] = []) throws -> Description {
        let response = try client.post("/api/show", json: JSON.text(body), headers: headers)
        #expect(response.status == 200)
        return try Description(response)
    }

    /// Sends a body as some client does, and reads the reply.
    func send(_ body: JSONObject, to path: String, headers: [(String, String)] = []) throws -> ChatReply {
        ChatReply(try client.post(path, json: JSON.text(body), headers: headers))
    }

    /// The messages of the one request that the upstream received.
    func forwardedMessages() throws -> [JSONObject] {
        try #require(try onlyRequest().json["messages"] as? [JSONObject])
    }
}

/// A reply of POST /api/show.
struct Description {
    let json: JSONObject
    let text: String

    init(_ response: HTTPResponse) throws {
        json = try response.jsonObject()
        text = response.text
    }

    var capabilities: [String]? { json["capabilities"] as? [String] }
    var info: JSONObject { json["model_info"] as? JSONObject ?? [:] }
    var details: JSONObject { json["details"] as? JSONObject ?? [:] }
    var architecture: String { info["general.architecture"] as? String ?? "" }
    /// Under the key that most clients build from the architecture.
    var contextLength: Int? { info["\(architecture).context_length"] as? Int }

    /// The first number under a key that contains "context_length", in the order of the text: some clients look for it
    /// without knowing the architecture.
    var firstContextLength: Int? {
        guard let start = text.range(of: "\"model_info\":"),
            let key = text.range(
                of: "\"[^\"]*context_length[^\"]*\":", options: .regularExpression,
                range: start.upperBound..<text.endIndex)
        else { return nil }
        return Int(text[key.upperBound...].prefix { $0.isNumber })
    }

    /// The value of a parameter, which is on its own line.
    func parameter(_ name: String) -> String? {
        for line in (json["parameters"] as? String ?? "").split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            if words.first == name { return words.last }
        }
        return nil
    }
}

/// What clients of several languages insist on.
enum ClientNeeds {
    /// A date that every parser of RFC 3339 reads: with an offset, and with at most nine digits of fraction.
    static func expectDate(_ value: Any?, sourceLocation: SourceLocation = #_sourceLocation) {
        let text = value as? String ?? ""
        let pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$"
        #expect(text.range(of: pattern, options: .regularExpression) != nil, "\(text)", sourceLocation: sourceLocation)
        #expect(
            ISO8601DateFormatter().date(from: text.prefix(19) + "Z") != nil, "\(text)", sourceLocation: sourceLocation)
    }

    /// Texts, not null and not missing, as clients with typed models decode them.
    static func expectTexts(
        _ object: JSONObject, _ keys: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for key in keys { #expect(object[key] is String, "\(key)", sourceLocation: sourceLocation) }
    }

    /// A digest of 64 hexadecimal digits, of which clients show the first twelve.
    static func expectDigest(_ value: Any?, sourceLocation: SourceLocation = #_sourceLocation) {
        let text = value as? String ?? ""
        #expect(
            text.range(of: "^[0-9a-f]{64}$", options: .regularExpression) != nil, "\(text)",
            sourceLocation: sourceLocation)
    }

    /// Every line a chunk as typed clients decode it, the last one done and with its newline, and nothing after it.
    static func expectStream(_ reply: ChatReply, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(reply.status == 200, "\(reply.response.text)", sourceLocation: sourceLocation)
        #expect(
            reply.response.headers["Content-Type"] == "application/x-ndjson", sourceLocation: sourceLocation)
        #expect(reply.response.body.last == 0x0A, sourceLocation: sourceLocation)
        // An empty line is no JSON, and ends the clients that parse each.
        #expect(!reply.response.text.contains("\n\n"), sourceLocation: sourceLocation)
        for (index, line) in reply.lines.enumerated() {
            expectTexts(line, ["model", "created_at"], sourceLocation: sourceLocation)
            expectDate(line["created_at"], sourceLocation: sourceLocation)
            #expect(line["done"] as? Bool == (index == reply.lines.count - 1), sourceLocation: sourceLocation)
            #expect(line["type"] == nil, sourceLocation: sourceLocation)
            guard line["response"] == nil else { continue }
            expectTexts(
                line["message"] as? JSONObject ?? [:], ["role", "content"], sourceLocation: sourceLocation)
        }
        expectSummary(reply.last, sourceLocation: sourceLocation)
    }

    /// The counts and durations that clients make their statistics from.
    static func expectSummary(_ last: JSONObject, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(last["done"] as? Bool == true, sourceLocation: sourceLocation)
        #expect(last["done_reason"] is String, sourceLocation: sourceLocation)
        for key in [
            "total_duration", "load_duration", "prompt_eval_count", "prompt_eval_duration", "eval_count",
            "eval_duration",
        ] {
            // Speeds are counts divided by durations.
            #expect((last[key] as? Int ?? 0) > 0, "\(key)", sourceLocation: sourceLocation)
        }
    }
}
