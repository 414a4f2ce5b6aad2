import Foundation
import TestSupport
import Testing

/// What extensions of VS Code ask for at their start, and a chat as each sends it.
@Suite(.timeLimit(.minutes(10)))
struct VSCodeClients {
    /// Compared number by number with the version that is needed.
    private func expectVersion(_ stage: Stage, atLeast needed: [Int]) throws {
        let version = try #require(
            try stage.client.request("GET", "/api/version").jsonObject()["version"] as? String)
        let numbers = version.split(separator: ".").compactMap { Int($0) }
        #expect(numbers.count == 3)
        #expect(!numbers.lexicographicallyPrecedes(needed))
    }

    @Test func copilot() throws {
        let stage = try Stage.forClients()
        try stage.scriptAll(Answer.words(["Hello ", "there"]))
        try expectVersion(stage, atLeast: [0, 6, 4])
        let agent = [("User-Agent", "GitHubCopilotChat/0.42.1")]
        for row in try stage.tags(headers: agent) {
            let name = try #require(row["model"] as? String)
            let description = try stage.show(["model": name], headers: agent)
            #expect(description.capabilities != nil)
            #expect(!description.architecture.isEmpty)
            #expect((description.contextLength ?? 0) > 0)
            // The name shown in the picker.
            #expect(description.info["general.basename"] as? String == name)
        }
        #expect(try stage.show(["model": ListedModel.first.id]).capabilities?.contains("tools") == true)
        #expect(try stage.show(["model": ListedModel.seeing.id]).capabilities?.contains("vision") == true)
        #expect(try stage.show(["model": ListedModel.plain.id]).capabilities == ["completion"])

        let response = try stage.client.post(
            "/v1/chat/completions",
            json: JSON.text([
                "model": ListedModel.first.id,
                "messages": [["role": "system", "content": "Be brief."], ["role": "user", "content": "hi"]],
                "stream": true, "stream_options": ["include_usage": true], "temperature": 0.1, "top_p": 1, "n": 1,
                "max_tokens": 4096,
                "tools": [
                    [
                        "type": "function",
                        "function": [
                            "name": "read_file", "description": "",
                            "parameters": ["type": "object", "properties": JSONObject()],
                        ],
                    ]
                ],
            ]), headers: agent)
        #expect(response.status == 200)
        #expect(response.headers["Content-Type"]?.hasPrefix("text/event-stream") == true)
        #expect(response.lines.last == "data: [DONE]")
        #expect(response.text.contains("there"))
        #expect(try stage.onlyRequest().json["max_tokens"] as? Int == 4096)
    }

    /// It needs no details of a model whose row names a remote host, its capabilities and the context.
    @Test func ollamaExtension() throws {
        let stage = try Stage.forClients()
        try stage.scriptAll(Answer.words(["Hello"]))
        try expectVersion(stage, atLeast: [0, 17, 6])
        for row in try stage.tags() {
            ClientNeeds.expectTexts(row, ["name", "model", "remote_model", "remote_host"])
            #expect((row["remote_host"] as? String)?.isEmpty == false)
            #expect((row["capabilities"] as? [String])?.contains("completion") == true)
            #expect(((row["details"] as? JSONObject)?["context_length"] as? Int ?? 0) > 0)
        }
        let path = "/api/experimental/model-recommendations"
        let recommended = try stage.client.request("GET", path).jsonObject()["recommendations"]
        for row in try #require(recommended as? [JSONObject]) {
            ClientNeeds.expectTexts(row, ["model", "description"])
            #expect(try stage.listedNames().contains(row["model"] as? String ?? ""))
        }
        let reply = try stage.send(
            [
                "model": ListedModel.first.id, "messages": [["role": "user", "content": "hi"]], "stream": true,
                "options": ["num_ctx": 65_536],
            ], to: "/api/chat")
        ClientNeeds.expectStream(reply)
        #expect(try stage.running().first?["context_length"] as? Int == ListedModel.first.context)
    }

    /// Its schema drops what has no family or size, and what cannot call tools.
    @Test func rooCode() throws {
        let stage = try Stage.forClients()
        try stage.scriptAll(Answer.words(["Hello"]))
        for row in try stage.tags() {
            let details = try #require(row["details"] as? JSONObject)
            ClientNeeds.expectTexts(row, ["name", "model", "modified_at", "digest"])
            ClientNeeds.expectTexts(details, ["family", "parameter_size", "format", "quantization_level"])
            #expect(row["size"] is Int)
            let description = try stage.show(["model": try #require(row["model"] as? String)])
            ClientNeeds.expectTexts(description.details, ["family", "parameter_size"])
            #expect(description.firstContextLength == description.contextLength)
            #expect(description.info.keys.count { $0.contains("context_length") } == 1)
        }
        let offered = try stage.tags().filter { ($0["capabilities"] as? [String])?.contains("tools") == true }
        #expect(offered.count == 4 + HTTPClient.bestNames.count)
        let reply = try stage.send(
            [
                "model": ListedModel.first.id, "stream": true, "options": ["temperature": 0, "num_ctx": 300_000],
                "messages": [["role": "system", "content": "You are Roo."], ["role": "user", "content": "hi"]],
            ], to: "/api/chat")
        ClientNeeds.expectStream(reply)
    }

    /// It shows an error in the middle of a stream, which therefore must not look like an end.
    @Test func cline() throws {
        let stage = try Stage.forClients(["IDLE_TIMEOUT_SECONDS": "1"])
        let body: JSONObject = [
            "model": ListedModel.first.id, "stream": true, "options": ["num_ctx": 32_768],
            "messages": [["role": "system", "content": "You are Cline."], ["role": "user", "content": "hi"]],
        ]
        #expect(try stage.listedNames().contains(ListedModel.first.id))
        try stage.scriptAll(Answer.words(["Hello"]), Answer.stallsAfterThreeWords)
        ClientNeeds.expectStream(try stage.send(body, to: "/api/chat"))
        let broken = try stage.send(body, to: "/api/chat")
        #expect(broken.content == "one two three ")
        #expect(broken.error?.isEmpty == false)
        #expect(!broken.isDone)
    }

    /// Visual Studio lists, shows and chats, and nothing else.
    @Test func visualStudio() throws {
        let stage = try Stage.forClients()
        try stage.scriptAll(Answer.words(["Hello"]))
        let name = try #require(try stage.listedNames().first)
        #expect(try stage.show(["model": name]).capabilities?.contains("tools") == true)
        let reply = try stage.send(
            ["model": name, "messages": [["role": "user", "content": "hi"]], "stream": true], to: "/api/chat")
        ClientNeeds.expectStream(reply)
    }
}
