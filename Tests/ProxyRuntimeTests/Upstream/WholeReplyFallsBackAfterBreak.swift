import TestSupport
import Testing

/// Nobody sees a whole reply before its end, so that every break leads to the next model, words or not.
@Suite(.timeLimit(.minutes(10)))
struct WholeReplyFallsBackAfterBreak {
    @Test(arguments: UpstreamBreaksMidStream.kinds, ["/api/chat", "/v1/chat/completions"])
    func theNextModelAnswers(kind: String, path: String) throws {
        let stage = try Stage()
        try stage.script([
            (.first, [Answer.words(["broken ", "words ", "here"], [kind: 2])]),
            (.second, [Answer.words(["from the second"])]),
        ])
        let response = try stage.client.post(path, json: Stage.chatBody(stream: false))
        #expect(response.status == 200)
        #expect(response.text.contains("from the second"))
        #expect(!response.text.contains("broken"))
        #expect(response.headers["X-Proxy-Model"] == ListedModel.second.id)
        #expect(try stage.modelsAsked() == [ListedModel.first.id, ListedModel.second.id])
        try stage.waitUntilIdle()
    }

    /// Nothing of the first attempt is left in the second's reply: neither thinking, nor calls, nor usage.
    @Test func nothingIsLeftOfTheFirstAttempt() throws {
        let stage = try Stage()
        try stage.script([
            (
                .first,
                [
                    Answer.words(
                        ["broken"],
                        [
                            "reasoning": ["hm"], "tool_calls": [["name": "old", "arguments": "{\"a\":1}"]],
                            "error_after_events": 4,
                        ])
                ]
            ),
            (.second, [Answer.words(["fine"], ["usage": ["prompt_tokens": 3, "completion_tokens": 4]])]),
        ])
        let reply = try stage.chat(stream: false)
        #expect(reply.content == "fine")
        #expect(reply.thinking.isEmpty)
        #expect(reply.toolCalls.isEmpty)
        #expect(reply.promptTokens == 3)
        #expect(reply.completionTokens == 4)
    }
}
