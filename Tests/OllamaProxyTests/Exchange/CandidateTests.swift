import OllamaProxy
import Testing

/// Which models an exchange tries, and what it says when none is left.
struct CandidateTests {
    @Test func beginsWithTheModelAskedFor() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true), asking: "third")
        stage.begin()
        stage.end(.failed("refused"))
        stage.end(.failed("refused"))
        stage.end(.failed("refused"))
        #expect(
            stage.actions.filter { $0.hasPrefix("start") } == [
                "start v/third:free", "start v/first:free", "start v/second:free",
            ])
        #expect(stage.heads.last?.status == 502)
        #expect(
            stage.output.contains(
                "3 attempts failed: 1. v/third:free: OpenRouter cannot be reached: refused; 2. v/first:free: "))
        // The network's failures are no model's fault.
        #expect(stage.ledger.takeUnsaved().isEmpty)
    }

    @Test func anUnknownNameGetsTheBestFreeModel() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true), asking: "llama3.2")
        stage.begin()
        #expect(stage.actions == ["start v/first:free"])
    }

    @Test func nobodyPaysForAModelNotAskedFor() throws {
        #expect(throws: RequestError.modelNotFound("other")) {
            try ExchangeStage(.ollamaChat(stream: true), asking: "other", freeOnly: false)
        }
        var stage = try ExchangeStage(.ollamaChat(stream: true), asking: "second", freeOnly: false)
        stage.begin()
        stage.end(.failed("refused"))
        stage.end(.failed("refused"))
        // Once more, as the failure may pass, and no other model.
        #expect(
            stage.actions == [
                "start v/second:free", "failed network", "start v/second:free", "failed network", "whole 502",
                "finish failed",
            ])
    }

    @Test func stopsAfterTheMostAttempts() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true), limits: .init(attempts: 2, heartbeat: .zero))
        stage.begin()
        stage.end(.failed("x"))
        stage.end(.failed("x"))
        #expect(stage.actions.last == "finish failed")
        #expect(stage.ends[0].attemptCount == 2)
    }

    @Test func guardsAreOnlyUsedByNameAndRoutersLast() throws {
        let models = [
            model("openrouter/free", context: 9000), model("v/content-safety:free", context: 8000),
            model("v/chat:free", context: 1000),
        ]
        var stage = try ExchangeStage(.ollamaChat(stream: true), asking: "whatever", models: models)
        stage.begin()
        stage.end(.failed("x"))
        stage.end(.failed("x"))
        #expect(
            stage.actions.filter { $0.hasPrefix("start") } == ["start v/chat:free", "start openrouter/free"])
        var byName = try ExchangeStage(.ollamaChat(stream: true), asking: "content-safety", models: models)
        byName.begin()
        #expect(byName.actions == ["start v/content-safety:free"])
    }

    @Test func skipsModelsThatCooldown() throws {
        let ledger = FailureLedger()
        ledger.record(FailureRules.empty, of: "v/first:free", now: .at(0))
        var stage = try ExchangeStage(.ollamaChat(stream: true), ledger: ledger)
        stage.begin()
        #expect(stage.actions == ["start v/second:free"])
    }

    @Test func triesTheSoonestWhenAllCooldown() throws {
        let ledger = FailureLedger()
        for id in ["v/first:free", "v/third:free"] { ledger.record(FailureRules.empty, of: id, now: .at(50)) }
        ledger.record(FailureRules.empty, of: "v/second:free", now: .at(0))
        var stage = try ExchangeStage(.ollamaChat(stream: true), ledger: ledger)
        stage.now = 60
        stage.begin()
        #expect(stage.actions == ["start v/second:free"])
    }

    @Test func triesThoseThatRestWhenTheOthersHaveFailed() throws {
        let ledger = FailureLedger()
        ledger.record(FailureRules.empty, of: "v/first:free", now: .at(20))
        ledger.record(FailureRules.empty, of: "v/third:free", now: .at(0))
        var stage = try ExchangeStage(.ollamaChat(stream: true), ledger: ledger)
        stage.now = 60
        stage.begin()
        stage.fails(503, "")
        stage.fails(503, "")
        stage.fails(503, "")
        #expect(
            stage.actions.filter { $0.hasPrefix("start") } == [
                "start v/second:free", "start v/third:free", "start v/first:free",
            ])
        #expect(stage.actions.last == "finish failed")
    }

    @Test func whatIsGoneIsNotTriedWhileThereIsAnother() throws {
        let ledger = FailureLedger()
        let gone = FailureRules.failure(
            status: 410, error: withBytes("{\"error\":{}}") { UpstreamError.inBody($0) }, now: .at(0))
        for id in ["v/first:free", "v/third:free"] { ledger.record(gone, of: id, now: .at(0)) }
        var stage = try ExchangeStage(.ollamaChat(stream: true), ledger: ledger)
        stage.begin()
        stage.fails(503, "")
        #expect(stage.actions.filter { $0.hasPrefix("start") } == ["start v/second:free"])
    }

    @Test func theOnlyOneThatCanIsAskedOnceMore() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true), models: [ExchangeStage.models[0]])
        stage.begin()
        stage.fails(503, "")
        stage.fails(503, "")
        #expect(stage.attempts.count == 2)
        #expect(stage.actions.last == "finish failed")
        // What does not pass is not asked again.
        var refused = try ExchangeStage(.ollamaChat(stream: true), models: [ExchangeStage.models[0]])
        refused.begin()
        refused.fails(429, "", retryAfter: 100)
        #expect(refused.attempts.count == 1)
    }

    @Test func aWrongKeyStopsAtOnce() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true))
        stage.begin()
        stage.head(401, "application/json")
        stage.bytes(#"{"error":{"message":"User not found.","code":401}}"#)
        stage.end()
        #expect(stage.actions == ["start v/first:free", "failed key_rejected", "whole 401", "finish failed"])
        #expect(stage.output.contains("OPENROUTER_API_KEY"))
        #expect(stage.ledger.takeUnsaved().isEmpty)
    }

    @Test func theKeyIsTakenOutOfTheUpstreamsWords() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true))
        stage.begin()
        stage.head(401, "application/json")
        stage.bytes(#"{"error":{"message":"bad key sk-secret\u0301, really sk-secret","code":401}}"#)
        stage.end()
        #expect(stage.output.contains("bad key [key]\u{301}, really [key]"))
        #expect(!stage.output.contains("sk-secret"))
    }

    @Test func theAccountsLimitStopsAllUntilTheReset() throws {
        let ledgers = Ledgers()
        var stage = try ExchangeStage(.openAIChat(stream: true), ledgers: ledgers)
        stage.begin()
        stage.head(429, "application/json", retryAfter: 600)
        stage.bytes(#"{"error":{"message":"Rate limit exceeded: free-models-per-day. ","code":429}}"#)
        stage.end()
        #expect(stage.actions == ["start v/first:free", "failed account_limited", "whole 429", "finish failed"])
        #expect(stage.heads[0].retryAfter == .seconds(600))
        var next = try ExchangeStage(.ollamaChat(stream: true), ledgers: ledgers)
        next.now = 100
        next.begin()
        #expect(next.actions == ["whole 429", "finish failed"])
        #expect(next.heads[0].retryAfter == .seconds(500))
        #expect(next.output.contains("2026-09-2"))
    }

    @Test func aModelThatIsGoneHasTheListFetchedAgain() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true))
        stage.begin()
        stage.head(404, "application/json")
        stage.bytes(#"{"error":{"message":"No endpoints found for v/first:free.","code":404}}"#)
        stage.end()
        #expect(stage.actions.suffix(3) == ["failed gone", "refresh", "start v/second:free"])
    }

    @Test func onlyRateLimitsEverywhereAreARateLimit() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true))
        stage.begin()
        for seconds in [300, 100, 200] {
            stage.head(429, "application/json", retryAfter: seconds)
            stage.end()
        }
        #expect(stage.heads[0].status == 429)
        #expect(stage.heads[0].retryAfter == .seconds(100))
    }

    @Test func aRequestNoModelTakesIsRefusedAsItIs() throws {
        var stage = try ExchangeStage(.openAIChat(stream: false))
        stage.begin()
        stage.head(400, "application/json")
        stage.bytes(#"{"error":{"message":"messages must not be empty","code":400}}"#)
        stage.end()
        #expect(stage.actions == ["start v/first:free", "failed invalid_request", "whole 400", "finish failed"])
        #expect(stage.output.contains(#""type":"invalid_request_error""#))
    }
}
