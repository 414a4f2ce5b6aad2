import Foundation
import TestSupport
import Testing

/// What a chat in Ollama's shape asks for arrives upstream in OpenRouter's.
@Suite(.timeLimit(.minutes(10)))
struct CarriedOver {
    /// The body that the upstream received for a chat with these changes.
    private func body(
        _ changes: JSONObject, model: String = ListedModel.first.id, models: [ListedModel] = ListedModel.three
    ) throws -> JSONObject {
        let stage = try Stage(models: models)
        try stage.scriptAll(Answer.words(["fine"]))
        let reply = try stage.chat(model, changes)
        #expect(reply.content == "fine", "\(reply.response.text)")
        return try stage.onlyRequest().json
    }

    private func messages(_ messages: [JSONObject]) throws -> [JSONObject] {
        try #require(try body(["messages": messages])["messages"] as? [JSONObject])
    }

    @Test func options() throws {
        let body = try body([
            "options": [
                "temperature": 0.25, "top_p": 0.5, "top_k": 7, "min_p": 0.125, "seed": 42, "stop": ["a", "b"],
                "num_predict": 99, "repeat_penalty": 1.5, "presence_penalty": 0.75, "frequency_penalty": -0.5,
                "num_ctx": 8192, "num_gpu": 1, "mirostat": 2,
            ] as JSONObject
        ])
        #expect(body["temperature"] as? Double == 0.25)
        #expect(body["top_p"] as? Double == 0.5)
        #expect(body["top_k"] as? Int == 7)
        #expect(body["min_p"] as? Double == 0.125)
        #expect(body["seed"] as? Int == 42)
        #expect(body["stop"] as? [String] == ["a", "b"])
        #expect(body["max_tokens"] as? Int == 99)
        #expect(body["repetition_penalty"] as? Double == 1.5)
        #expect(body["presence_penalty"] as? Double == 0.75)
        #expect(body["frequency_penalty"] as? Double == -0.5)
        for name in ["num_ctx", "num_gpu", "mirostat", "options", "num_predict", "repeat_penalty", "keep_alive"] {
            #expect(body[name] == nil, "\(name)")
        }
        #expect((body["stream_options"] as? JSONObject)?["include_usage"] as? Bool == true)
    }

    /// -1 and -2 mean no limit of one's own.
    @Test(arguments: [-1, -2])
    func noLimit(count: Int) throws {
        #expect(try body(["options": ["num_predict": count]])["max_tokens"] == nil)
    }

    /// Enchanted puts the options at the top level, and `stop` may be a plain text.
    @Test func optionsAtTheTopLevel() throws {
        let body = try body(["temperature": 0, "stop": "END"])
        #expect(body["temperature"] as? Int == 0)
        #expect(body["stop"] as? [String] == ["END"])
    }

    /// ollama-python 0.3 sends these for what is not set.
    @Test func emptyValuesMeanNothing() throws {
        let body = try body(
            ["format": "", "options": JSONObject(), "keep_alive": NSNull(), "tools": [Any](), "think": NSNull()])
        #expect(Set(body.keys) == ["model", "messages", "stream", "stream_options"])
    }

    @Test func roles() throws {
        let messages = try messages([
            ["role": "system", "content": "Be brief."], ["role": "user", "content": "Hi \"you\" 👋\n"],
            ["role": "assistant", "content": "Hello", "thinking": "a greeting"], ["role": "user", "content": ""],
        ])
        #expect(messages.map { $0["role"] as? String } == ["system", "user", "assistant", "user"])
        #expect(messages.map { $0["content"] as? String } == ["Be brief.", "Hi \"you\" 👋\n", "Hello", ""])
        #expect(messages[2]["reasoning"] as? String == "a greeting")
    }

    @Test(arguments: [
        ("iVBORw0KGgoAAAANSUhEUgAAAAE", "image/png"), ("/9j/4AAQSkZJRgABAQ", "image/jpeg"),
        ("R0lGODlhAQABAAAAACw", "image/gif"), ("UklGRhoAAABXRUJQVlA4TA0", "image/webp"),
    ])
    func images(base64: String, type: String) throws {
        let question: JSONObject = ["role": "user", "content": "What is it?", "images": [base64, base64]]
        let body = try body(["messages": [question]], model: ListedModel.seeing.id, models: [.seeing])
        let messages = try #require(body["messages"] as? [JSONObject])
        let parts = try #require(messages[0]["content"] as? [JSONObject])
        #expect(parts.map { $0["type"] as? String } == ["text", "image_url", "image_url"])
        #expect(parts[0]["text"] as? String == "What is it?")
        let url = (parts[1]["image_url"] as? JSONObject)?["url"] as? String
        #expect(url == "data:\(type);base64,\(base64)")
    }

    @Test func anImageOfNoKindIsRefused() throws {
        let stage = try Stage()
        let reply = try stage.chat(
            ListedModel.first.id, ["messages": [["role": "user", "content": "x", "images": ["AAAA"]]]])
        #expect(reply.status == 400)
        #expect(reply.error?.contains("image") == true)
        #expect(try stage.upstream.chatRequests().isEmpty)
    }

    @Test func formatJSON() throws {
        let format = try #require(try body(["format": "json"])["response_format"] as? JSONObject)
        #expect(format["type"] as? String == "json_object")
    }

    @Test func formatSchema() throws {
        let schema: JSONObject = ["type": "object", "properties": ["age": ["type": "integer"]], "required": ["age"]]
        let format = try #require(try body(["format": schema])["response_format"] as? JSONObject)
        #expect(format["type"] as? String == "json_schema")
        let named = try #require(format["json_schema"] as? JSONObject)
        #expect((named["name"] as? String)?.isEmpty == false)
        #expect(JSON.text(named["schema"] ?? 0) == JSON.text(schema))
    }

    @Test func think() throws {
        let steady = ListedModel(id: "oak/always-thinks:free", context: 10_000, isReasoningMandatory: true)
        let cases: [(think: Any, model: ListedModel, expected: JSONObject)] = [
            (true, .first, ["enabled": true]), (false, .first, ["enabled": false]),
            ("low", .first, ["effort": "low"]), ("medium", .first, ["effort": "medium"]),
            ("high", .first, ["effort": "high"]), ("max", .first, ["effort": "high"]),
            (true, steady, ["enabled": true]), (false, steady, ["exclude": true]),
        ]
        for (think, model, expected) in cases {
            let reasoning = try body(["think": think], model: model.id, models: [.first, steady])["reasoning"]
            #expect(JSON.text(reasoning ?? [:]) == JSON.text(expected), "\(think)")
        }
        #expect(try body([:])["reasoning"] == nil)
    }

    @Test func thinkOfAnotherKindIsRefused() throws {
        let stage = try Stage()
        #expect(try stage.chat(ListedModel.first.id, ["think": "a lot"]).status == 400)
        #expect(try stage.chat(ListedModel.first.id, ["think": 5]).status == 400)
    }

    @Test func thinkingComesBack() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["answer"], ["reasoning": ["hm, ", "well"]]))
        for think in [nil, true, false] as [Bool?] {
            for stream in [true, false] {
                let reply = try stage.chat(stream: stream, think.map { ["think": $0] } ?? [:])
                #expect(reply.content == "answer")
                // Who asks not to see it does not see it, even of a model that thinks all the same.
                #expect(reply.thinking == (think == false ? "" : "hm, well"))
                #expect(reply.messages.allSatisfy { $0["content"] is String })
            }
        }
    }

    @Test func fallbackCarriesTheSameRequest() throws {
        let stage = try Stage()
        try stage.script([(.first, [Answer.failure("503")]), (.second, [Answer.words(["fine"])])])
        let changes: JSONObject = ["think": "high", "format": "json", "options": ["seed": 1]]
        #expect(try stage.chat(stream: nil, changes).content == "fine")
        let bodies = try stage.upstream.chatRequests().map { request in
            var body = request.json
            #expect(body.removeValue(forKey: "model") as? String == request.model)
            return JSON.text(body)
        }
        #expect(bodies.count == 2)
        #expect(bodies.first == bodies.last)
    }
}
