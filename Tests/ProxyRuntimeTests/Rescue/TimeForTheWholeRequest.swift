import TestSupport
import Testing

/// `TOTAL_TIMEOUT_SECONDS` ends a request wherever it is.
@Suite(.timeLimit(.minutes(10)))
struct TimeForTheWholeRequest {
    private let settings = ["TOTAL_TIMEOUT_SECONDS": "1"]

    @Test(arguments: ["/api/chat", "/v1/chat/completions"], [true, false])
    func beforeTheFirstWord(path: String, stream: Bool) throws {
        let stage = try Stage(settings: settings)
        try stage.scriptAll(Answer.failure("stall-before"))
        let response = try stage.client.post(path, json: Stage.chatBody(stream: stream))
        #expect(response.status == 504)
        #expect(response.errorText?.contains("within 1 s") == true)
        // Nothing is generated for nobody.
        try stage.upstream.wait(for: "peer_left", equals: 1)
        try stage.waitUntilIdle()
        // The time was short; that says nothing about the model.
        #expect(try stage.proxy.health()["in_cooldown"] == 0)
    }

    @Test(arguments: ["/api/chat", "/v1/chat/completions"])
    func afterTheFirstWord(path: String) throws {
        let stage = try Stage(settings: settings)
        try stage.scriptAll(Answer.stallsAfterThreeWords)
        let response = try stage.client.post(path, json: Stage.chatBody(stream: true))
        #expect(response.status == 200)
        #expect(response.ending == .complete)
        #expect(response.text.contains("three"))
        #expect(response.lines.last?.contains("within 1 s") == true)
        #expect(!response.text.contains("\"done\":true") && !response.text.contains("[DONE]"))
        try stage.upstream.wait(for: "peer_left", equals: 1)
        try stage.waitUntilIdle()
    }

    /// Words that keep coming are no excuse.
    @Test func anAnswerWithoutEnd() throws {
        let stage = try Stage(settings: settings)
        try stage.scriptAll(Answer.words(["word "], ["repeat": 1000, "delay_ms": 50]))
        let reply = try stage.chat()
        #expect(reply.error?.contains("within 1 s") == true)
        try stage.upstream.wait(for: "peer_left", equals: 1)
    }

    /// All attempts together have that long, and the error tells of each.
    @Test func itCountsOverAllAttempts() throws {
        let stage = try Stage(settings: settings)
        try stage.script([(.first, [Answer.failure("503")]), (.second, [Answer.failure("stall-before")])])
        let reply = try stage.chat()
        #expect(reply.status == 504)
        #expect(reply.error?.contains(ListedModel.first.id) == true)
        #expect(reply.response.headers["X-Proxy-Attempts"] == "2")
    }

    /// A heartbeat has begun the reply, so that its status can say nothing any more.
    @Test func afterAHeartbeat() throws {
        let stage = try Stage(settings: ["TOTAL_TIMEOUT_SECONDS": "2", "HEARTBEAT_SECONDS": "1"])
        try stage.scriptAll(Answer.failure("stall-before"))
        let reply = try stage.chat()
        #expect(reply.status == 200)
        #expect(reply.error?.contains("within 2 s") == true)
        #expect(!reply.isDone)
    }

    /// Waiting for one's turn is part of it.
    @Test func itCountsWhileWaiting() throws {
        let stage = try Stage(
            settings: settings.merging(["FREE_REQUESTS_PER_MINUTE": "1", "QUEUE_SECONDS": "120"]) { $1 })
        try stage.scriptAll(Answer.words(["fine"]))
        #expect(try stage.chat().isDone)
        #expect(try stage.chat().status == 504)
        #expect(try stage.proxy.health()["waiting"] == 0)
    }
}
