import Foundation
import TestSupport
import Testing

/// What Ollama's own command line and Codex ask for at their start, and a chat as each sends it.
@Suite(.timeLimit(.minutes(10)))
struct CommandLineClients {
    private static let agent = [("User-Agent", "ollama/0.18.0 (amd64 linux) Go/go1.26.0")]

    /// `ollama run` of a model that is there.
    @Test func ollamaRun() throws {
        let stage = try Stage.forClients()
        try stage.scriptAll(Answer.words(["Hello"], ["reasoning": ["hm"]]))
        #expect(try stage.client.request("HEAD", "/", headers: Self.agent).status == 200)
        let description = try stage.show(["model": ListedModel.first.id], headers: Self.agent)
        // A remote host saves it the loading; one that is Ollama's own would send it to its account.
        let host = try #require(description.json["remote_host"] as? String)
        #expect(!host.isEmpty && !host.hasPrefix("https://ollama.com"))
        #expect((description.json["remote_model"] as? String)?.isEmpty == false)
        #expect((description.contextLength ?? 0) > 0)
        #expect(description.info["general.parameter_count"] is Int)
        // What can think is asked to.
        #expect(description.capabilities?.contains("thinking") == true)
        let reply = try stage.send(
            [
                "model": ListedModel.first.id, "messages": [["role": "user", "content": "hi"]], "format": "",
                "options": JSONObject(), "think": true,
            ], to: "/api/chat", headers: Self.agent)
        ClientNeeds.expectStream(reply)
        #expect(reply.thinking == "hm")
        #expect(reply.content == "Hello")
    }

    /// `ollama run` of a model that is not there pulls it, and does not look again when that fails.
    @Test func ollamaRunOfAnUnknownModel() throws {
        let stage = try Stage.forClients()
        let unknown: JSONObject = ["model": "nobody-has-this:1b"]
        let shown = try stage.send(unknown, to: "/api/show", headers: Self.agent)
        #expect(shown.status == 404)
        #expect(shown.error == "model 'nobody-has-this:1b' not found")
        let pulled = try stage.send(unknown, to: "/api/pull", headers: Self.agent)
        #expect(pulled.error == "pull model manifest: file does not exist")
    }

    /// `ollama pull`, `ollama list`, `ollama ps`, `ollama show`, `ollama stop`.
    @Test func ollamaLists() throws {
        let stage = try Stage.forClients()
        let pulled = try stage.send(["model": ListedModel.first.id], to: "/api/pull", headers: Self.agent)
        #expect(pulled.response.body.last == 0x0A)
        #expect(pulled.lines.allSatisfy { $0["status"] is String })
        #expect(pulled.last["status"] as? String == "success")
        for row in try stage.tags(headers: Self.agent) {
            // It cuts the first twelve digits out without asking.
            ClientNeeds.expectDigest(row["digest"])
            ClientNeeds.expectDate(row["modified_at"])
            // Names that end so are taken for models of Ollama's own cloud.
            let name = try #require(row["name"] as? String)
            #expect(!name.hasSuffix(":cloud") && !name.hasSuffix("-cloud"))
        }
        let rows = try stage.tags()
        #expect(Set(rows.map { $0["digest"] as? String }).count == rows.count)
        _ = try stage.send(["model": ListedModel.first.id, "prompt": ""], to: "/api/generate", headers: Self.agent)
        let row = try #require(try stage.running().first)
        ClientNeeds.expectTexts(row, ["name", "model", "digest"])
        ClientNeeds.expectDigest(row["digest"])
        ClientNeeds.expectDate(row["expires_at"])
        #expect(row["size"] is Int && row["size_vram"] is Int)
        let stopped = try stage.send(
            ["model": ListedModel.first.id, "keep_alive": 0], to: "/api/generate", headers: Self.agent)
        #expect(stopped.doneReason == "unload")
        #expect(try stage.running().isEmpty)
    }

    /// `ollama cp` and `ollama rm`.
    @Test func ollamaCopiesAndRemoves() throws {
        let stage = try Stage.forClients()
        let copy: JSONObject = ["source": ListedModel.first.id, "destination": "mine"]
        let copied = try stage.client.post("/api/copy", json: JSON.text(copy), headers: Self.agent)
        #expect(copied.status == 200)
        #expect(copied.body.isEmpty)
        #expect(try stage.listedNames().contains("mine:latest"))
        // Before it removes, it unloads.
        let unload = try stage.send(["model": "mine", "keep_alive": 0], to: "/api/generate", headers: Self.agent)
        #expect(unload.doneReason == "unload")
        let removed = try stage.client.request(
            "DELETE", "/api/delete", headers: Self.agent, body: JSON.text(["model": "mine", "name": ""]))
        #expect(removed.status == 200)
        #expect(try !stage.listedNames().contains("mine:latest"))
    }

    /// Codex probes for the model, pulls it where it does not see it, and chats in OpenAI's shape.
    @Test func codex() throws {
        let stage = try Stage.forClients()
        try stage.scriptAll(Answer.words(["Hello"]))
        #expect(try stage.client.request("GET", "/v1/models").status == 200)
        #expect(try stage.tags().allSatisfy { $0["name"] is String })
        let body: JSONObject = ["model": ListedModel.first.id, "stream": true]
        let pulled = try stage.send(body, to: "/api/pull")
        #expect(pulled.response.headers["Content-Type"] == "application/x-ndjson")
        #expect(pulled.lines.allSatisfy { $0["error"] == nil && $0["status"] is String })
        #expect(pulled.last["status"] as? String == "success")
        let response = try stage.client.post(
            "/v1/chat/completions",
            json: JSON.text([
                "model": ListedModel.first.id, "stream": true,
                "messages": [["role": "system", "content": "You code."], ["role": "user", "content": "hi"]],
                "tools": [["type": "function", "function": ["name": "shell", "parameters": ["type": "object"]]]],
            ]))
        #expect(response.status == 200)
        #expect(response.lines.last == "data: [DONE]")
    }
}
