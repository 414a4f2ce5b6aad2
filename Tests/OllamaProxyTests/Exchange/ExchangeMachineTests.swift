import OllamaProxy
import Testing

/// How one exchange goes, seen from its machine: inputs in, actions out.
struct ExchangeMachineTests {
    @Test func streamsAnAnswer() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true))
        stage.begin()
        stage.head()
        stage.bytes(Events.comment + Events.content(""))
        #expect(stage.actions == ["start v/first:free"])
        stage.now = 2
        stage.bytes(Events.content("Hel"))
        #expect(stage.actions.last == "stream")
        #expect(stage.heads[0].model == "v/first:free")
        stage.bytes(Events.content("lo") + Events.finish() + Events.usage)
        stage.now = 3
        stage.bytes(Events.done)
        #expect(stage.actions == ["start v/first:free", "stream", "release", "finish answered"])
        let lines = try stage.lines()
        #expect(lines.map { ($0["message"] as? [String: Any])?["content"] as? String } == ["Hel", "lo", ""])
        #expect(lines.map { $0["done"] as? Bool } == [false, false, true])
        #expect(lines[2]["done_reason"] as? String == "stop")
        #expect(lines[2]["eval_count"] as? Int == 5)
        #expect(lines[2]["prompt_eval_duration"] as? Int == 2_000_000_000)
        #expect(lines[2]["eval_duration"] as? Int == 1_000_000_000)
        #expect(stage.ends[0].timeToFirstToken == .seconds(2))
    }

    /// What a failure would still need is kept.
    @Test(arguments: [false, true])
    func aRequestIsKeptUntilNoAttemptCanNeedIt(continuesStreams: Bool) throws {
        for door in [Door.ollamaChat(stream: true), .openAIChat(stream: true), .ollamaChat(stream: false)] {
            var stage = try ExchangeStage(
                door, limits: .init(heartbeat: .seconds(1), continuesStreams: continuesStreams))
            stage.begin()
            stage.wait(until: 2)
            stage.fails(503, "")
            stage.head()
            stage.bytes(Events.comment)
            #expect(stage.bodiesForgotten.isEmpty)
            #expect(stage.machine.body(for: stage.attempts[1]) != nil)
            stage.bytes(Events.content("one"))
            let isForgotten = door.streams && !continuesStreams
            #expect(stage.bodiesForgotten == (isForgotten ? [2] : []))
            #expect((stage.machine.body(for: stage.attempts[1]) == nil) == isForgotten)
            stage.end(.failed("cut"))
            #expect(stage.attempts.count == (isForgotten ? 2 : 3))
        }
    }

    @Test func answersInOnePieceWhenAskedTo() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: false))
        stage.begin()
        stage.head()
        stage.bytes(Events.thinking("hm") + Events.content("a\\n") + Events.content("b") + Events.finish("length"))
        #expect(stage.actions == ["start v/first:free"])
        stage.bytes(Events.done)
        #expect(stage.actions == ["start v/first:free", "release", "whole 200", "finish answered"])
        let reply = try stage.lines()[0]
        #expect((reply["message"] as? [String: String]) == ["role": "assistant", "content": "a\nb", "thinking": "hm"])
        #expect(reply["done_reason"] as? String == "length")
    }

    @Test func triesTheNextModelUntilOneSpeaks() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true))
        stage.begin()
        stage.head(503, "application/json")
        stage.bytes(#"{"error":{"message":"busy","code":503}}"#)
        stage.end()
        stage.head()
        stage.bytes(Events.comment + Events.error(502, "gone wrong"))
        stage.head()
        stage.bytes(Events.content("hi"))
        #expect(
            stage.actions == [
                "start v/first:free", "failed unavailable", "start v/second:free", "cancel", "failed unavailable",
                "start v/third:free", "stream",
            ])
        #expect(stage.ledger.cooldown(of: "v/first:free", now: .at(0)) != nil)
        #expect(stage.heads[0].model == "v/third:free")
        stage.bytes(Events.finish() + Events.usage + Events.done)
        let attempts = stage.ends[0].attempts
        #expect(attempts.map(\.model) == ["v/first:free", "v/second:free", "v/third:free"])
        #expect(attempts.map(\.outcome.name) == ["unavailable", "unavailable", "answered"])
        #expect(attempts.map(\.events) == [0, 1, 4])
        // Not a word of the upstream's own.
        #expect(attempts[0].reason.hasPrefix("status 503") && !attempts[0].reason.contains("busy"))
    }

    @Test func whatWasGivenUpIsAmongTheAttempts() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true))
        stage.begin()
        stage.head()
        stage.now = 3
        stage.clientLeaves()
        #expect(
            stage.ends[0].attempts == [
                AttemptRecord(model: "v/first:free", outcome: .givenUp, duration: .seconds(3))
            ])
    }

    @Test func emptyAnswersAreFailures() throws {
        for events in [Events.done, Events.content("") + Events.finish() + Events.done, Events.usage + Events.done] {
            var stage = try ExchangeStage(.ollamaChat(stream: true))
            stage.begin()
            stage.head()
            stage.bytes(events)
            #expect(stage.actions == ["start v/first:free", "cancel", "failed empty", "start v/second:free"])
        }
    }

    private static func needs(answerTokens: Int) -> RequestNeeds {
        var needs = RequestNeeds()
        needs.answerTokens = answerTokens
        return needs
    }

    /// The client's own limit ended the answer before its first word: the model is not to blame.
    @Test func anAnswerThatTheLimitLeftNoRoomForIsSomeoneElsesToGive() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true), needs: Self.needs(answerTokens: 17))
        stage.begin()
        stage.head()
        stage.bytes(Events.content("") + Events.finish("length") + Events.done)
        #expect(stage.actions == ["start v/first:free", "cancel", "failed empty", "start v/second:free"])
        #expect(stage.reports[0].failure.message == "the limit on tokens left no room for an answer")
        #expect(stage.ledger.cooldown(of: "v/first:free", now: .at(0)) == nil)
    }

    @Test func whoAsksForAWordOrTwoIsContentWithNone() throws {
        let nothing = Events.content("") + Events.finish("length") + Events.usage + Events.done
        var stream = try ExchangeStage(.ollamaChat(stream: true), needs: Self.needs(answerTokens: 16))
        stream.begin()
        stream.head()
        stream.bytes(nothing)
        #expect(stream.actions == ["start v/first:free", "release", "stream", "finish answered"])
        var whole = try ExchangeStage(.ollamaChat(stream: false), needs: Self.needs(answerTokens: 0))
        whole.begin()
        whole.head()
        whole.bytes(nothing)
        #expect(whole.actions == ["start v/first:free", "release", "whole 200", "finish answered"])
        for stage in [stream, whole] {
            let lines = try stage.lines()
            #expect(lines.count == 1)
            #expect(lines.first?["done_reason"] as? String == "length")
            #expect((lines.first?["message"] as? [String: Any])?["content"] as? String == "")
        }
        // A model that stops by itself without a word has still said nothing.
        var silent = try ExchangeStage(.ollamaChat(stream: true), needs: Self.needs(answerTokens: 16))
        silent.begin()
        silent.head()
        silent.bytes(Events.content("") + Events.finish() + Events.done)
        #expect(silent.actions == ["start v/first:free", "cancel", "failed empty", "start v/second:free"])
    }

    /// Each API has its own words for it.
    @Test(arguments: [
        (
            Door.responses(stream: true),
            #"data: {"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]}}"#
        ),
        (
            Door.messages(stream: true),
            #"data: {"type":"message_delta","delta":{"stop_reason":"max_tokens"}}"# + "\n\n"
                + #"data: {"type":"message_stop"}"#
        ),
        (
            Door.openAIChat(stream: true),
            #"data: {"choices":[{"delta":{"content":""},"finish_reason":"length"}]}"# + "\n\ndata: [DONE]"
        ),
    ])
    func theLimitIsKnownInEveryAPI(door: Door, events: String) throws {
        for (answerTokens, end) in [(1, "finish answered"), (100, "start v/second:free")] {
            var stage = try ExchangeStage(door, needs: Self.needs(answerTokens: answerTokens))
            stage.begin()
            stage.head()
            stage.bytes(events + "\n\n")
            #expect(stage.actions.last == end)
            #expect(stage.ledger.cooldown(of: "v/first:free", now: .at(0)) == nil)
        }
    }

    @Test func anEmptyAnswerEndsTheAttemptBesideIt() throws {
        var stage = try ExchangeStage(
            .ollamaChat(stream: true), needs: Self.needs(answerTokens: 1),
            limits: .init(heartbeat: .zero, hedge: .seconds(3), hedgesFree: true))
        stage.begin()
        stage.head()
        stage.wait(until: 3)
        stage.head()
        stage.bytes(Events.finish("length") + Events.done, of: 2)
        #expect(
            stage.actions == [
                "start v/first:free", "start v/second:free", "cancel", "release", "stream", "finish answered",
            ])
        #expect(stage.ends[0].attempts.map(\.outcome.name) == ["given_up", "answered"])
    }

    @Test func aFinishReasonOfErrorIsAFailure() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true))
        stage.begin()
        stage.head()
        stage.bytes(Events.finish("error"))
        #expect(stage.actions == ["start v/first:free", "cancel", "failed broken", "start v/second:free"])
    }

    @Test func aBrokenStreamEndsInAnErrorLineNeverInDone() throws {
        for breaking in [
            { (stage: inout ExchangeStage) in stage.end(.failed("cut")) },
            { stage in stage.end(.complete) },
            { stage in stage.bytes(Events.error(500, "boom")) },
            { stage in stage.bytes("data: {broken\n\n") },
            { stage in stage.wait(until: 121) },
        ] as [(inout ExchangeStage) -> Void] {
            var stage = try ExchangeStage(.ollamaChat(stream: true))
            stage.begin()
            stage.head()
            stage.bytes(Events.content("half"))
            breaking(&stage)
            #expect(stage.actions.last == "finish failed")
            #expect(!stage.actions.contains("start v/second:free"))
            let last = try #require(try stage.lines().last)
            #expect((last["error"] as? String)?.hasPrefix("v/first:free: ") == true)
            #expect(!stage.output.contains("\"done\":true"))
            #expect(stage.ledger.cooldown(of: "v/first:free", now: .at(stage.now)) != nil)
        }
    }

    @Test func aWholeAnswerThatBreaksIsTriedElsewhere() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: false))
        stage.begin()
        stage.head()
        stage.bytes(Events.content("half"))
        stage.end(.complete)
        stage.head()
        stage.bytes(Events.content("whole") + Events.finish() + Events.done)
        #expect(stage.actions.suffix(3) == ["release", "whole 200", "finish answered"])
        #expect(!stage.output.contains("half"))
    }

    @Test func silenceIsMeasuredFromTheStartOfEachAttempt() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true))
        stage.begin()
        stage.head()
        stage.wait(until: 20)
        stage.bytes(Events.comment)
        stage.wait(until: 29)
        #expect(stage.actions == ["start v/first:free"])
        stage.wait(until: 30)
        #expect(stage.actions.suffix(3) == ["cancel", "failed silent", "start v/second:free"])
        stage.wait(until: 59)
        #expect(stage.actions.last == "start v/second:free")
        stage.wait(until: 60)
        #expect(stage.actions.last == "start v/third:free")
    }

    @Test func hiddenThinkingIsASignOfLife() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true), hidesThinking: true)
        stage.begin()
        stage.head()
        for second in stride(from: 20.0, through: 100, by: 20) {
            stage.wait(until: second)
            stage.bytes(Events.thinking("hm"))
        }
        #expect(stage.actions == ["start v/first:free"])
        stage.bytes(Events.content("yes") + Events.finish() + Events.done)
        #expect(!stage.output.contains("hm"))
        #expect(stage.actions.last == "finish answered")
    }

    @Test func silenceThatIsOurOwnDoingProvesNothing() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true))
        stage.begin()
        stage.head()
        stage.bytes(Events.content("x"))
        stage.machine.upstreamPaused(true, now: .at(1))
        stage.wait(until: 10_000)
        #expect(stage.actions.last == "stream")
        stage.machine.upstreamPaused(false, now: .at(10_000))
        stage.wait(until: 10_119)
        #expect(stage.actions.last == "stream")
        stage.wait(until: 10_120)
        #expect(stage.actions.last == "finish failed")
    }

    @Test func theEndDoesNotWaitForUsageForEver() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true))
        stage.begin()
        stage.head()
        stage.bytes(Events.content("x") + Events.finish())
        #expect(stage.actions.last == "stream")
        stage.wait(until: 5)
        #expect(stage.actions.suffix(2) == ["release", "finish answered"])
        #expect(try stage.lines().last?["done"] as? Bool == true)
    }

    @Test func theEndWithoutDoneCountsWhenTheFinishReasonCame() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true))
        stage.begin()
        stage.head()
        stage.bytes(Events.content("x") + Events.finish())
        stage.end(.failed("cut"))
        #expect(stage.actions.suffix(2) == ["stream", "finish answered"])
    }

    @Test func aClientThatLeavesCancelsAtOnce() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true))
        stage.begin()
        stage.clientLeaves()
        stage.clientLeaves()
        stage.wait(until: 1000)
        #expect(stage.actions == ["start v/first:free", "cancel", "finish client_left"])
        #expect(stage.ledger.takeUnsaved().isEmpty)
    }

    @Test func aClientThatLeftBeforeTheStartCostsNothing() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true))
        stage.clientLeaves()
        stage.begin()
        #expect(stage.actions == ["finish client_left"])
    }

    @Test func commentsAreNoSignOfLife() throws {
        for start in [Events.content("x"), Events.content("x") + Events.finish()] {
            var stage = try ExchangeStage(.ollamaChat(stream: true))
            stage.begin()
            stage.head()
            stage.bytes(start)
            for second in 1...120 {
                stage.wait(until: Double(second))
                stage.bytes(Events.comment)
            }
            #expect(stage.actions.last?.hasPrefix("finish") == true)
        }
    }

    @Test func anAnswerWithoutAnEndIsNotGatheredForEver() throws {
        let chunk = Events.content(String(repeating: "x", count: 1 << 20))
        var stage = try ExchangeStage(.ollamaChat(stream: false))
        stage.begin()
        stage.head()
        for _ in 0..<40 where stage.actions.count == 1 { stage.bytes(chunk) }
        #expect(stage.actions == ["start v/first:free", "cancel", "failed malformed", "start v/second:free"])
        var silent = try ExchangeStage(.openAIChat(stream: true))
        silent.begin()
        silent.head()
        let empty = "data: {\"choices\":[],\"padding\":\"" + String(repeating: "x", count: 1 << 20) + "\"}\n\n"
        for _ in 0..<40 where silent.actions.count == 1 { silent.bytes(empty) }
        #expect(silent.actions.last == "start v/second:free")
    }

    @Test func everyLineIsOneLine() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true))
        stage.begin()
        stage.head()
        let arguments = #"{\n \"city\": \"New\\n \\\" York\" }"#
        stage.bytes(
            "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":"
                + "{\"name\":\"f\",\"arguments\":\"\(arguments)\"}}]}}]}\n\n" + Events.done)
        #expect(stage.output.split(separator: "\n").count == 2)
        #expect(stage.output.contains(#""arguments":{"city":"New\n \" York"}"#))
    }

    @Test func shutdownEndsInAnError() throws {
        var waiting = try ExchangeStage(.ollamaChat(stream: true))
        waiting.begin()
        waiting.shutDown()
        #expect(waiting.actions == ["start v/first:free", "cancel", "whole 503", "finish shut_down"])
        var streaming = try ExchangeStage(.openAIChat(stream: true))
        streaming.begin()
        streaming.head()
        streaming.bytes(Events.content("x"))
        streaming.shutDown()
        #expect(streaming.actions.suffix(2) == ["cancel", "finish shut_down"])
        #expect(streaming.output.hasSuffix("\n\n") && streaming.output.contains("shutting down"))
    }

    @Test func aWholeDocumentServesTheOllamaDoorToo() throws {
        let body =
            #"{"choices":[{"message":{"content":"all of it"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1}}"#
        var stage = try ExchangeStage(.ollamaChat(stream: true))
        stage.begin()
        stage.head(200, "application/json")
        stage.bytes("\n         \n" + body, pieces: 3)
        stage.end()
        #expect(stage.actions == ["start v/first:free", "stream", "finish answered"])
        #expect(stage.output.contains("all of it"))
    }

    @Test func theOpenAIDoorForwardsEventsAndOneDone() throws {
        var stage = try ExchangeStage(.openAIChat(stream: true))
        stage.begin()
        stage.head()
        let events = Events.content("") + Events.content("a") + Events.finish() + Events.usage
        stage.bytes(Events.comment + events + Events.comment + Events.done, pieces: 1)
        #expect(stage.output == events + Events.done)
        #expect(stage.actions == ["start v/first:free", "stream", "release", "finish answered"])
    }

    @Test func theOpenAIDoorForwardsABodyWithoutItsBlanks() throws {
        let body = #"{"id":"x", "choices":[{"message":{"content":"hi"}}] ,"extra":1.0}"#
        var stage = try ExchangeStage(.openAIChat(stream: false))
        stage.begin()
        stage.head(200, "application/json")
        stage.bytes("\n         \n")
        stage.wait(until: 29)
        stage.bytes("\n         \n")
        stage.wait(until: 58)
        stage.bytes(body + "\n")
        stage.end()
        #expect(stage.output == body)
        #expect(stage.actions == ["start v/first:free", "whole 200", "finish answered"])
    }

    @Test func blanksDoNotKeepAHungModelForEver() throws {
        var stage = try ExchangeStage(
            .openAIChat(stream: false), limits: .init(firstToken: .seconds(30), idle: .seconds(40), heartbeat: .zero))
        stage.begin()
        stage.head(200, "application/json")
        for second in stride(from: 10.0, through: 190, by: 10) {
            stage.wait(until: second)
            stage.bytes("\n         \n")
        }
        #expect(stage.actions == ["start v/first:free"])
        stage.wait(until: 200)
        #expect(stage.actions.suffix(3) == ["cancel", "failed silent", "start v/second:free"])
    }

    @Test(arguments: ["", "\n         \n", #"{"error":{"code":503,"message":"x"}}"#, "{}", "nonsense"])
    func aBodyThatIsNoAnswerIsTriedElsewhere(body: String) throws {
        var stage = try ExchangeStage(.openAIChat(stream: false))
        stage.begin()
        stage.head(200, "application/json")
        stage.bytes(body)
        stage.end()
        #expect(stage.actions.last == "start v/second:free")
    }
}
