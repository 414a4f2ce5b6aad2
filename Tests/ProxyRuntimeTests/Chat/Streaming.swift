import TestSupport
import Testing

/// Words reach the client one by one, each as soon as it is there.
@Suite(.timeLimit(.minutes(10)))
struct Streaming {
    /// The upstream falls silent after three words, so what arrives was not held back for what follows.
    @Test func eachWordArrivesBeforeTheNextIsSaid() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.stallsAfterThreeWords)
        let client = try stage.openChat()
        for word in ["one ", "two ", "three "] {
            let chunk = try #require(try client.readChunk())
            // A chunk may hold more than one line when they came together, yet never half of one.
            #expect(chunk.last == 0x0A)
            let text = String(decoding: chunk, as: UTF8.self)
            #expect(text.contains(word))
            if text.contains("three") { break }
        }
        client.close()
    }

    @Test func openAIEventsArriveAsTheyAreSaid() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.stallsAfterThreeWords)
        let client = try stage.client.open("POST", "/v1/chat/completions", body: Stage.chatBody(stream: true))
        #expect(try client.readHead().headers["Content-Type"] == "text/event-stream")
        for word in ["one ", "two ", "three "] {
            #expect(try client.readLine()?.contains(word) == true)
            #expect(try client.readLine()?.isEmpty == true)
        }
        client.close()
    }

    @Test func everyLineIsWhatOllamaSends() throws {
        let stage = try Stage()
        try stage.scriptAll(
            Answer.words(["one ", "two"], ["usage": ["prompt_tokens": 11, "completion_tokens": 2], "delay_ms": 2]))
        let reply = try stage.chat()
        #expect(reply.response.headers["Content-Type"] == "application/x-ndjson")
        #expect(reply.response.headers["Transfer-Encoding"] == "chunked")
        #expect(reply.lines.count == 3)
        for line in reply.lines {
            #expect(line["model"] as? String == ListedModel.first.id)
            #expect((line["created_at"] as? String)?.hasSuffix("Z") == true)
            let message = try #require(line["message"] as? JSONObject)
            #expect(message["role"] as? String == "assistant")
            #expect(message["content"] is String)
            #expect(message["thinking"] == nil)
            #expect(message["tool_calls"] == nil)
        }
        #expect(reply.lines.dropLast().allSatisfy { $0["done"] as? Bool == false })
        expectSummary(reply)
    }

    @Test func aWholeReplyIsOneObject() throws {
        let stage = try Stage()
        try stage.scriptAll(
            Answer.words(["one ", "two"], ["usage": ["prompt_tokens": 11, "completion_tokens": 2], "delay_ms": 2]))
        let reply = try stage.chat(stream: false)
        #expect(reply.response.headers["Content-Type"] == "application/json; charset=utf-8")
        #expect(reply.response.headers["Content-Length"] == String(reply.response.body.count))
        #expect(reply.lines.count == 1)
        #expect(reply.content == "one two")
        expectSummary(reply)
    }

    private func expectSummary(_ reply: ChatReply) {
        #expect(reply.isDone)
        #expect(reply.doneReason == "stop")
        #expect(reply.promptTokens == 11)
        #expect(reply.completionTokens == 2)
        // In nanoseconds, and never 0, for clients divide by them.
        for name in ["total_duration", "load_duration", "prompt_eval_duration", "eval_duration"] {
            #expect(reply.last[name] as? Int ?? 0 > 0, "\(name)")
        }
        // Two pauses of 2 ms.
        #expect(reply.last["total_duration"] as? Int ?? 0 > 2_000_000)
    }

    @Test(arguments: [("stop", "stop"), ("length", "length"), ("end_turn", "stop"), ("content_filter", "stop")])
    func theReasonForTheEnd(upstream: String, expected: String) throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["word"], ["finish_reason": upstream]))
        #expect(try stage.chat().doneReason == expected)
        #expect(try stage.chat(stream: false).doneReason == expected)
    }

    @Test(arguments: ["empty_choices", "repeat_finish", "null_finish", "no_finish_key"])
    func usageInEveryShape(shape: String) throws {
        let stage = try Stage()
        try stage.scriptAll(
            Answer.words(["word"], ["usage_shape": shape, "usage": ["prompt_tokens": 5, "completion_tokens": 6]]))
        for stream in [true, false] {
            let reply = try stage.chat(stream: stream)
            #expect(reply.promptTokens == 5)
            #expect(reply.completionTokens == 6)
            #expect(reply.lines.filter { $0["done"] as? Bool == true }.count == 1)
        }
    }

    /// Some providers send none.
    @Test func withoutUsageTheCountsAreZero() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["word"], ["usage": false]))
        let reply = try stage.chat()
        #expect(reply.isDone)
        #expect(reply.promptTokens == 0)
    }

    /// No blank lines, which some clients' parsers stumble over, and nothing of the upstream's comments.
    @Test func commentsLeaveNoTrace() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["one ", "two"], ["comments_before": 5, "comments_between": 3]))
        let reply = try stage.chat()
        #expect(reply.response.text.split(separator: "\n", omittingEmptySubsequences: false).count == 4)
        #expect(reply.response.text.hasSuffix("}\n"))
        #expect(reply.lines.allSatisfy { !$0.isEmpty })
    }
}
