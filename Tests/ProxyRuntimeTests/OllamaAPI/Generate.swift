import Foundation
import TestSupport
import Testing

/// `/api/generate`: a prompt goes up as a chat, and its answer comes back as a response.
@Suite(.timeLimit(.minutes(10)))
struct Generate {
    private static func body(_ changes: JSONObject = [:]) -> JSONObject {
        ["model": ListedModel.first.id, "prompt": "Why?"].merging(changes) { $1 }
    }

    private func text(_ reply: ChatReply) -> String {
        reply.lines.compactMap { $0["response"] as? String }.joined()
    }

    /// The body that the upstream received for a prompt with these changes.
    private func forwarded(_ changes: JSONObject, answer: [String] = ["fine"]) throws -> JSONObject {
        let stage = try Stage.forClients()
        try stage.scriptAll(Answer.words(answer))
        let reply = try stage.send(Self.body(changes), to: "/api/generate")
        #expect(reply.status == 200, "\(reply.response.text)")
        #expect(text(reply) == answer.joined())
        return try stage.onlyRequest().json
    }

    private func messages(_ changes: JSONObject) throws -> [JSONObject] {
        try #require(try forwarded(changes)["messages"] as? [JSONObject])
    }

    @Test func streams() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["Be", "cause ", "so."]))
        let reply = try stage.send(Self.body(), to: "/api/generate")
        ClientNeeds.expectStream(reply)
        #expect(text(reply) == "Because so.")
        #expect(reply.lines.allSatisfy { $0["message"] == nil && $0["response"] is String })
        #expect(reply.lines.count == 4)
        // What a client gives back the next time to go on; only the end has it.
        #expect((reply.last["context"] as? [Any])?.isEmpty == true)
        #expect(reply.lines.dropLast().allSatisfy { $0["context"] == nil })
        #expect(reply.doneReason == "stop")
        #expect(reply.answeredBy == ListedModel.first.id)
    }

    @Test func isWholeWhenToldSo() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["Because ", "so."], ["reasoning": ["hm"], "finish_reason": "length"]))
        let reply = try stage.send(Self.body(["stream": false]), to: "/api/generate")
        #expect(reply.response.headers["Content-Type"] == "application/json; charset=utf-8")
        #expect(reply.lines.count == 1)
        #expect(text(reply) == "Because so.")
        #expect(reply.last["thinking"] as? String == "hm")
        #expect((reply.last["context"] as? [Any])?.isEmpty == true)
        #expect(reply.doneReason == "length")
        ClientNeeds.expectSummary(reply.last)
    }

    @Test func thinkingIsApart() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["so."], ["reasoning": ["hm, ", "well"]]))
        let shown = try stage.send(Self.body(["think": true]), to: "/api/generate")
        #expect(shown.lines.compactMap { $0["thinking"] as? String }.joined() == "hm, well")
        #expect(text(shown) == "so.")
        let hidden = try stage.send(Self.body(["think": false]), to: "/api/generate")
        #expect(hidden.lines.allSatisfy { $0["thinking"] == nil })
        #expect(text(hidden) == "so.")
        let sent = try stage.upstream.chatRequests().map { JSON.text($0.json["reasoning"] ?? 0) }
        #expect(sent == ["{\"enabled\":true}", "{\"enabled\":false}"])
    }

    @Test func theSystemPromptComesFirst() throws {
        let messages = try messages(["system": "Be brief."])
        #expect(messages.map { $0["role"] as? String } == ["system", "user"])
        #expect(messages.map { $0["content"] as? String } == ["Be brief.", "Why?"])
        #expect(try self.messages(["system": ""]).count == 1)
    }

    @Test func imagesAreParts() throws {
        let picture = "iVBORw0KGgoAAAANSUhEUgAAAAE"
        let parts = try #require(
            try messages(["images": [picture], "model": ListedModel.seeing.id]).first?["content"] as? [JSONObject])
        #expect(parts.map { $0["type"] as? String } == ["text", "image_url"])
        let url = (parts[1]["image_url"] as? JSONObject)?["url"] as? String
        #expect(url == "data:image/png;base64,\(picture)")
    }

    @Test func optionsAndFormatsAreCarriedOver() throws {
        let schema: JSONObject = ["type": "object", "properties": ["a": ["type": "string"]]]
        let options: JSONObject = ["temperature": 0.5, "num_predict": 9, "stop": ["x"], "num_ctx": 4096]
        let body = try forwarded(["format": schema, "options": options])
        #expect(body["temperature"] as? Double == 0.5)
        #expect(body["max_tokens"] as? Int == 9)
        #expect(body["stop"] as? [String] == ["x"])
        let format = (body["response_format"] as? JSONObject)?["json_schema"] as? JSONObject
        #expect(JSON.text(format?["schema"] ?? 0) == JSON.text(schema))
        let json = try forwarded(["format": "json"])["response_format"] as? JSONObject
        #expect(json?["type"] as? String == "json_object")
    }

    /// They mean something to a local runner only, and a client that sends them still wants an answer.
    @Test func whatOnlyARunnerNeedsIsPassedOver() throws {
        let changes: JSONObject = [
            "raw": true, "template": "{{ .Prompt }}", "context": [1, 2, 3], "suffix": "", "keep_alive": "5m",
            "truncate": true, "shift": false, "something_new": ["a": 1],
        ]
        let body = try forwarded(changes)
        #expect(Set(body.keys) == ["model", "messages", "stream", "stream_options"])
    }

    @Test func nothingCanBeInserted() throws {
        let stage = try Stage()
        let reply = try stage.send(Self.body(["suffix": "end"]), to: "/api/generate")
        #expect(reply.status == 400)
        #expect(reply.error == "\"\(ListedModel.first.id)\" does not support insert")
        #expect(try stage.upstream.requests().isEmpty)
    }

    @Test(arguments: [
        ("{}", "load"), ("{\"prompt\":\"\"}", "load"), ("{\"prompt\":null,\"keep_alive\":\"10m\"}", "load"),
        ("{\"stream\":false}", "load"), ("{\"keep_alive\":0}", "unload"),
        ("{\"prompt\":\"\",\"keep_alive\":\"0s\"}", "unload"),
    ])
    func loadsAndUnloads(changes: String, reason: String) throws {
        let stage = try Stage()
        let body = try JSON.object(changes).merging(["model": "alpha-70b"]) { $1 }
        let reply = try stage.send(body, to: "/api/generate")
        #expect(reply.status == 200)
        #expect(reply.lines.count == 1)
        #expect(reply.last["response"] as? String == "")
        #expect(reply.last["model"] as? String == "alpha-70b")
        #expect(reply.last["message"] == nil)
        #expect(reply.isDone)
        #expect(reply.doneReason == reason)
        ClientNeeds.expectDate(reply.last["created_at"])
        #expect(try stage.upstream.requests().isEmpty)
    }

    @Test func anotherModelAnswersForOneThatFails() throws {
        let stage = try Stage()
        try stage.script([(.first, [Answer.failure("503")]), (.second, [Answer.words(["so."])])])
        let reply = try stage.send(Self.body(), to: "/api/generate")
        #expect(text(reply) == "so.")
        #expect(reply.answeredBy == ListedModel.second.id)
    }

    @Test func aStreamThatBreaksEndsInAnError() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["one ", "two "], ["cut_after_events": 2]))
        let reply = try stage.send(Self.body(), to: "/api/generate")
        #expect(reply.status == 200)
        #expect(reply.error?.isEmpty == false)
        #expect(!reply.isDone)
        #expect(reply.response.body.last == 0x0A)
    }
}
