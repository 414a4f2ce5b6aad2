import Foundation
import TestSupport
import Testing

/// A limit of the account ends it for all models; a limit of one model or its provider leads to the next.
@Suite(.timeLimit(.minutes(10)))
struct RateLimits {
    @Test(arguments: ["/api/chat", "/v1/chat/completions"])
    func theAccountsLimitStopsAtOnce(path: String) throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.failure("429-day", ["reset_in_ms": 1_800_000]), Answer.words(["too early"]))
        let response = try stage.client.post(path, json: Stage.chatBody(stream: true))
        #expect(response.status == 429)
        let seconds = try #require(response.headers["Retry-After"].flatMap { Int($0) })
        #expect((1700...1801).contains(seconds))
        #expect(response.text.contains("free-models-per-day"))
        // Nothing is asked until then, whichever model is wanted.
        let second = try stage.chat(ListedModel.second.id)
        #expect(second.status == 429)
        #expect(second.response.headers["Retry-After"] != nil)
        #expect(try stage.modelsAsked() == [ListedModel.first.id])
    }

    @Test func theAccountsLimitSurvivesARestart() throws {
        let folder = try TemporaryFolder()
        let upstream = try FakeOpenRouter()
        for round in 1...2 {
            let stage = try Stage(dataFolder: folder.url, upstream: upstream)
            try stage.scriptAll(Answer.failure("429-day"))
            #expect(try stage.chat().status == 429)
            #expect(try stage.modelsAsked().count == (round == 1 ? 1 : 0))
            #expect(stage.proxy.terminate() == .exited(0))
        }
    }

    /// The reset may lie behind us, when clocks differ: the model is then asked again soon.
    @Test func aResetInThePastIsNoLimit() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.failure("429-minute", ["reset_in_ms": -60_000]), Answer.words(["fine"]))
        #expect(try stage.chat().content == "fine")
    }

    @Test func aModelsLimitLeadsToTheNext() throws {
        let stage = try Stage()
        try stage.script([
            (.first, [Answer.failure("429-provider"), Answer.words(["too early"])]),
            (.second, [Answer.words(["from the second"])]),
        ])
        for _ in 0..<3 { #expect(try stage.chat().content == "from the second") }
        // Asked once, and left alone from then on.
        #expect(try stage.modelsAsked().filter { $0 == ListedModel.first.id }.count == 1)
        #expect(try stage.proxy.health()["in_cooldown"] == 1)
    }

    /// When all are limited, the client hears when the first will be free again.
    @Test(arguments: [(nil, 59...60), ("7", 59...60), ("600", 599...600)])
    func retryAfterIsAtLeastAMinute(header: String?, expected: ClosedRange<Int>) throws {
        let stage = try Stage(models: [.first])
        try stage.scriptAll(Answer.failure("429-provider", header.map { ["retry_after": $0] } ?? [:]))
        let reply = try stage.chat()
        #expect(reply.status == 429)
        let seconds = try #require(reply.response.headers["Retry-After"].flatMap { Int($0) })
        #expect(expected.contains(seconds))
    }

    @Test func theMinuteIsConfigurable() throws {
        let stage = try Stage(models: [.first], settings: ["RATELIMIT_COOLDOWN_MINUTES": "10"])
        try stage.scriptAll(Answer.failure("429-provider"))
        let seconds = try #require(try stage.chat().response.headers["Retry-After"].flatMap { Int($0) })
        #expect((599...600).contains(seconds))
    }

    /// A reset header of a limit that concerns one model only.
    @Test func aModelsResetHeaderCounts() throws {
        let stage = try Stage(models: [.first])
        let reset = Int((Date().timeIntervalSince1970 + 1200) * 1000)
        try stage.scriptAll(
            Answer.status(
                429, body: ["error": ["code": 429, "message": "Rate limit exceeded: limit_rpd/birch/alpha-70b/1"]],
                headers: ["X-RateLimit-Limit": "80", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "\(reset)"]))
        let seconds = try #require(try stage.chat().response.headers["Retry-After"].flatMap { Int($0) })
        #expect((1150...1201).contains(seconds))
    }

    /// All models in one limited list, some limited, some broken: more than one reason is a bad gateway.
    @Test func mixedReasonsAreABadGateway() throws {
        let stage = try Stage(models: [.first, .second])
        try stage.script([(.first, [Answer.failure("429-provider")]), (.second, [Answer.failure("500")])])
        #expect(try stage.chat().status == 502)
    }

    /// Credits that are lacking are lacking for all models.
    @Test func lackingCreditsStopAtOnce() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.failure("402"))
        let reply = try stage.chat()
        #expect(reply.status == 402)
        #expect(reply.error?.contains("Insufficient credits") == true)
        #expect(try stage.modelsAsked() == [ListedModel.first.id])
    }

    /// Limits on free requests do not concern paid models.
    @Test func paidModelsAreAskedAllTheSame() throws {
        let paid = ListedModel(id: "oak/paid", context: 1000, price: "0.001")
        let stage = try Stage(models: [.first, paid], settings: ["FREE_MODE": "false"])
        try stage.script([(.first, [Answer.failure("429-day")]), (paid, [Answer.words(["fine"])])])
        #expect(try stage.chat().status == 429)
        #expect(try stage.chat(paid.id).content == "fine")
    }
}
