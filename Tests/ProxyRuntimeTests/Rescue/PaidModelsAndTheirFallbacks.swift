import TestSupport
import Testing

/// Who pays for a model gets that model: once more when its failure may pass, and then those that are named for it.
@Suite(.timeLimit(.minutes(10)))
struct PaidModelsAndTheirFallbacks {
    private static let paid = ListedModel(id: "oak/paid", context: 100_000, price: "0.001")
    private static let other = ListedModel(id: "oak/other", context: 90_000, price: "0.001")
    /// Never named, and never to be used.
    private static let third = ListedModel(id: "oak/third", context: 900_000, price: "0.001")
    static let passing = [
        "500", "502", "503", "html-502", "error-in-200", "empty", "comments-only", "garbage", "stall-before",
        "close-without-reply",
    ]
    static let lasting = ["404", "403", "429-provider"]

    private func stage(fallback: String = "") throws -> Stage {
        try Stage(
            models: [Self.paid, Self.other, Self.third, .first],
            settings: ["FREE_MODE": "false", "FALLBACK_MODELS": fallback, "FIRST_TOKEN_TIMEOUT_SECONDS": "1"])
    }

    @Test(arguments: passing, [true, false])
    func itIsAskedOnceMore(failure: String, stream: Bool) throws {
        let stage = try stage()
        // libcurl repeats a request by itself when a connection that had served before ends without a word.
        try stage.script([(Self.paid, [Answer.failure(failure), Answer.words(["fine"])])])
        let reply = try stage.chat("oak/paid", stream: stream)
        #expect(reply.content == "fine")
        #expect(reply.answeredBy == "oak/paid")
    }

    @Test(arguments: passing)
    func withoutFallbackItIsOverThen(failure: String) throws {
        let stage = try stage()
        try stage.scriptAll(Answer.failure(failure))
        let reply = try stage.chat("oak/paid")
        #expect([502, 504].contains(reply.status))
        #expect(reply.response.headers["X-Proxy-Attempts"] == "2")
        #expect(reply.error?.hasPrefix("2 attempts failed: 1. oak/paid: ") == true)
        #expect(try stage.modelsAsked() == ["oak/paid"])
    }

    @Test(arguments: lasting)
    func whatDoesNotPassIsNotTriedAgain(failure: String) throws {
        let stage = try stage()
        try stage.scriptAll(Answer.failure(failure))
        #expect(try stage.chat("oak/paid").response.headers["X-Proxy-Attempts"] == "1")
        #expect(try stage.modelsAsked() == ["oak/paid"])
    }

    @Test(arguments: passing + lasting)
    func theNamedModelsAreNext(failure: String) throws {
        let stage = try stage(fallback: "other, alpha-70b")
        try stage.script([
            (Self.paid, [Answer.failure(failure)]), (Self.other, [Answer.failure("503")]),
            (.first, [Answer.words(["fine"])]),
        ])
        let reply = try stage.chat("oak/paid")
        #expect(reply.answeredBy == ListedModel.first.id)
        #expect(try stage.modelsAsked() == ["oak/paid", "oak/other", ListedModel.first.id])
        // Those are not asked twice.
        #expect(reply.response.headers["X-Proxy-Attempts"] == (Self.lasting.contains(failure) ? "3" : "4"))
    }

    @Test func openAIClientsAreServedAlike() throws {
        let stage = try stage(fallback: "oak/other")
        try stage.script([(Self.paid, [Answer.failure("503")]), (Self.other, [Answer.words(["fine"])])])
        for stream in [true, false] {
            #expect(try stage.openAIChat("oak/paid", stream: stream).answeredBy == "oak/other")
        }
    }

    /// What the upstream says of the key holds for every model.
    @Test func aRefusalOfTheKeyIsTheEnd() throws {
        let stage = try stage(fallback: "oak/other")
        try stage.scriptAll(Answer.failure("401"))
        #expect(try stage.chat("oak/paid").status == 401)
        #expect(try stage.modelsAsked() == ["oak/paid"])
    }

    /// An account without credits may still be served by what costs nothing.
    @Test func withoutCreditsAFreeFallbackAnswers() throws {
        let stage = try stage(fallback: ListedModel.first.id)
        try stage.script([(Self.paid, [Answer.failure("402")]), (.first, [Answer.words(["fine"])])])
        for _ in 0..<2 { #expect(try stage.chat("oak/paid").answeredBy == ListedModel.first.id) }
    }

    /// An unknown name is answered only where it was said by whom.
    @Test(arguments: [("", 404), ("oak/other", 200)])
    func anUnknownNameNeedsAFallback(fallback: String, status: Int) throws {
        let stage = try stage(fallback: fallback)
        try stage.scriptAll(Answer.words(["fine"]))
        let reply = try stage.chat("llama3.2")
        #expect(reply.status == status)
        #expect(reply.answeredBy == (fallback.isEmpty ? nil : fallback))
    }

    @Test func aFallbackThatIsNotThereIsTold() throws {
        let stage = try stage(fallback: "oak/nobody")
        let line = try stage.proxy.waitForLog(event: "configured_model_missing")
        #expect(line["setting"] == "FALLBACK_MODELS")
        #expect(line["model"] == "oak/nobody")
    }
}
