import Foundation
import TestSupport
import Testing

/// What editors other than VS Code ask for at their start, and a chat as each sends it.
@Suite(.timeLimit(.minutes(10)))
struct EditorClients {
    private static var tool: JSONObject {
        [
            "type": "function",
            "function": ["name": "read_file", "description": "Reads", "parameters": ["type": "object"]],
        ]
    }

    /// It still says `name`, and reads the parameters line by line.
    @Test func `continue`() throws {
        let stage = try Stage.forClients()
        try stage.scriptAll(Answer.words(["Hello"]))
        #expect(try stage.listedNames().contains(ListedModel.first.id))
        let description = try stage.show(["name": ListedModel.first.id])
        #expect(description.parameter("num_ctx") == String(ListedModel.first.context))
        // It would fill in by a template that has a suffix, which no hosted model can.
        let template = try #require(description.json["template"] as? String)
        #expect(!template.contains(".Suffix"))
        #expect(description.capabilities?.contains("insert") == false)

        let reply = try stage.send(
            [
                "model": ListedModel.first.id, "messages": [["role": "user", "content": "hi"]],
                "options": ["temperature": 0.1, "num_predict": 4096, "stop": ["<|im_end|>"], "num_ctx": 8192],
                "keep_alive": 1800, "stream": true, "think": false, "tools": [Self.tool],
            ], to: "/api/chat")
        ClientNeeds.expectStream(reply)
        let sent = try stage.onlyRequest().json
        #expect(sent["stop"] as? [String] == ["<|im_end|>"])
        #expect((sent["tools"] as? [Any])?.count == 1)
    }

    @Test func continueFillsIn() throws {
        let stage = try Stage.forClients()
        let body: JSONObject = [
            "model": ListedModel.first.id, "prompt": "def f(", "suffix": "):\n  pass", "raw": false, "stream": true,
            "options": ["num_predict": 256, "stop": ["\n\n"], "temperature": 0.01, "num_ctx": 8192],
            "keep_alive": 1800,
        ]
        let refused = try stage.send(body, to: "/api/generate")
        #expect(refused.status == 400)
        #expect(refused.error?.contains("does not support insert") == true)
        // Without a suffix it puts its own template around the code.
        try stage.scriptAll(Answer.words(["x", "):"]))
        let changes: JSONObject = ["prompt": "<PRE> def f( <SUF>): <MID>", "raw": true, "suffix": ""]
        let reply = try stage.send(body.merging(changes) { $1 }, to: "/api/generate")
        ClientNeeds.expectStream(reply)
        #expect(reply.lines.compactMap { $0["response"] as? String }.joined() == "x):")
    }

    /// Its types know no null.
    @Test func zed() throws {
        let stage = try Stage.forClients()
        for row in try stage.tags() {
            ClientNeeds.expectTexts(row, ["name", "modified_at", "digest"])
            #expect(row["size"] is Int)
            let details = try #require(row["details"] as? JSONObject)
            ClientNeeds.expectTexts(details, ["format", "family", "parameter_size", "quantization_level"])
            let description = try stage.show(["model": try #require(row["name"] as? String)])
            #expect(description.capabilities != nil)
            #expect(description.parameter("num_ctx") == description.contextLength.map(String.init))
        }
        try stage.scriptAll([
            "kind": "stream", "tool_calls": [["name": "read_file", "id": "call_x", "arguments": "{\"path\":\"b\"}"]],
        ])
        let reply = try stage.send(
            [
                "model": ListedModel.first.id, "stream": true, "keep_alive": -1, "think": NSNull(),
                "messages": [
                    ["role": "system", "content": "Be brief."],
                    ["role": "user", "content": "hi", "images": NSNull()],
                    [
                        "role": "assistant", "content": "", "images": NSNull(), "thinking": NSNull(),
                        "tool_calls": [["function": ["name": "read_file", "arguments": ["path": "a.rs"]]]],
                    ],
                    ["role": "tool", "tool_name": "read_file", "content": "fn main(){}"],
                ],
                "options": [
                    "num_ctx": 16_384, "num_predict": NSNull(), "stop": [Any](), "temperature": 1.0,
                    "top_p": NSNull(),
                ], "tools": [Self.tool],
            ], to: "/api/chat")
        ClientNeeds.expectStream(reply)
        let calls = reply.messages.flatMap { $0["tool_calls"] as? [JSONObject] ?? [] }
        #expect(calls.map { $0["id"] as? String } == ["call_x"])
        #expect(reply.toolCalls.first?["arguments"] is JSONObject)
        let messages = try stage.forwardedMessages()
        let asked = (messages[2]["tool_calls"] as? [JSONObject])?.first?["id"] as? String
        #expect(asked != nil)
        #expect(messages[3]["tool_call_id"] as? String == asked)
        let sent = try stage.onlyRequest().json
        for key in ["stop", "top_p", "max_tokens", "reasoning"] { #expect(sent[key] == nil, "\(key)") }
    }

    /// It is given a port and nothing else.
    @Test func xcode() throws {
        let stage = try Stage.forClients()
        try stage.scriptAll(Answer.words(["Hello"]))
        let list = try stage.client.request("GET", "/v1/models").jsonObject()
        #expect(list["object"] as? String == "list")
        let rows = try #require(list["data"] as? [JSONObject])
        #expect(rows.count == ListedModel.everyKind.count + HTTPClient.bestNames.count)
        for row in rows {
            ClientNeeds.expectTexts(row, ["id", "object", "owned_by"])
            #expect(row["created"] is Int)
        }
        let response = try stage.client.post(
            "/v1/chat/completions",
            json: JSON.text([
                "model": try #require(rows[0]["id"]), "stream": true,
                "messages": [["role": "system", "content": "You help."], ["role": "user", "content": "hi"]],
            ]))
        #expect(response.status == 200)
        #expect(response.lines.last == "data: [DONE]")
    }
}
