import Foundation
import TestSupport
import Testing

/// Home Assistant, which talks through ollama-python, polls, and never says which result belongs to which call.
@Suite(.timeLimit(.minutes(10)))
struct HomeAssistantStartUp {
    private static func tool(_ name: String) -> JSONObject {
        [
            "type": "function",
            "function": [
                "name": name, "description": "Does it",
                "parameters": ["type": "object", "properties": ["name": ["type": "string"]], "required": [Any]()],
            ],
        ]
    }

    @Test func setUpAndPolling() throws {
        let stage = try Stage.forClients()
        #expect(try stage.listedNames().contains(ListedModel.first.id))
        for _ in 0..<2 {
            #expect(try stage.tags().allSatisfy { $0["model"] is String })
            #expect(try stage.running().isEmpty)
        }
    }

    /// A model that it does not find in the list is pulled, not as a stream.
    @Test func aModelThatIsMissingIsPulled() throws {
        let stage = try Stage.forClients()
        let pulled = try stage.send(["model": "alpha-70b", "stream": false], to: "/api/pull")
        #expect(pulled.status == 200)
        #expect(pulled.lines.count == 1)
        #expect(pulled.last["status"] as? String == "success")
        // And chatted with under the name it was pulled by.
        try stage.scriptAll(Answer.words(["Hello"]))
        #expect(try stage.chat("alpha-70b").answeredBy == ListedModel.first.id)
    }

    @Test func resultsArePairedByOrder() throws {
        let stage = try Stage.forClients()
        try stage.scriptAll(Answer.words(["Done"]))
        let calls: [JSONObject] = ["HassTurnOn", "HassTurnOff"].map {
            ["function": ["name": $0, "arguments": ["name": "light"]]]
        }
        let reply = try stage.send(
            [
                "model": ListedModel.first.id, "stream": true, "think": false, "options": ["num_ctx": 8192],
                "keep_alive": -1, "tools": [Self.tool("HassTurnOn"), Self.tool("HassTurnOff")],
                "messages": [
                    ["role": "system", "content": "You are a voice assistant."],
                    ["role": "user", "content": "on and off"],
                    ["role": "assistant", "content": "", "tool_calls": calls],
                    ["role": "tool", "content": "{\"on\":true}"], ["role": "tool", "content": "{\"on\":false}"],
                ],
            ], to: "/api/chat")
        ClientNeeds.expectStream(reply)
        let messages = try stage.forwardedMessages()
        let asked = try #require(messages[2]["tool_calls"] as? [JSONObject]).map { $0["id"] as? String }
        #expect(Set(asked).count == 2 && !asked.contains(nil))
        #expect(messages[3...].map { $0["tool_call_id"] as? String } == asked)
        // Kept for ever, in a date that it can read.
        ClientNeeds.expectDate(try stage.running().first?["expires_at"])
    }

    @Test func callsComeBackWithObjects() throws {
        let stage = try Stage.forClients()
        try stage.scriptAll([
            "kind": "stream", "tool_calls": [["name": "HassTurnOn", "arguments": "{\"name\":\"light\"}"]],
        ])
        let reply = try stage.send(
            [
                "model": ListedModel.first.id, "stream": true, "think": false, "keep_alive": "30s",
                "messages": [["role": "user", "content": "on"]], "tools": [Self.tool("HassTurnOn")],
                "options": ["num_ctx": 8192],
            ], to: "/api/chat")
        ClientNeeds.expectStream(reply)
        #expect((reply.toolCalls.first?["arguments"] as? JSONObject)?["name"] as? String == "light")
    }

    /// It asks a task's answer in a schema.
    @Test func schemas() throws {
        let stage = try Stage.forClients()
        try stage.scriptAll(Answer.words(["{\"on\":true}"]))
        let schema: JSONObject = [
            "type": "object", "properties": ["on": ["type": "boolean"]], "required": ["on"],
        ]
        let reply = try stage.send(
            [
                "model": ListedModel.first.id, "stream": true, "think": false, "keep_alive": -1, "format": schema,
                "messages": [["role": "user", "content": "?"]], "options": ["num_ctx": 8192],
            ], to: "/api/chat")
        ClientNeeds.expectStream(reply)
        let format = try #require(try stage.onlyRequest().json["response_format"] as? JSONObject)
        let sent = (format["json_schema"] as? JSONObject)?["schema"] ?? 0
        #expect(JSON.text(sent) == JSON.text(schema))
    }

    /// A list that answers 401 or 403 makes it ask its user for a new key, and any other 4xx is a wrong configuration.
    @Test(arguments: ["401", "403", "429-day", "503"])
    func pollingGoesOnWhateverTheUpstreamSays(failure: String) throws {
        let stage = try Stage.forClients()
        try stage.scriptAll(Answer.failure(failure))
        let reply = try stage.chat()
        #expect(reply.status >= 400)
        #expect(reply.error?.isEmpty == false)
        #expect(try stage.listedNames().contains(ListedModel.first.id))
        #expect(try stage.running().isEmpty)
    }
}
