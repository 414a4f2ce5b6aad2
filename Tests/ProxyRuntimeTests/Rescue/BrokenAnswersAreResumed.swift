import Foundation
import TestSupport
import Testing

/// `CONTINUE_STREAMS`: an answer that breaks is resumed where it broke, and the client sees one answer.
@Suite(.timeLimit(.minutes(10)))
struct BrokenAnswersAreResumed {
    private static let settings = ["CONTINUE_STREAMS": "true", "IDLE_TIMEOUT_SECONDS": "1"]
    static let breaks = ["cut_after_events", "reset_after_events", "error_after_events", "stall_after_events"]

    private func stage(_ settings: [String: String] = settings) throws -> Stage { try Stage(settings: settings) }

    private static func broken(_ kind: String, _ words: [String] = ["one ", "two ", "lost"]) -> JSONObject {
        Answer.words(words, [kind: 2])
    }

    @Test(arguments: breaks)
    func ollamaClientsSeeOneAnswer(kind: String) throws {
        let stage = try stage()
        try stage.script([(.first, [Self.broken(kind)]), (.second, [Answer.words(["three ", "four"])])])
        let reply = try stage.chat()
        #expect(reply.content == "one two three four")
        #expect(reply.lines.count { $0["done"] as? Bool == true } == 1)
        #expect(reply.isDone)
        #expect(reply.lines.allSatisfy { $0["error"] == nil })
        let requests = try stage.upstream.chatRequests()
        #expect(requests.map(\.model) == [ListedModel.first.id, ListedModel.second.id])
        let messages = try #require(requests.last?.json["messages"] as? [JSONObject])
        #expect(messages.map { $0["role"] as? String } == ["user", "assistant"])
        #expect(messages.last?["content"] as? String == "one two ")
        try stage.proxy.waitForLog(event: "stream_resumed", containing: ListedModel.second.id)
        try stage.waitUntilIdle()
    }

    @Test(arguments: breaks)
    func openAIClientsSeeOneAnswer(kind: String) throws {
        let stage = try stage()
        try stage.script([(.first, [Self.broken(kind)]), (.second, [Answer.words(["three ", "four"])])])
        let reply = try stage.openAIChat(stream: true)
        #expect(reply.content == "one two three four")
        #expect(reply.identifiers.count == 1)
        #expect(reply.doneCount == 1)
        #expect(reply.error == nil)
        #expect(reply.response.text.hasSuffix("data: [DONE]\n\n"))
        let messages = try stage.upstream.chatRequests().last?.json["messages"] as? [JSONObject]
        #expect(messages?.last?["role"] as? String == "assistant")
        #expect(messages?.last?["content"] as? String == "one two ")
    }

    /// Quotes, line ends and letters beyond ASCII arrive as they were said.
    @Test func thePartialAnswerIsHandedOnUnchanged() throws {
        let words = ["\"ä\"\n\\", "👋 \u{1}"]
        for path in ["/api/chat", "/v1/chat/completions"] {
            let stage = try stage()
            try stage.script([
                (.first, [Self.broken("cut_after_events", words + ["lost"])]), (.second, [Answer.words(["."])]),
            ])
            _ = try stage.client.post(path, json: Stage.chatBody(stream: true))
            let messages = try stage.upstream.chatRequests().last?.json["messages"] as? [JSONObject]
            #expect(messages?.last?["content"] as? String == words.joined())
        }
    }

    /// What both attempts cost is what the answer cost.
    @Test func usageAddsUp() throws {
        let folder = try TemporaryFolder()
        let word = { (text: String, usage: String) in
            "data: {\"id\":\"gen-1\",\"choices\":[{\"delta\":{\"content\":\"\(text)\"}}]\(usage)}\n\n"
        }
        let usage = ",\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2,\"total_tokens\":9}"
        // It ends with neither a finish reason nor [DONE].
        let file = try folder.write(word("one ", "") + word("two ", usage), to: "broken.sse")
        let end = Answer.words(
            ["three"], ["usage": ["prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10]])
        for path in ["/api/chat", "/v1/chat/completions"] {
            let stage = try stage()
            try stage.script([(.first, [Answer.file(file.path)]), (.second, [end])])
            let response = try stage.client.post(path, json: Stage.chatBody(stream: true))
            let reply = ChatReply(response)
            if path == "/api/chat" {
                #expect(reply.promptTokens == 16)
                #expect(reply.completionTokens == 3)
            } else {
                let last = try #require(OpenAIReply(response).usages.last)
                #expect(last["prompt_tokens"] as? Int == 16)
                #expect(last["completion_tokens"] as? Int == 3)
                #expect(last["total_tokens"] as? Int == 19)
            }
            let line = try stage.proxy.waitForLog(event: "request", containing: path)
            #expect(line["prompt_tokens"] == "16")
            #expect(line["completion_tokens"] == "3")
            #expect(line["attempts"] == "2")
        }
    }

    @Test func anAnswerMayBreakMoreThanOnce() throws {
        let stage = try stage()
        try stage.script([
            (.first, [Self.broken("cut_after_events")]), (.second, [Self.broken("reset_after_events", ["3 ", "4 "])]),
            (.third, [Answer.words(["5"])]),
        ])
        #expect(try stage.chat().content == "one two 3 4 5")
        let messages = try stage.upstream.chatRequests().last?.json["messages"] as? [JSONObject]
        #expect(messages?.count == 2)
        #expect(messages?.last?["content"] as? String == "one two 3 4 ")
    }

    /// Nothing was missing but the end.
    @Test(arguments: ["/api/chat", "/v1/chat/completions"])
    func theRestMayBeEmpty(path: String) throws {
        let stage = try stage()
        try stage.script([(.first, [Self.broken("cut_after_events")]), (.second, [Answer.words([])])])
        let response = try stage.client.post(path, json: Stage.chatBody(stream: true))
        #expect(!response.text.contains("\"error\""))
        if path == "/api/chat" {
            #expect(ChatReply(response).content == "one two " && ChatReply(response).isDone)
        } else {
            #expect(OpenAIReply(response).content == "one two " && OpenAIReply(response).doneCount == 1)
        }
    }

    /// A model that fails before it has added a word is passed over like any other.
    @Test func whoFailsToTakeItUpIsPassedOver() throws {
        let stage = try stage()
        try stage.script([
            (.first, [Self.broken("cut_after_events")]), (.second, [Answer.failure("503")]),
            (.third, [Answer.words(["three"])]),
        ])
        let reply = try stage.chat()
        #expect(reply.content == "one two three")
        #expect(reply.isDone)
    }

    /// Thoughts are no part of an answer that could be gone on with.
    @Test func anAnswerThatBrokeWhileThinkingBeginsAnew() throws {
        let stage = try stage()
        try stage.script([
            (.first, [Answer.words(["lost"], ["reasoning": ["hm "], "cut_after_events": 1])]),
            (.second, [Answer.words(["fine"], ["reasoning": ["well "]])]),
        ])
        let reply = try stage.chat(ListedModel.first.id, ["think": true])
        #expect(reply.content == "fine")
        #expect(reply.isDone)
        let messages = try stage.upstream.chatRequests().last?.json["messages"] as? [JSONObject]
        #expect(messages?.count == 1)
    }

    @Test func promptsAreTakenUpToo() throws {
        let stage = try stage()
        try stage.script([(.first, [Self.broken("cut_after_events")]), (.second, [Answer.words(["three"])])])
        let body = JSON.text(["model": ListedModel.first.id, "prompt": "Count!", "system": "Be brief."])
        let reply = ChatReply(try stage.client.post("/api/generate", json: body))
        #expect(reply.lines.compactMap { $0["response"] as? String }.joined() == "one two three")
        #expect(reply.isDone)
        let messages = try stage.upstream.chatRequests().last?.json["messages"] as? [JSONObject]
        #expect(messages?.map { $0["role"] as? String } == ["system", "user", "assistant"])
    }

    /// When no model can resume it, the client is told, as it would be without.
    @Test func whenAllFailTheAnswerEndsInAnError() throws {
        let stage = try stage()
        try stage.script([
            (.first, [Self.broken("cut_after_events")]), (.second, [Answer.failure("503")]),
            (.third, [Answer.failure("empty")]),
        ])
        let reply = try stage.chat()
        #expect(reply.content == "one two ")
        #expect(reply.error != nil)
        #expect(!reply.isDone)
    }

    /// Half a call cannot be gone on with, and a schema cannot be begun in the middle.
    @Test(arguments: ["tool calls", "format"])
    func whatCannotBeTakenUpEndsInAnError(kind: String) throws {
        let stage = try stage()
        let calls: JSONObject = [
            "tool_calls": [["name": "look", "arguments": "{\"a\":1}", "fragments": 2]], "cut_after_events": 3,
        ]
        try stage.script([
            (.first, [kind == "format" ? Self.broken("cut_after_events") : Answer.words(["one "], calls)]),
            (.second, [Answer.words(["never"])]),
        ])
        let changes: JSONObject = kind == "format" ? ["format": "json"] : ["tools": [Requests.tool]]
        let reply = try stage.chat(ListedModel.first.id, changes)
        #expect(reply.error != nil)
        #expect(!reply.isDone)
        #expect(try stage.modelsAsked() == [ListedModel.first.id])
    }

    @Test(arguments: ["", "false"])
    func unlessToldABrokenAnswerStaysBroken(value: String) throws {
        let stage = try stage(["CONTINUE_STREAMS": value])
        try stage.script([
            (.first, [Self.broken("cut_after_events")]), (.second, [Answer.words(["three"])]),
        ])
        let reply = try stage.chat()
        #expect(reply.content == "one two ")
        #expect(reply.error != nil)
        #expect(try stage.modelsAsked() == [ListedModel.first.id])
    }

    /// Nobody has seen anything of a whole reply: the next model starts from the beginning.
    @Test func aWholeReplyBeginsAnew() throws {
        let stage = try stage()
        try stage.script([(.first, [Self.broken("cut_after_events")]), (.second, [Answer.words(["three"])])])
        #expect(try stage.chat(stream: false).content == "three")
        #expect((try stage.upstream.chatRequests().last?.json["messages"] as? [JSONObject])?.count == 1)
    }
}
