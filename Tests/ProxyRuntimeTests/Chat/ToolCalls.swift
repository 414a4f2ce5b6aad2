import Foundation
import TestSupport
import Testing

/// Tools go up as they are, calls come down whole, and results find their calls.
@Suite(.timeLimit(.minutes(10)))
struct ToolCalls {
    private static let tools = """
        [{"type":"function","function":{"name":"weather","description":"Tells the weather",\
        "parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}]
        """

    private func chat(_ stage: Stage, stream: Bool) throws -> ChatReply {
        let tools = try JSONSerialization.jsonObject(with: Data(Self.tools.utf8))
        return try stage.chat(stream: stream, ["tools": tools])
    }

    @Test func theToolsAreSent() throws {
        let stage = try Stage()
        _ = try chat(stage, stream: true)
        let sent = try #require(try stage.onlyRequest().json["tools"])
        let given = try JSONSerialization.jsonObject(with: Data(Self.tools.utf8))
        #expect(JSON.text(sent) == JSON.text(given))
    }

    @Test(arguments: [1, 2, 30], [true, false])
    func fragmentsBecomeObjects(fragments: Int, stream: Bool) throws {
        let stage = try Stage()
        let arguments = "{\"city\":\"Zürich \\\"old\\\" town\",\"days\":3}"
        try stage.scriptAll([
            "kind": "stream",
            "tool_calls": [
                ["name": "weather", "arguments": arguments, "fragments": fragments, "id": "call_a"],
                ["name": "time", "arguments": "", "id": "call_b"],
            ],
        ])
        let reply = try chat(stage, stream: stream)
        #expect(reply.toolCalls.map { $0["name"] as? String } == ["weather", "time"])
        #expect(reply.toolCalls.map { $0["index"] as? Int } == [0, 1])
        #expect(JSON.text(reply.toolCalls[0]["arguments"] ?? 0) == JSON.text(try JSON.object(arguments)))
        #expect((reply.toolCalls[1]["arguments"] as? JSONObject)?.isEmpty == true)
        #expect(reply.isDone)
        // Never "tool_calls", with Ollama.
        #expect(reply.doneReason == "stop")
        let items = reply.messages.flatMap { $0["tool_calls"] as? [JSONObject] ?? [] }
        #expect(items.map { $0["id"] as? String } == ["call_a", "call_b"])
        if stream {
            // Calls come before the last line, in lines that are not done.
            let lines = reply.lines.filter { ($0["message"] as? JSONObject)?["tool_calls"] != nil }
            #expect(lines.allSatisfy { $0["done"] as? Bool == false })
            #expect(reply.messages.allSatisfy { $0["content"] as? String == "" })
        }
    }

    /// Nobody could use a call that cannot be read, and nothing of it was shown: the next model may do better.
    @Test(arguments: ["{\"city\":", "[1]", "five"])
    func brokenArgumentsOfAWholeReplyLeadToTheNextModel(arguments: String) throws {
        let stage = try Stage()
        try stage.script([
            (.first, [["kind": "stream", "tool_calls": [["name": "weather", "arguments": arguments]]]]),
            (.second, [["kind": "stream", "tool_calls": [["name": "weather", "arguments": "{}"]]]]),
        ])
        let reply = try chat(stage, stream: false)
        #expect(reply.answeredBy == ListedModel.second.id)
        #expect(reply.toolCalls.count == 1)
    }

    /// The attempt commits at its first tool delta, so that what follows can only end in an error.
    @Test func brokenArgumentsOfAStreamEndInAnError() throws {
        let stage = try Stage()
        try stage.scriptAll(["kind": "stream", "tool_calls": [["name": "weather", "arguments": "{\"city\":"]]])
        let reply = try chat(stage, stream: true)
        #expect(reply.status == 200)
        #expect(reply.error != nil)
        #expect(!reply.isDone)
        #expect(reply.toolCalls.isEmpty)
    }

    /// Clients send results with an id, with the tool's name, or with neither; then the order decides.
    @Test func resultsFindTheirCalls() throws {
        let call: (String) -> JSONObject = { ["function": ["name": $0, "arguments": ["city": "Bern"]]] }
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["fine"]))
        _ = try stage.chat(
            ListedModel.first.id,
            [
                "messages": [
                    ["role": "user", "content": "?"],
                    ["role": "assistant", "content": "", "tool_calls": [call("weather"), call("time")]],
                    ["role": "tool", "content": "noon", "tool_name": "time"],
                    ["role": "tool", "content": "sunny"],
                    [
                        "role": "assistant", "content": "",
                        "tool_calls": [["id": "own", "function": ["name": "weather", "arguments": JSONObject()]]],
                    ],
                    ["role": "tool", "content": "rain", "tool_call_id": "own"],
                ]
            ])
        let messages = try #require(try stage.onlyRequest().json["messages"] as? [JSONObject])
        let calls = messages.flatMap { $0["tool_calls"] as? [JSONObject] ?? [] }
        let ids = calls.compactMap { $0["id"] as? String }
        #expect(Set(ids).count == 3)
        #expect(ids.last == "own")
        #expect(calls.allSatisfy { $0["type"] as? String == "function" })
        // Upstream the arguments are a text.
        let arguments = calls.compactMap { ($0["function"] as? JSONObject)?["arguments"] as? String }
        #expect(try arguments.map { try JSON.object($0).count } == [1, 1, 0])
        let results = messages.filter { $0["role"] as? String == "tool" }
        #expect(results.map { $0["tool_call_id"] as? String } == [ids[1], ids[0], "own"])
        #expect(results.map { $0["content"] as? String } == ["noon", "sunny", "rain"])
    }
}
