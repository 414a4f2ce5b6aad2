import Foundation
import TestSupport
import Testing

/// What JetBrains' AI Assistant and Koog ask for at their start, and a chat as each sends it.
@Suite(.timeLimit(.minutes(10)))
struct JetBrainsClients {
    /// Its decoder knows these capabilities and fails at any other.
    @Test func koog() throws {
        let known: Set = ["completion", "embedding", "insert", "vision", "thinking", "tools"]
        let stage = try Stage.forClients(["EMBEDDING_MODEL": "oak/vectors:free"])
        try stage.scriptAll(Answer.words(["Hello"]))
        for row in try stage.tags() {
            ClientNeeds.expectTexts(row, ["name", "model", "digest"])
            ClientNeeds.expectDate(row["modified_at"])
            #expect(row["size"] is Int)
            let description = try stage.show(["name": try #require(row["name"] as? String)])
            let capabilities = try #require(description.capabilities)
            #expect(!capabilities.isEmpty)
            #expect(known.isSuperset(of: capabilities), "\(capabilities)")
        }
        let reply = try stage.send(
            [
                "model": ListedModel.first.id, "messages": [["role": "user", "content": "hi"]], "tools": [Any](),
                "format": NSNull(), "options": ["temperature": 0.5], "stream": false, "keep_alive": "5m",
            ], to: "/api/chat")
        #expect(reply.status == 200)
        #expect(reply.lines.count == 1)
        #expect(reply.content == "Hello")
        ClientNeeds.expectSummary(reply.last)
        let sent = try stage.onlyRequest().json
        #expect(sent["tools"] == nil)
        #expect(sent["response_format"] == nil)

        let body: JSONObject = ["model": "oak/vectors:free", "prompt": "text"]
        let vector = try stage.send(body, to: "/api/embeddings").last
        #expect(Set(vector.keys) == ["embedding"])
        #expect((vector["embedding"] as? [Double])?.isEmpty == false)
    }

    /// It gives up registering a server at which any of these is missing.
    @Test func aiAssistant() throws {
        let stage = try Stage.forClients()
        try stage.scriptAll(Answer.words(["Hello"]))
        #expect(try stage.client.request("GET", "/").text == "Ollama is running")
        for name in try stage.tags().compactMap({ $0["name"] as? String }) {
            let description = try stage.show(["model": name])
            #expect(description.json["model_info"] is JSONObject)
            #expect((description.contextLength ?? 0) > 0)
            ClientNeeds.expectTexts(description.json, ["modelfile", "parameters", "template", "modified_at"])
        }
        let reply = try stage.send(
            [
                "model": ListedModel.first.id, "stream": true,
                "messages": [["role": "system", "content": "You help."], ["role": "user", "content": "hi"]],
            ], to: "/api/chat")
        ClientNeeds.expectStream(reply)
    }
}
