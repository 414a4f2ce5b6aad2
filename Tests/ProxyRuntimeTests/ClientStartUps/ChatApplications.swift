import Foundation
import TestSupport
import Testing

/// What applications for people to chat with ask for at their start, and a chat as each sends it.
@Suite(.timeLimit(.minutes(10)))
struct ChatApplications {
    private static let picture = "iVBORw0KGgoAAAANSUhEUgAAAAE"

    /// It appends ":latest" to names without a tag, and then wants them in the list.
    @Test func openWebUIStartsUp() throws {
        let stage = try Stage.forClients()
        let version = try stage.client.request("GET", "/api/version").jsonObject()["version"] as? String
        #expect(version?.split(separator: ".").allSatisfy { Int($0) != nil } == true)
        let rows = try stage.tags()
        #expect(rows.count == ListedModel.everyKind.count + HTTPClient.bestNames.count)
        for row in rows {
            let model = try #require(row["model"] as? String)
            #expect(model.contains(":"))
            #expect(try stage.show(["model": model]).details["family"] is String)
        }
        #expect(rows.contains { $0["model"] as? String == "openrouter/free:latest" })
        #expect(try stage.running().isEmpty)
    }

    /// The same holds for a model that is listed for embeddings.
    @Test func openWebUIFindsTheModelForEmbeddings() throws {
        let stage = try Stage.forClients(["FREE_MODE": "false", "EMBEDDING_MODEL": "oak/vectors"])
        let names = try stage.listedNames()
        #expect(names.contains { $0.hasPrefix("oak/vectors") })
        #expect(names.allSatisfy { $0.contains(":") }, "\(names)")
        let body: JSONObject = ["model": "oak/vectors:latest", "input": ["text"], "truncate": true]
        #expect(try stage.send(body, to: "/api/embed").status == 200)
    }

    @Test func openWebUIChats() throws {
        let stage = try Stage.forClients()
        try stage.scriptAll(Answer.words(["21 ", "degrees"]))
        let reply = try stage.send(
            [
                "model": ListedModel.seeing.id, "stream": true, "keep_alive": "5m", "think": true,
                "format": ["type": "object"],
                "messages": [
                    ["role": "system", "content": "You are helpful."],
                    ["role": "user", "content": "What is this?", "images": [Self.picture]],
                    [
                        "role": "assistant", "content": "",
                        "tool_calls": [
                            [
                                "index": 0, "id": "call_abc",
                                "function": ["name": "get_weather", "arguments": ["city": "Paris"]],
                            ]
                        ],
                    ], ["role": "tool", "content": "21 C", "tool_call_id": "call_abc"],
                ],
                "options": ["temperature": 0.7, "num_ctx": 8192, "stop": ["\n\n"], "repeat_penalty": 1.1],
            ], to: "/api/chat",
            headers: [("X-OpenWebUI-User-Name", "J%C3%BCrg"), ("X-OpenWebUI-User-Role", "admin")])
        ClientNeeds.expectStream(reply)
        let messages = try stage.forwardedMessages()
        #expect((messages[1]["content"] as? [JSONObject])?.count == 2)
        #expect(messages[3]["tool_call_id"] as? String == "call_abc")
        // Who chats is nobody's business upstream.
        #expect(try stage.onlyRequest().headers.keys.allSatisfy { !$0.contains("openwebui") })

        let row = try #require(try stage.running().first)
        #expect(row["name"] as? String == ListedModel.seeing.id)
        ClientNeeds.expectDate(row["expires_at"])
        // It unloads by an empty prompt.
        let unload = try stage.send(
            ["model": ListedModel.seeing.id, "prompt": "", "keep_alive": 0], to: "/api/generate")
        #expect(unload.doneReason == "unload")
        #expect(try stage.running().isEmpty)
    }

    @Test func openWebUIDecodesToolCalls() throws {
        let stage = try Stage.forClients()
        try stage.scriptAll([
            "kind": "stream", "tool_calls": [["name": "get_weather", "arguments": "{\"city\":\"Paris\"}"]],
        ])
        let reply = try stage.send(
            [
                "model": ListedModel.first.id, "messages": [["role": "user", "content": "?"]], "stream": true,
                "tools": [["type": "function", "function": ["name": "get_weather"]]],
            ], to: "/api/chat")
        ClientNeeds.expectStream(reply)
        #expect((reply.toolCalls.first?["arguments"] as? JSONObject)?["city"] as? String == "Paris")
    }

    /// It polls whether the server is there, has options at the top level, and a strict decoder.
    @Test func enchanted() throws {
        let stage = try Stage.forClients()
        try stage.scriptAll(Answer.words(["Hello"]))
        let bearer = [("Authorization", "Bearer okki")]
        for _ in 0..<2 {
            let reachable = try stage.client.request("HEAD", "/", headers: bearer)
            #expect(reachable.status == 200)
            #expect(reachable.body.isEmpty)
        }
        for row in try stage.tags(headers: bearer) {
            ClientNeeds.expectTexts(row, ["name", "model", "digest"])
            ClientNeeds.expectDate(row["modified_at"])
            #expect(row["size"] is Int)
            let details = try #require(row["details"] as? JSONObject)
            ClientNeeds.expectTexts(
                details, ["parent_model", "format", "family", "parameter_size", "quantization_level"])
            // Pictures are offered by the encoder's name.
            let families = try #require(details["families"] as? [String])
            let seeing = [ListedModel.seeing.id] + HTTPClient.bestNames
            #expect(families.contains("clip") == seeing.contains(row["name"] as? String ?? ""))
        }
        let description = try stage.show(["name": ListedModel.first.id]).json
        ClientNeeds.expectTexts(description, ["license", "template", "modelfile", "parameters"])

        let reply = try stage.send(
            [
                "stream": true, "model": ListedModel.seeing.id, "temperature": 0, "stop": "END",
                "messages": [["role": "user", "content": "hi", "images": [Any]()]],
            ], to: "/api/chat", headers: bearer)
        ClientNeeds.expectStream(reply)
        let request = try stage.onlyRequest()
        #expect(request.json["temperature"] as? Int == 0)
        #expect(request.json["stop"] as? [String] == ["END"])
        // The token it makes up is not the key.
        #expect(request.headers["authorization"] == "Bearer test-key")
    }

    /// An extension of a browser, which hides models for embeddings by their family.
    @Test func pageAssist() throws {
        let stage = try Stage.forClients(["EMBEDDING_MODEL": "oak/vectors:free"])
        try stage.scriptAll(Answer.words(["Hello"]))
        let origin = [("Origin", "chrome-extension://jfgfiigpkhlkbnfnbobbkinehhfdhndo")]
        let root = try stage.client.request("GET", "/", headers: origin)
        #expect(root.text == "Ollama is running")
        #expect(root.headers["Access-Control-Allow-Origin"] == origin[0].1)
        let hidden = try stage.tags(headers: origin).filter {
            ["bert", "nomic-bert"].contains(($0["details"] as? JSONObject)?["family"] as? String ?? "")
        }
        #expect(hidden.map { $0["name"] as? String } == ["oak/vectors:free"])
        let reply = try stage.send(
            ["model": ListedModel.first.id, "messages": [["role": "user", "content": "hi"]], "stream": true],
            to: "/api/chat", headers: origin)
        ClientNeeds.expectStream(reply)
        let deleted = try stage.client.request(
            "DELETE", "/api/delete", headers: origin, body: JSON.text(["model": ListedModel.first.id]))
        #expect(deleted.status == 400)
        #expect(try deleted.jsonObject()["error"] is String)
    }

    @Test func raycast() throws {
        let stage = try Stage.forClients(["EMBEDDING_MODEL": "oak/vectors:free"])
        try stage.scriptAll(Answer.words(["Hello"]))
        #expect(try stage.client.request("GET", "/api/version").jsonObject()["version"] is String)
        for name in try stage.listedNames() {
            #expect(try stage.show(["model": name]).capabilities?.isEmpty == false)
        }
        let pulled = try stage.send(["name": ListedModel.first.id], to: "/api/pull")
        #expect(pulled.last["status"] as? String == "success")
        let prompt: JSONObject = ["model": ListedModel.first.id, "prompt": "hi", "stream": true]
        ClientNeeds.expectStream(try stage.send(prompt, to: "/api/generate"))
        let vector = try stage.send(["model": "oak/vectors:free", "prompt": "hi"], to: "/api/embeddings")
        #expect((vector.last["embedding"] as? [Double])?.isEmpty == false)
        #expect(try stage.running().count >= 1)
    }
}
