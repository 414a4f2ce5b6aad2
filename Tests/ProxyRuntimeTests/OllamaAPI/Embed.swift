import Foundation
import TestSupport
import Testing

/// `/api/embed` and the older `/api/embeddings`, by the one model that is set for them.
@Suite(.timeLimit(.minutes(10)))
struct Embed {
    private static let model = "oak/vectors:free"
    private static let settings = ["EMBEDDING_MODEL": model]

    private func script(_ stage: Stage, _ answers: JSONObject...) throws {
        try stage.upstream.setScript([
            "rules": [["model": "*", "endpoint": "embeddings", "answers": answers]]
        ])
    }

    /// An answer of the upstream's with these vectors, each with its place.
    private static func vectors(_ vectors: [(index: Int, vector: [Double])]) -> JSONObject {
        let data: [JSONObject] = vectors.map {
            ["object": "embedding", "index": $0.index, "embedding": $0.vector]
        }
        return Answer.status(
            200,
            body: ["object": "list", "data": data, "model": "m", "usage": ["prompt_tokens": 7, "total_tokens": 7]])
    }

    private func onlyBody(_ stage: Stage) throws -> JSONObject {
        let requests = try stage.upstream.requests()
        try #require(requests.count == 1)
        #expect(requests[0].path == "/api/v1/embeddings")
        #expect(requests[0].model == Self.model)
        return requests[0].json
    }

    @Test(arguments: ["/api/embed", "/api/embeddings"])
    func withoutAModelTheErrorSaysWhatToSet(path: String) throws {
        let stage = try Stage()
        let reply = try stage.send(["model": "nomic-embed-text", "input": "a", "prompt": "a"], to: path)
        #expect(reply.status == 400)
        #expect(reply.error?.contains("EMBEDDING_MODEL") == true)
        #expect(reply.error?.contains(":free") == true)
        #expect(try stage.upstream.requests().isEmpty)
        let paid = try Stage(settings: ["FREE_MODE": "false"])
        let error = try paid.send(["model": "nomic-embed-text", "input": "a", "prompt": "a"], to: path).error
        #expect(error?.contains("EMBEDDING_MODEL") == true)
        #expect(error?.contains(":free") == false)
    }

    @Test func aText() throws {
        let stage = try Stage(settings: Self.settings)
        try script(stage, Self.vectors([(0, [0.25, -0.5])]))
        let reply = try stage.send(["model": "nomic-embed-text", "input": "a \"text\""], to: "/api/embed")
        #expect(reply.status == 200)
        #expect(reply.response.headers["Content-Type"] == "application/json; charset=utf-8")
        #expect(reply.last["embeddings"] as? [[Double]] == [[0.25, -0.5]])
        // The name that was asked for, whatever model it is upstream.
        #expect(reply.last["model"] as? String == "nomic-embed-text")
        #expect(reply.last["prompt_eval_count"] as? Int == 7)
        #expect((reply.last["total_duration"] as? Int ?? 0) > 0)
        #expect((reply.last["load_duration"] as? Int ?? 0) > 0)
        let body = try onlyBody(stage)
        #expect(body["input"] as? String == "a \"text\"")
        #expect(body["dimensions"] == nil)
    }

    /// The upstream says which vector is whose, and may say it in any order.
    @Test func severalTextsInTheirOrder() throws {
        let stage = try Stage(settings: Self.settings)
        try script(stage, Self.vectors([(2, [3]), (0, [1]), (1, [2])]))
        let reply = try stage.send(["model": "m", "input": ["a", "b", "c"]], to: "/api/embed")
        #expect(reply.last["embeddings"] as? [[Double]] == [[1], [2], [3]])
        #expect(try onlyBody(stage)["input"] as? [String] == ["a", "b", "c"])
    }

    /// A client would take what is missing for something else's vector.
    @Test func aVectorTooFewIsAnError() throws {
        let stage = try Stage(settings: Self.settings)
        try script(stage, Self.vectors([(0, [1])]))
        let reply = try stage.send(["model": "m", "input": ["a", "b"]], to: "/api/embed")
        #expect(reply.status >= 500)
        #expect(reply.error?.isEmpty == false)
    }

    @Test func dimensionsAreCarriedOver() throws {
        let stage = try Stage(settings: Self.settings)
        let body: JSONObject = [
            "model": "m", "input": ["a", "b"], "dimensions": 8, "truncate": true, "keep_alive": "5m",
            "options": ["num_ctx": 512],
        ]
        let reply = try stage.send(body, to: "/api/embed")
        #expect((reply.last["embeddings"] as? [[Double]])?.map(\.count) == [8, 8])
        let sent = try onlyBody(stage)
        #expect(sent["dimensions"] as? Int == 8)
        for key in ["truncate", "keep_alive", "options"] { #expect(sent[key] == nil, "\(key)") }
    }

    @Test func theOlderShape() throws {
        let stage = try Stage(settings: Self.settings)
        try script(stage, Self.vectors([(0, [0.25, -0.5])]))
        let reply = try stage.send(
            ["model": "m", "prompt": "a", "options": JSONObject(), "keep_alive": NSNull()], to: "/api/embeddings")
        #expect(reply.status == 200)
        #expect(Set(reply.last.keys) == ["embedding"])
        #expect(reply.last["embedding"] as? [Double] == [0.25, -0.5])
        #expect(try onlyBody(stage)["input"] as? String == "a")
    }

    /// Ollama loads the model for it, and answers with nothing.
    @Test(arguments: [
        ("/api/embed", "{\"model\":\"m\"}", "embeddings"),
        ("/api/embed", "{\"model\":\"m\",\"input\":\"\"}", "embeddings"),
        ("/api/embed", "{\"model\":\"m\",\"input\":[]}", "embeddings"),
        ("/api/embeddings", "{\"model\":\"m\",\"prompt\":\"\"}", "embedding"),
    ])
    func nothingToEmbed(path: String, body: String, key: String) throws {
        let stage = try Stage(settings: Self.settings)
        let reply = ChatReply(try stage.client.post(path, json: body))
        #expect(reply.status == 200)
        #expect((reply.last[key] as? [Any])?.isEmpty == true)
        #expect(try stage.upstream.requests().isEmpty)
    }

    /// No chat model may stand in for one that makes vectors.
    @Test(arguments: [400, 404, 429, 503])
    func theUpstreamsErrorIsTold(status: Int) throws {
        let stage = try Stage(settings: Self.settings)
        try script(stage, Answer.status(status, body: ["error": ["code": status, "message": "not now"]]))
        let reply = try stage.send(["model": "m", "input": "a"], to: "/api/embed")
        #expect(reply.status >= 400)
        #expect(reply.error?.isEmpty == false)
        let models = try stage.upstream.requests().filter { $0.method == "POST" }.map(\.model)
        #expect(Set(models) == [Self.model])
        try stage.waitUntilIdle()
    }

    @Test func whatIsNoAnswerIsAnError() throws {
        let stage = try Stage(settings: Self.settings)
        for body in ["{}", "{\"data\":[]}", "{\"data\":[{\"embedding\":\"text\"}]}", "[]", "<html>"] {
            try script(stage, Answer.status(200, body: body))
            let reply = try stage.send(["model": "m", "input": "a"], to: "/api/embed")
            #expect(reply.status >= 500, "\(body)")
            #expect(reply.error?.isEmpty == false, "\(body)")
        }
        try stage.waitUntilIdle()
    }

    @Test func theModelIsListedForWhatItIs() throws {
        let stage = try Stage(settings: Self.settings)
        let row = try #require(try stage.tags().first { $0["name"] as? String == Self.model })
        #expect(row["capabilities"] as? [String] == ["embedding"])
        #expect((row["details"] as? JSONObject)?["family"] as? String == "bert")
        ClientNeeds.expectDigest(row["digest"])
        #expect(try stage.show(["model": Self.model]).capabilities == ["embedding"])
        #expect(try stage.client.request("GET", "/v1/models").text.contains("\"\(Self.model)\""))
    }

    /// A price must not come by surprise.
    @Test(arguments: ["oak/vectors", "vectors:free", "oak/vec tors:free", "oak/vectors:freedom"])
    func inFreeModeTheModelIsAFreeOne(model: String) throws {
        let proxy = try ProxyProcess(
            upstream: nil, settings: ["EMBEDDING_MODEL": model], waitsUntilListening: false)
        #expect(proxy.waitForExit(timeout: 20) == .exited(2))
        #expect(proxy.process.errors.lines.joined().contains("EMBEDDING_MODEL"))
    }

    @Test func otherwiseAnyModelWillDo() throws {
        let stage = try Stage(settings: ["FREE_MODE": "false", "EMBEDDING_MODEL": "oak/vectors"])
        #expect(try stage.send(["model": "m", "input": "a"], to: "/api/embed").status == 200)
        #expect(try stage.upstream.requests().map(\.model) == ["oak/vectors"])
    }
}
