import TestSupport
import Testing

/// Silence is noticed: before the first word it leads to the next model, after it to an error.
@Suite(.timeLimit(.minutes(10)))
struct UpstreamFallsSilent {
    private let settings = ["FIRST_TOKEN_TIMEOUT_SECONDS": "1", "IDLE_TIMEOUT_SECONDS": "1"]

    /// Comments keep a connection alive, not an attempt.
    @Test(arguments: ["stall-before", "comments-then-stall"], [true, false])
    func beforeTheFirstWordTheNextModelAnswers(failure: String, stream: Bool) throws {
        let stage = try Stage(settings: settings)
        try stage.script([(.first, [Answer.failure(failure)]), (.second, [Answer.words(["from the second"])])])
        let reply = try stage.chat(stream: stream)
        #expect(reply.status == 200)
        #expect(reply.content == "from the second")
        #expect(reply.answeredBy == ListedModel.second.id)
        // The silent one was left, not merely forgotten.
        try stage.upstream.wait(for: "peer_left", equals: 1)
        try stage.proxy.waitForLog(event: "attempt_failed", containing: "kind=silent")
        try stage.waitUntilIdle()
    }

    @Test func commentsThatKeepComingAreSilenceToo() throws {
        let stage = try Stage(settings: settings)
        try stage.script([
            (.first, [Answer.words(["late"], ["first_delay_ms": 60_000, "comment_interval_ms": 100])]),
            (.second, [Answer.words(["in time"])]),
        ])
        #expect(try stage.chat().content == "in time")
        try stage.upstream.wait(for: "peer_left", equals: 1)
    }

    @Test func openAIClientsGetTheNextModelToo() throws {
        let stage = try Stage(settings: settings)
        try stage.script([
            (.first, [Answer.failure("comments-then-stall")]), (.second, [Answer.words(["from the second"])]),
        ])
        let response = try stage.client.post("/v1/chat/completions", json: Stage.chatBody(stream: true))
        #expect(response.status == 200)
        #expect(response.text.contains("from the second"))
    }

    @Test(arguments: ["/api/chat", "/v1/chat/completions"])
    func afterTheFirstWordTheReplyEndsInAnError(path: String) throws {
        let stage = try Stage(settings: settings)
        try stage.scriptAll(Answer.stallsAfterThreeWords)
        let response = try stage.client.post(path, json: Stage.chatBody(stream: true))
        #expect(response.status == 200)
        #expect(response.ending == .complete)
        #expect(response.text.contains("three"))
        #expect(response.lines.last?.contains("\"error\"") == true)
        #expect(!response.text.contains("\"done\":true"))
        #expect(!response.text.contains("[DONE]"))
        #expect(try stage.modelsAsked().count == 1)
        try stage.waitUntilIdle()
    }

    /// Nobody has seen the first model's words, so that the next one may answer.
    @Test func aWholeReplyComesFromTheNextModel() throws {
        let stage = try Stage(settings: settings)
        try stage.script([(.first, [Answer.stallsAfterThreeWords]), (.second, [Answer.words(["from the second"])])])
        #expect(try stage.chat(stream: false).content == "from the second")
    }

    /// The answer is whole with its finish reason; the usage is worth a moment's wait, and no failure.
    @Test func afterTheFinishReasonTheAnswerIsWhole() throws {
        let stage = try Stage(settings: settings)
        try stage.scriptAll(Answer.words(["all ", "said"], ["stall_after_events": 3]))
        let reply = try stage.chat()
        #expect(reply.content == "all said")
        #expect(reply.isDone)
        #expect(reply.doneReason == "stop")
        try stage.waitUntilIdle()
    }

    @Test func whenAllAreSilentTheStatusSaysSo() throws {
        let stage = try Stage(models: [.first, .second], settings: settings)
        try stage.scriptAll(Answer.failure("stall-before"))
        let reply = try stage.chat()
        #expect(reply.status == 504)
        #expect(reply.error != nil)
    }
}
