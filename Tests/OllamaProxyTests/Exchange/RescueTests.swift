import Foundation
import OllamaProxy
import Testing

/// Answers that break and are resumed, hedges, and the time that all of it may take.
struct RescueTests {
    private let continuing = ExchangeMachine.Limits(heartbeat: .zero, continuesStreams: true)

    // MARK: Continuation

    @Test func aBrokenAnswerIsTakenUpByTheNextModel() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true), limits: continuing)
        stage.begin()
        stage.head()
        stage.bytes(Events.content("Once \\\"upon") + Events.content(" a"))
        stage.end(.failed("cut"))
        #expect(stage.actions.suffix(2) == ["failed broken", "start v/second:free"])
        #expect(stage.steps == [.resumed(model: "v/second:free")])
        #expect(
            stage.machine.body(for: stage.attempts[1])?.joined().text
                == #"{"model":"v/second:free","messages":[,{"role":"assistant","content":"Once \"upon a"}]}"#)
        stage.head()
        stage.bytes(Events.content(" time") + Events.finish() + Events.usage + Events.done)
        let lines = try stage.lines()
        let contents = lines.map { ($0["message"] as? [String: Any])?["content"] as? String ?? "" }
        #expect(contents.joined() == "Once \"upon a time")
        #expect(lines.filter { $0["done"] as? Bool == true }.count == 1)
        // Five as reported, and four for the fifteen bytes before.
        #expect(lines.last?["eval_count"] as? Int == 9)
        #expect(stage.ends[0].usage?.completionTokens == 9)
        #expect(stage.ends[0].outcome == .answered)
    }

    @Test func whatComesAgainBreaksAgainUntilNoAttemptIsLeft() throws {
        var stage = try ExchangeStage(.openAIChat(stream: true), limits: continuing)
        stage.begin()
        for word in ["a", "b", "c"] {
            stage.head()
            stage.bytes(Events.content(word))
            stage.end()
        }
        #expect(stage.actions.last == "finish failed")
        #expect(stage.attempts.count == 3)
        #expect(stage.output.hasSuffix("\n\n") && stage.output.contains("\"error\""))
        #expect(!stage.output.contains("[DONE]"))
    }

    @Test func anAttemptThatSaysNothingLeavesTheAnswerAsItWas() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true), limits: continuing)
        stage.begin()
        stage.head()
        stage.bytes(Events.content("one"))
        stage.end()
        stage.fails(503, "")
        #expect(stage.actions.last == "start v/third:free")
        #expect(stage.machine.body(for: stage.attempts[2])?.joined().text.contains(#""content":"one"}]"#) == true)
        stage.head()
        stage.bytes(Events.content(" two") + Events.finish() + Events.done)
        #expect(stage.actions.last == "finish answered")
        #expect(stage.output.contains("one") && stage.output.contains(" two"))
    }

    @Test func aModelMayFindThatOnlyTheEndWasMissing() throws {
        var stage = try ExchangeStage(.openAIChat(stream: true), limits: continuing)
        stage.begin()
        stage.head()
        stage.bytes(Events.content("all"))
        stage.end()
        stage.head()
        stage.bytes(Events.finish() + Events.done)
        #expect(stage.actions.last == "finish answered")
        #expect(stage.output.hasSuffix(Events.done))
    }

    @Test(arguments: [
        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"f\"}}]}}]}\n\n",
        Events.content("x")
            + "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"f\"}}]}}]}\n\n",
    ])
    func callsToToolsAreNeverTakenUp(events: String) throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true), limits: continuing)
        stage.begin()
        stage.head()
        stage.bytes(events)
        stage.end()
        #expect(stage.attempts.count == 1)
        #expect(stage.actions.last == "finish failed")
    }

    @Test func neitherIsStructuredOutputNorAnythingWithoutTheSetting() throws {
        var needs = RequestNeeds()
        needs.structuredOutput = .schema
        var several = RequestNeeds()
        several.hasSeveralAnswers = true
        for (limits, needs) in [
            (continuing, needs), (continuing, several), (ExchangeMachine.Limits(heartbeat: .zero), RequestNeeds()),
        ] {
            var stage = try ExchangeStage(.ollamaChat(stream: true), needs: needs, limits: limits)
            stage.begin()
            stage.head()
            stage.bytes(Events.content("x"))
            stage.end()
            #expect(stage.actions.last == "finish failed")
        }
    }

    @Test func theOpenAIDoorShowsOneAnswerWithOneIdentity() throws {
        let first = #"{"id":"gen-1","model":"m1","choices":[{"delta":{"content":"ab"}}]}"#
        let second = #"{"id":"gen-2","model":"m2","choices":[{"delta":{"content":"c"}}]}"#
        let last =
            #"{"id":"gen-2","choices":[],"usage":{"prompt_tokens":7, "completion_tokens":3,"total_tokens":10,"x":{"completion_tokens":1}}}"#
        for pieces in [1, .max] {
            var stage = try ExchangeStage(.openAIChat(stream: true), limits: continuing)
            stage.begin()
            stage.head()
            stage.bytes("data: \(first)\n\n", pieces: pieces)
            stage.end()
            stage.head()
            stage.bytes("data: \(second)\n\n\(Events.finish())data: \(last)\n\n\(Events.done)", pieces: pieces)
            let expected = [
                first, second.replacingOccurrences(of: "gen-2", with: "gen-1"),
                String(Events.finish().dropFirst(6).dropLast(2)),
                #"{"id":"gen-1","choices":[],"usage":{"prompt_tokens":7, "completion_tokens":4,"total_tokens":11,"x":{"completion_tokens":1}}}"#,
                "[DONE]",
            ]
            #expect(stage.output == expected.map { "data: \($0)\n\n" }.joined())
        }
    }

    @Test func silenceInTheMiddleIsTakenUpToo() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true), limits: continuing)
        stage.begin()
        stage.head()
        stage.bytes(Events.content("x"))
        stage.wait(until: 120)
        #expect(stage.actions.suffix(3) == ["cancel", "failed silent", "start v/second:free"])
    }

    @Test func wordsThatComeWithAnErrorAreNotBelieved() throws {
        let words = #"data: {"choices":[{"delta":{"content":"half"},"finish_reason":"error"}]}"# + "\n\n"
        var first = try ExchangeStage(.ollamaChat(stream: true))
        first.begin()
        first.head()
        first.bytes(words)
        #expect(first.actions == ["start v/first:free", "cancel", "failed broken", "start v/second:free"])
        var later = try ExchangeStage(.ollamaChat(stream: true), limits: continuing)
        later.begin()
        later.head()
        later.bytes(Events.content("one ") + words)
        #expect(later.machine.body(for: later.attempts[1])?.joined().text.contains(#""content":"one "}]"#) == true)
    }

    @Test func anAnswerToNothingIsTakenUpAsTheOnlyMessage() throws {
        let body = #"{"model":"x","messages":[ ]}"#
        let request = try withBytes(body) { try ForwardedRequest($0, freeOnly: true) }
        let upstream = UpstreamRequest(forwarding: ByteBuffer(body), edits: request.edits)
        #expect(
            upstream.body(for: model("f"), continuing: ByteBuffer("a")).joined().text
                == #"{"model":"f","messages":[ {"role":"assistant","content":"a"}]}"#)
    }

    // MARK: Hedging

    private func hedging(free: Bool = false) -> ExchangeMachine.Limits {
        .init(heartbeat: .zero, hedge: .seconds(3), hedgesFree: free)
    }

    private static let paid = [
        model("p/one", context: 3000, price: "1"), model("p/two", context: 2000, price: "1"),
    ]

    private func paidStage(_ door: Door = .ollamaChat(stream: true)) throws -> ExchangeStage {
        try ExchangeStage(door, asking: "p/one", models: Self.paid, freeOnly: false, limits: hedging()) {
            $0.fallbackModels = ["p/two"]
        }
    }

    @Test func theFirstToSpeakWins() throws {
        for winner in [1, 2] {
            var stage = try paidStage()
            stage.begin()
            stage.head(of: 1)
            stage.bytes(Events.comment, of: 1)
            stage.wait(until: 2.9)
            #expect(stage.attempts.count == 1)
            stage.wait(until: 3)
            #expect(stage.steps == [.hedged(model: "p/two")])
            stage.head(of: 2)
            stage.bytes(Events.content("mine") + Events.finish() + Events.done, of: winner)
            #expect(
                stage.actions == [
                    "start p/one", "start p/two", "cancel", "stream", "release", "finish answered",
                ])
            #expect(stage.heads[0].model == (winner == 1 ? "p/one" : "p/two"))
            // What the other still brings is nobody's.
            stage.bytes(Events.content("late"), of: 3 - winner)
            #expect(!stage.output.contains("late"))
            // It has not failed, and is in no cooldown.
            #expect(stage.ledger.takeUnsaved().isEmpty)
        }
    }

    @Test func bothHaveBodiesOfTheirOwn() throws {
        var stage = try paidStage()
        stage.begin()
        let first = try #require(stage.machine.body(for: stage.attempts[0]))
        stage.wait(until: 3)
        let second = try #require(stage.machine.body(for: stage.attempts[1]))
        #expect(first !== second)
        #expect(first.joined().text.contains("p/one") && second.joined().text.contains("p/two"))
    }

    @Test func oneThatFailsLeavesTheOther() throws {
        for loser in [1, 2] {
            var stage = try paidStage(.ollamaChat(stream: false))
            stage.begin()
            stage.wait(until: 3)
            stage.fails(503, "", of: loser)
            #expect(stage.actions == ["start p/one", "start p/two", "failed unavailable"])
            stage.head(of: 3 - loser)
            stage.bytes(Events.content("x") + Events.finish() + Events.done, of: 3 - loser)
            #expect(stage.actions.suffix(2) == ["whole 200", "finish answered"])
        }
    }

    @Test func aModelThatIsAtWorkIsNotDoubted() throws {
        var stage = try paidStage()
        stage.begin()
        stage.head()
        stage.bytes(Events.thinking("hm"))
        stage.wait(until: 10)
        #expect(stage.attempts.count == 1)
    }

    @Test func freeRequestsAreNotSpentOnItUnlessForced() throws {
        for isForced in [false, true] {
            var stage = try ExchangeStage(.ollamaChat(stream: true), limits: hedging(free: isForced))
            stage.begin()
            stage.wait(until: 3)
            #expect(stage.attempts.count == (isForced ? 2 : 1))
        }
        // Where they are short, not even then; the candidate is not lost.
        let ledgers = Ledgers(budget: BudgetLedger(policy: .init(perMinute: 1)))
        var stage = try ExchangeStage(
            .ollamaChat(stream: true),
            limits: .init(heartbeat: .zero, queue: .seconds(100), hedge: .seconds(3), hedgesFree: true),
            ledgers: ledgers)
        stage.begin()
        stage.wait(until: 3)
        #expect(stage.attempts.count == 1)
        stage.fails(503, "")
        stage.now = 61
        stage.turnComes()
        #expect(stage.actions.last == "start v/second:free")
    }

    @Test func theSecondModelIsNotLostWhenItMayNotBeAskedYet() throws {
        let models = [Self.paid[0], model("v/gratis:free")]
        var stage = try ExchangeStage(
            .ollamaChat(stream: true), asking: "p/one", models: models, freeOnly: false, limits: hedging()
        ) { $0.fallbackModels = ["v/gratis:free"] }
        stage.begin()
        stage.wait(until: 3)
        stage.fails(503, "")
        stage.fails(503, "")
        #expect(stage.actions.last == "start v/gratis:free")
    }

    @Test func eachAttemptHasItsOwnTimeBeforeItIsDoubted() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true), limits: hedging(free: true))
        stage.begin()
        stage.now = 2.5
        stage.fails(503, "")
        stage.wait(until: 3)
        #expect(stage.attempts.count == 2)
        stage.wait(until: 5.5)
        #expect(stage.attempts.count == 3)
    }

    @Test func aClientThatLeavesEndsBoth() throws {
        var stage = try paidStage()
        stage.begin()
        stage.wait(until: 3)
        stage.clientLeaves()
        #expect(stage.actions == ["start p/one", "start p/two", "cancel", "cancel", "finish client_left"])
    }

    // MARK: The whole request's time

    @Test func theTotalTimeEndsEverything() throws {
        let limits = ExchangeMachine.Limits(total: .seconds(10), heartbeat: .zero)
        var waiting = try ExchangeStage(.ollamaChat(stream: true), limits: limits)
        waiting.begin()
        waiting.now = 5
        waiting.fails(503, "")
        waiting.wait(until: 10)
        #expect(waiting.actions.suffix(3) == ["cancel", "whole 504", "finish failed"])
        #expect(waiting.output.contains("no complete answer within 10 s; v/first:free: "))
        // The second was not the one to blame.
        #expect(waiting.ledger.record(of: "v/second:free") == nil)
        var streaming = try ExchangeStage(.openAIChat(stream: true), limits: limits)
        streaming.begin()
        streaming.head()
        streaming.bytes(Events.content("x"))
        streaming.wait(until: 10)
        #expect(streaming.actions.suffix(2) == ["cancel", "finish failed"])
        #expect(streaming.output.contains("no complete answer"))
    }

    // MARK: Outside free mode

    @Test func theModelAskedForIsTriedOnceMoreThenTheFallbacks() throws {
        var stage = try ExchangeStage(
            .ollamaChat(stream: true), asking: "p/one", models: Self.paid, freeOnly: false,
            limits: .init(heartbeat: .zero)
        ) { $0.fallbackModels = ["p/two"] }
        stage.begin()
        stage.fails(503, "")
        stage.fails(503, "")
        stage.fails(503, "")
        #expect(
            stage.actions.filter { $0.hasPrefix("start") } == ["start p/one", "start p/one", "start p/two"])
        #expect(stage.actions.last == "finish failed")
    }

    @Test func whatIsNotTransientIsNotTriedAgain() throws {
        var stage = try ExchangeStage(
            .ollamaChat(stream: true), asking: "p/one", models: Self.paid, freeOnly: false
        ) { $0.fallbackModels = ["p/two"] }
        stage.begin()
        stage.fails(429, "", retryAfter: 100)
        #expect(stage.actions.last == "start p/two")
    }

    // MARK: Too long

    @Test func aRequestThatIsTooLongForTheLargestIsNotTriedElsewhere() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true))
        stage.begin()
        stage.fails(400, #"{"error":{"message":"This endpoint's maximum context length is 3000 tokens.","code":400}}"#)
        #expect(stage.actions == ["start v/first:free", "failed too_long", "whole 400", "finish failed"])
        var smaller = try ExchangeStage(.ollamaChat(stream: true), asking: "v/third:free")
        smaller.begin()
        smaller.fails(
            400, #"{"error":{"message":"maximum context length is 1000. However, you requested about 2500 tokens"}}"#)
        #expect(smaller.actions.last == "start v/first:free")
    }
}
