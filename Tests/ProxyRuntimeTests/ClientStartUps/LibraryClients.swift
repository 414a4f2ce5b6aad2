import Foundation
import TestSupport
import Testing

/// What libraries in Python and JavaScript, and what is built on them, ask for at their start, and a chat as each sends
/// it.
@Suite(.timeLimit(.minutes(10)))
struct LibraryClients {
    private static let user: [[String: String]] = [["role": "user", "content": "hi"]]

    /// Its models are checked as they are decoded.
    @Test func ollamaPython() throws {
        let stage = try Stage.forClients(["EMBEDDING_MODEL": "oak/vectors:free"])
        let agent = [("User-Agent", "ollama-python/0.6.1 (x86_64 linux) Python/3.12.3")]
        try stage.scriptAll(Answer.words(["Hello"]))
        for row in try stage.tags(headers: agent) {
            ClientNeeds.expectDate(row["modified_at"])
            let description = try stage.show(["model": try #require(row["model"] as? String)], headers: agent)
            #expect(description.json["model_info"] is JSONObject)
            ClientNeeds.expectDate(description.json["modified_at"])
        }
        let body: JSONObject = [
            "model": ListedModel.first.id, "messages": Self.user, "stream": false, "tools": [Any](),
        ]
        let whole = try stage.send(body, to: "/api/chat", headers: agent)
        #expect(whole.content == "Hello")
        ClientNeeds.expectSummary(whole.last)
        ClientNeeds.expectStream(
            try stage.send(body.merging(["stream": true]) { $1 }, to: "/api/chat", headers: agent))
        let prompt: JSONObject = ["model": ListedModel.first.id, "prompt": "hi", "stream": true]
        ClientNeeds.expectStream(try stage.send(prompt, to: "/api/generate", headers: agent))
        // Its errors are the text under this key.
        let missing = try stage.send(["model": "nobody-has-this"], to: "/api/show", headers: agent)
        #expect(missing.status == 404)
        #expect(missing.error == "model 'nobody-has-this' not found")
        let vectors = try stage.send(
            ["model": "oak/vectors:free", "input": ["a", "b"]], to: "/api/embed", headers: agent)
        #expect((vectors.last["embeddings"] as? [[Double]])?.count == 2)
    }

    /// A stream that ends otherwise than by done or success throws.
    @Test func ollamaJavaScript() throws {
        let stage = try Stage.forClients()
        let headers = [
            ("Accept", "application/json"), ("User-Agent", "ollama-js/0.6.3 (x64 linux Node.js/v24.1.0)"),
        ]
        try stage.scriptAll(Answer.words(["Hello"]))
        let chat: JSONObject = ["model": ListedModel.first.id, "messages": Self.user, "stream": true]
        ClientNeeds.expectStream(try stage.send(chat, to: "/api/chat", headers: headers))
        let prompt: JSONObject = ["model": ListedModel.first.id, "prompt": "hi", "stream": true]
        ClientNeeds.expectStream(try stage.send(prompt, to: "/api/generate", headers: headers))
        let pull: JSONObject = ["name": ListedModel.first.id, "model": ListedModel.first.id, "stream": true]
        let pulled = try stage.send(pull, to: "/api/pull", headers: headers)
        #expect(pulled.last["status"] as? String == "success")
        #expect(pulled.lines.allSatisfy { $0["error"] == nil })
    }

    /// It checks its model against the list when asked to, and streams whatever its user wants.
    @Test func langChain() throws {
        let stage = try Stage.forClients()
        try stage.scriptAll(Answer.words(["Hello"]))
        let rows = try stage.tags()
        #expect(rows.contains { $0["model"] as? String == ListedModel.first.id })
        let body: JSONObject = [
            "model": ListedModel.first.id, "tools": [Any](), "stream": true, "format": "",
            "messages": [["role": "user", "content": "hi", "images": [Any]()]], "options": ["temperature": 0],
            "keep_alive": NSNull(),
        ]
        ClientNeeds.expectStream(try stage.send(body, to: "/api/chat"))
        // Results name their calls, and may come with a context longer than any.
        let calls: [JSONObject] = [
            [
                "type": "function", "id": "5f1d-a",
                "function": ["name": "add", "arguments": ["a": 1, "b": 2]],
            ]
        ]
        let changes: JSONObject = [
            "options": ["num_ctx": 131_072],
            "messages": [
                ["role": "user", "content": "add", "images": [Any]()],
                ["role": "assistant", "content": "", "images": [Any](), "tool_calls": calls],
                ["role": "tool", "content": "3", "images": [Any](), "tool_call_id": "5f1d-a"],
            ],
        ]
        try stage.upstream.clearRequests()
        ClientNeeds.expectStream(try stage.send(body.merging(changes) { $1 }, to: "/api/chat"))
        let messages = try stage.forwardedMessages()
        #expect(messages[2]["tool_call_id"] as? String == "5f1d-a")
        #expect((messages[1]["tool_calls"] as? [JSONObject])?.first?["id"] as? String == "5f1d-a")
    }

    @Test func llamaIndex() throws {
        let stage = try Stage.forClients(["EMBEDDING_MODEL": "oak/vectors:free"])
        try stage.scriptAll(Answer.words(["Hello"]))
        let reply = try stage.send(
            [
                "model": ListedModel.first.id, "messages": Self.user, "stream": false, "format": "",
                "options": ["temperature": 0.75, "num_ctx": 3900], "keep_alive": "5m", "tools": NSNull(),
            ], to: "/api/chat")
        #expect(reply.messages.first?["content"] as? String == "Hello")
        ClientNeeds.expectSummary(reply.last)
        let vectors = try stage.send(
            ["model": "oak/vectors:free", "input": ["a", "b", "c"], "options": JSONObject()], to: "/api/embed")
        #expect((vectors.last["embeddings"] as? [[Double]])?.count == 3)
    }

    /// It offers only what says that it completes.
    @Test func langFlow() throws {
        let stage = try Stage.forClients(["EMBEDDING_MODEL": "oak/vectors:free"])
        try stage.scriptAll(Answer.words(["Hello"]))
        let offered = try stage.listedNames().filter { name in
            try stage.show(["model": name]).capabilities?.contains("completion") == true
        }
        #expect(Set(offered) == Set(try stage.listedNames()).subtracting(["oak/vectors:free"]))
        let body: JSONObject = ["model": offered[0], "messages": Self.user, "stream": true]
        ClientNeeds.expectStream(try stage.send(body, to: "/api/chat"))
    }

    /// It tests a server by its root, and fills in every option there is.
    @Test func n8n() throws {
        let stage = try Stage.forClients()
        try stage.scriptAll(Answer.words(["{}"]))
        #expect(try stage.client.request("GET", "/").status == 200)
        #expect(try stage.tags().allSatisfy { $0["name"] is String })
        let reply = try stage.send(
            [
                "model": ListedModel.first.id, "messages": Self.user, "stream": true, "format": "json",
                "keep_alive": "5m", "think": false,
                "options": [
                    "temperature": 0.7, "top_k": -1, "top_p": 1, "frequency_penalty": 0, "presence_penalty": 0,
                    "repeat_penalty": 1, "num_ctx": 2048, "num_predict": -1, "num_batch": 512, "num_gpu": -1,
                    "main_gpu": 0, "low_vram": false, "use_mlock": false, "use_mmap": true, "vocab_only": false,
                    "num_thread": 0, "penalize_newline": true, "mirostat": 0, "logits_all": false,
                ],
            ], to: "/api/chat")
        ClientNeeds.expectStream(reply)
        let sent = try stage.onlyRequest().json
        #expect((sent["response_format"] as? JSONObject)?["type"] as? String == "json_object")
        for key in ["num_ctx", "num_gpu", "mirostat", "use_mmap", "max_tokens"] { #expect(sent[key] == nil, "\(key)") }
    }
}
