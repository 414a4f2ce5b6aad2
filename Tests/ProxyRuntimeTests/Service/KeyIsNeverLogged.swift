import TestSupport
import Testing

/// Neither the key nor a word of any message ever reaches the log, whatever happens and at whatever level.
@Suite(.timeLimit(.minutes(10)))
struct KeyIsNeverLogged {
    private static let key = "sk-or-v1-not-a-real-key"
    /// What the client says, in parts that could only come from it.
    private static let said = "my secret plan zanzibar"
    private static let answered = "the answer quetzalcoatl"

    private func expectSilence(_ stage: Stage) throws {
        _ = stage.proxy.terminate()
        let log = stage.proxy.process.errors.lines + stage.proxy.process.output.lines
        #expect(log.count > 3)
        let telling = log.filter { line in
            [Self.key, "zanzibar", "quetzalcoatl"].contains { line.contains($0) }
        }
        #expect(telling.isEmpty)
    }

    private func stage() throws -> Stage { try Stage(settings: ["OPENROUTER_API_KEY": Self.key]) }

    private func chatEverywhere(_ stage: Stage) throws {
        for stream in [true, false] {
            let tool: JSONObject = ["type": "function", "function": ["name": "t", "description": Self.said]]
            let body = Stage.chatBody(text: Self.said, stream: stream, ["tools": [tool], "stop": [Self.said]])
            for path in ["/api/chat", "/v1/chat/completions"] { _ = try stage.client.post(path, json: body) }
        }
    }

    @Test func whenAllGoesWell() throws {
        let stage = try stage()
        try stage.scriptAll(Answer.words([Self.answered], ["reasoning": [Self.answered]]))
        try chatEverywhere(stage)
        try expectSilence(stage)
    }

    @Test func whenTheAnswerBreaks() throws {
        let stage = try stage()
        try stage.scriptAll(
            Answer.words([Self.answered, "x"], ["cut_after_events": 1]),
            ["kind": "stream", "tool_calls": [["name": "t", "arguments": "{\"\(Self.answered)"]]])
        try chatEverywhere(stage)
        try expectSilence(stage)
    }

    @Test func whenTheRequestIsWrong() throws {
        let stage = try stage()
        for body in [
            "\(Self.said)", "{\"model\":\"alpha\",\"messages\":\"\(Self.said)\"}", "{\"messages\":[\"\(Self.said)\"]}",
        ] {
            for path in ["/api/chat", "/v1/chat/completions", "/api/show"] {
                _ = try stage.client.post(path, json: body)
            }
        }
        let image: JSONObject = ["role": "user", "content": Self.said, "images": [Self.said]]
        _ = try stage.chat(ListedModel.first.id, ["messages": [image]])
        try expectSilence(stage)
    }

    /// Errors quote the key, and the words they object to.
    @Test(arguments: [400, 401, 403, 429, 500])
    func whenTheUpstreamQuotesThem(status: Int) throws {
        let stage = try stage()
        let metadata: JSONObject = [
            "raw": "{\"error\":{\"message\":\"cannot process: \(Self.said)\"}}", "provider_name": "Fake",
            "flagged_input": Self.said, "reasons": ["misc"],
        ]
        try stage.scriptAll(
            Answer.status(
                status,
                body: [
                    "error": ["code": status, "message": "key \(Self.key) said: \(Self.said)", "metadata": metadata]
                ]))
        try chatEverywhere(stage)
        try expectSilence(stage)
    }

    /// Clients carry keys of their own, in headers and in addresses.
    @Test func theClientsOwn() throws {
        let stage = try stage()
        _ = try stage.client.request(
            "GET", "/api/tags?key=\(Self.key)", headers: [("Authorization", "Bearer \(Self.key)")])
        try expectSilence(stage)
    }

    /// Nor is it in any error: these are what people show to others.
    @Test func errorsDoNotTellWhatAClientSaid() throws {
        let stage = try Stage(settings: ["OPENROUTER_API_KEY": Self.key, "STRICT_MODELS": "true"])
        let named = [("X-Request-Id", Self.key)]
        let replies = [
            try stage.client.request("GET", "/keys/\(Self.key)/api/tags", headers: named),
            // Where a path is cut that is too long to be quoted, a key may be too.
            try stage.client.request("GET", "/" + String(repeating: "x", count: 190) + Self.key, headers: named),
            try stage.client.request("PATCH", "/v1/models/\(Self.key)", headers: named),
            try stage.client.request("GET", "/v1/models/\(Self.key)", headers: named),
            try stage.client.post("/api/chat", json: Stage.chatBody(Self.key)),
            try stage.client.post("/v1/messages", json: Stage.chatBody(Self.key)),
        ]
        for reply in replies {
            #expect(reply.status >= 400)
            #expect(!reply.text.contains(Self.key.prefix(9)))
            #expect(reply.headers["X-Request-Id"]?.contains(Self.key) == false)
        }
        try expectSilence(stage)
    }

    /// What goes wrong with the list is told without the key too.
    @Test func whenTheListFails() throws {
        let upstream = try FakeOpenRouter()
        try upstream.setModels("{\"error\":{\"message\":\"bad key \(Self.key)\"}}", status: 500)
        let proxy = try ProxyProcess(upstream: upstream.baseURL, settings: ["OPENROUTER_API_KEY": Self.key])
        try proxy.waitForLog(event: "models_refresh_failed")
        #expect(!proxy.process.errors.lines.contains { $0.contains(Self.key) })
    }
}
