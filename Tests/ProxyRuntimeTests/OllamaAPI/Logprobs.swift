import Foundation
import TestSupport
import Testing

/// The probabilities of tokens are asked for upstream and come back where Ollama has them.
@Suite(.timeLimit(.minutes(10)))
struct Logprobs {
    private static func probability(_ token: String) -> JSONObject {
        [
            "token": token, "logprob": -0.25, "bytes": Array(token.utf8).map(Int.init),
            "top_logprobs": [["token": token, "logprob": -0.25], ["token": "x", "logprob": -2.5]],
        ]
    }

    /// A stream of the upstream's with the probabilities of these tokens.
    private static func answer(_ tokens: [String]) -> JSONObject {
        let chunks: [JSONObject] = tokens.map { token in
            [
                "id": "gen-1", "object": "chat.completion.chunk", "model": "m",
                "choices": [
                    [
                        "index": 0, "delta": ["role": "assistant", "content": token],
                        "logprobs": ["content": [probability(token)]],
                    ]
                ],
            ]
        }
        let end: JSONObject = [
            "id": "gen-1", "object": "chat.completion.chunk", "model": "m",
            "choices": [["index": 0, "delta": JSONObject(), "finish_reason": "stop"]],
            "usage": ["prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5],
        ]
        let events = (chunks + [end]).map { "data: \(JSON.text($0))\n\n" }.joined() + "data: [DONE]\n\n"
        return ["kind": "status", "status": 200, "body": events, "content_type": "text/event-stream"]
    }

    @Test(arguments: ["/api/chat", "/api/generate"], [true, false])
    func areCarriedOverBothWays(path: String, stream: Bool) throws {
        try expectCarriedOver(["Hel", "lo"], path, stream: stream)
    }

    /// Many models begin with a blank, and some with what may become a tag.
    @Test(arguments: [[" Hel", "lo"], ["\n\n", "Hello"], ["<", "b>"]], [true, false])
    func noneIsLostAtTheBeginning(tokens: [String], stream: Bool) throws {
        try expectCarriedOver(tokens, "/api/chat", stream: stream)
    }

    private func expectCarriedOver(_ tokens: [String], _ path: String, stream: Bool) throws {
        let stage = try Stage()
        try stage.scriptAll(Self.answer(tokens))
        let body: JSONObject = [
            "model": ListedModel.first.id, "messages": [["role": "user", "content": "hi"]], "prompt": "hi",
            "logprobs": true, "top_logprobs": 2, "stream": stream,
        ]
        let reply = try stage.send(body, to: path)
        #expect(reply.status == 200)
        let found = reply.lines.flatMap { $0["logprobs"] as? [JSONObject] ?? [] }
        #expect(found.map { JSON.text($0) } == tokens.map { JSON.text(Self.probability($0)) })
        #expect(reply.isDone)
        let sent = try stage.onlyRequest().json
        #expect(sent["logprobs"] as? Bool == true)
        #expect(sent["top_logprobs"] as? Int == 2)
    }

    @Test func areNotAskedForUnasked() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["Hello"]))
        let reply = try stage.chat()
        #expect(reply.lines.allSatisfy { $0["logprobs"] == nil })
        let sent = try stage.onlyRequest().json
        #expect(sent["logprobs"] == nil && sent["top_logprobs"] == nil)
    }

    @Test(arguments: ["21", "-1", "1.5", "1e400"])
    func onlySoManyAlternatives(count: String) throws {
        let stage = try Stage()
        let body = "{\"model\":\"alpha-70b\",\"prompt\":\"hi\",\"logprobs\":true,\"top_logprobs\":\(count)}"
        let response = try stage.client.post("/api/generate", json: body)
        #expect(response.status == 400)
        #expect(try (response.jsonObject()["error"] as? String)?.contains("top_logprobs") == true)
    }
}
