import TestSupport
import Testing

/// `HEDGE_AFTER_SECONDS`: while the first model says nothing a second is asked, and the first to speak wins.
@Suite(.timeLimit(.minutes(10)))
struct SilentModelIsJoined {
    private static let paid = [
        ListedModel(id: "oak/paid", context: 100_000, price: "0.001"),
        ListedModel(id: "oak/other", context: 90_000, price: "0.001"),
    ]
    private static let settings = [
        "FREE_MODE": "false", "FALLBACK_MODELS": "oak/other", "HEDGE_AFTER_SECONDS": "1",
    ]

    @Test(arguments: ["/api/chat", "/v1/chat/completions"])
    func theSecondAnswers(path: String) throws {
        let stage = try Stage(models: Self.paid, settings: Self.settings)
        try stage.script([(Self.paid[0], [Answer.failure("stall-before")]), (Self.paid[1], [Answer.words(["fine"])])])
        let response = try stage.client.post(path, json: Stage.chatBody("oak/paid", stream: true))
        #expect(response.text.contains("fine"))
        #expect(response.headers["X-Proxy-Model"] == "oak/other")
        #expect(response.headers["X-Proxy-Attempts"] == "2")
        // The loser is left at once, not when its time is up.
        try stage.upstream.wait(for: "peer_left", equals: 1)
        try stage.proxy.waitForLog(event: "request_hedged", containing: "oak/other")
        try stage.waitUntilIdle()
    }

    @Test func theFirstMayStillWin() throws {
        let stage = try Stage(models: Self.paid, settings: Self.settings)
        try stage.script([
            (Self.paid[0], [Answer.words(["fine"], ["first_delay_ms": 2500])]),
            (Self.paid[1], [Answer.failure("stall-before")]),
        ])
        let reply = try stage.chat("oak/paid")
        #expect(reply.content == "fine")
        #expect(reply.answeredBy == "oak/paid")
        #expect(try stage.upstream.chatRequests().count == 2)
        try stage.upstream.wait(for: "peer_left", equals: 1)
        try stage.waitUntilIdle()
    }

    /// The failure of one is not the end of the other.
    @Test(arguments: [0, 1])
    func oneMayFail(index: Int) throws {
        let stage = try Stage(models: Self.paid, settings: Self.settings)
        let late = Answer.words(["fine"], ["first_delay_ms": 3000])
        let failing = Answer.status(503, body: "", headers: [:]).merging(["delay_ms": 1500]) { $1 }
        try stage.script([
            (Self.paid[index], [failing]), (Self.paid[1 - index], [late]),
        ])
        let reply = try stage.chat("oak/paid")
        #expect(reply.content == "fine")
        #expect(reply.answeredBy == Self.paid[1 - index].id)
    }

    @Test func aClientThatLeavesEndsBoth() throws {
        let stage = try Stage(models: Self.paid, settings: Self.settings)
        try stage.scriptAll(Answer.failure("stall-before"))
        let stream = try stage.openChat("oak/paid")
        try stage.upstream.wait(for: "active_streams", equals: 2)
        stream.close()
        try stage.upstream.wait(for: "peer_left", equals: 2)
        try stage.waitUntilIdle()
    }

    /// A model that speaks in time is left alone, however long its answer takes.
    @Test func whoSpeaksIsNotJoined() throws {
        let stage = try Stage(models: Self.paid, settings: Self.settings)
        try stage.scriptAll(Answer.words(["word "], ["repeat": 8, "delay_ms": 250]))
        #expect(try stage.chat("oak/paid").isDone)
        #expect(try stage.upstream.chatRequests().count == 1)
    }

    /// A free request is worth more than a second's wait.
    @Test(arguments: ["", "true"])
    func inFreeModeOnlyWhenForced(forced: String) throws {
        let stage = try Stage(settings: ["HEDGE_AFTER_SECONDS": "1", "HEDGE_IN_FREE_MODE": forced])
        try stage.script([
            (.first, [Answer.words(["late"], ["first_delay_ms": 2500])]), (.second, [Answer.words(["soon"])]),
        ])
        #expect(try stage.chat().content == (forced == "true" ? "soon" : "late"))
        #expect(try stage.upstream.chatRequests().count == (forced == "true" ? 2 : 1))
    }

    /// Nor is a free model asked as a second where paid ones are used.
    @Test func noFreeModelJoinsAPaidOne() throws {
        let stage = try Stage(
            models: [.first, Self.paid[0]],
            settings: Self.settings.merging(["FALLBACK_MODELS": ListedModel.first.id]) { $1 })
        try stage.script([
            (Self.paid[0], [Answer.words(["late"], ["first_delay_ms": 2500])]), (.first, [Answer.words(["soon"])]),
        ])
        #expect(try stage.chat("oak/paid").content == "late")
        #expect(try stage.upstream.chatRequests().count == 1)
    }

    @Test func unlessToldNobodyIsJoined() throws {
        let stage = try Stage(
            models: Self.paid, settings: Self.settings.merging(["HEDGE_AFTER_SECONDS": ""]) { $1 })
        try stage.script([
            (Self.paid[0], [Answer.words(["late"], ["first_delay_ms": 2500])]), (Self.paid[1], [Answer.words(["x"])]),
        ])
        #expect(try stage.chat("oak/paid").content == "late")
    }
}
