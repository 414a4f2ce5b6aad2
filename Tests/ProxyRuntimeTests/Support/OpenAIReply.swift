import TestSupport

/// A reply of /v1/chat/completions, streamed or not, put together.
struct OpenAIReply {
    let response: HTTPResponse
    /// The events of a stream but for `[DONE]`, or the one object of a whole reply.
    let events: [JSONObject]
    /// How often the stream said `[DONE]`.
    let doneCount: Int

    init(_ response: HTTPResponse) {
        self.response = response
        let data = response.lines.filter { $0.hasPrefix("data: ") }.map { String($0.dropFirst(6)) }
        doneCount = data.count { $0 == "[DONE]" }
        let texts = data.isEmpty ? [response.text] : data.filter { $0 != "[DONE]" }
        // What is no object shows as an empty one.
        events = texts.map { (try? JSON.object($0)) ?? [:] }
    }

    var status: Int { response.status }
    var answeredBy: String? { response.headers["X-Proxy-Model"] }
    var error: String? { events.compactMap { ($0["error"] as? JSONObject)?["message"] as? String }.last }
    var identifiers: Set<String> { Set(events.compactMap { $0["id"] as? String }) }
    var usages: [JSONObject] { events.compactMap { $0["usage"] as? JSONObject } }

    var content: String {
        events.flatMap { $0["choices"] as? [JSONObject] ?? [] }
            .compactMap { ($0["delta"] ?? $0["message"]) as? JSONObject }
            .compactMap { $0["content"] as? String }.joined()
    }
}

extension Stage {
    func openAIChat(
        _ model: String = ListedModel.first.id, text: String = "Hello", stream: Bool? = nil,
        _ changes: JSONObject = [:]
    ) throws -> OpenAIReply {
        OpenAIReply(
            try client.post("/v1/chat/completions", json: Self.chatBody(model, text: text, stream: stream, changes)))
    }
}

extension HTTPResponse {
    /// What an error reply says, in the shape of either API.
    var errorText: String? {
        guard let error = try? jsonObject()["error"] else { return nil }
        return error as? String ?? (error as? JSONObject)?["message"] as? String
    }

    var retryAfter: Int? { headers["Retry-After"].flatMap { Int($0) } }
}
