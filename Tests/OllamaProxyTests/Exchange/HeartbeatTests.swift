import OllamaProxy
import Testing

/// Clients that wait long are shown that their request is alive.
struct HeartbeatTests {
    @Test func aWaitingStreamGetsEmptyLinesAndStillFallsBack() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true), limits: .init(heartbeat: .seconds(15)))
        stage.begin()
        stage.head()
        stage.wait(until: 14)
        #expect(stage.actions == ["start v/first:free"])
        stage.wait(until: 15)
        #expect(stage.actions == ["start v/first:free", "stream"])
        #expect(stage.heads[0].model == nil)
        stage.wait(until: 29)
        stage.wait(until: 30)
        stage.wait(until: 30)
        #expect(stage.actions.suffix(2) == ["failed silent", "start v/second:free"])
        stage.head()
        stage.bytes(Events.content("hi") + Events.finish() + Events.done)
        #expect(stage.actions.count { $0 == "stream" } == 1)
        let lines = try stage.lines()
        #expect(lines.map { ($0["message"] as? [String: Any])?["content"] as? String } == ["", "", "hi", ""])
        #expect(lines.map { $0["done"] as? Bool } == [false, false, false, true])
        #expect(lines[3]["remote_model"] as? String == "v/second:free")
    }

    @Test func afterOneAnErrorIsALine() throws {
        var stage = try ExchangeStage(
            .ollamaGenerate(stream: true), limits: .init(attempts: 1, heartbeat: .seconds(15)))
        stage.begin()
        stage.wait(until: 15)
        stage.end(.failed("refused"))
        #expect(stage.actions == ["start v/first:free", "stream", "failed network", "finish failed"])
        let lines = try stage.lines()
        #expect(lines[0]["response"] as? String == "")
        #expect((lines[1]["error"] as? String)?.contains("refused") == true)
    }

    @Test func whatAFailedAttemptHasSaidIsNotShown() throws {
        var stage = try ExchangeStage(.openAIChat(stream: true), limits: .init(heartbeat: .seconds(15)))
        stage.begin()
        stage.head()
        stage.bytes(Events.content(""))
        stage.wait(until: 15)
        stage.bytes(Events.error(502, "no"))
        stage.head()
        stage.bytes(Events.content("yes"))
        #expect(stage.output == ": waiting\n\n" + Events.content("yes"))
    }

    @Test func anAnswerThatRunsNeedsNone() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true), limits: .init(heartbeat: .seconds(15)))
        stage.begin()
        stage.head()
        stage.bytes(Events.content("a"))
        stage.wait(until: 60)
        #expect(try stage.lines().count == 1)
    }

    @Test func aReplyInOnePieceGetsNone() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: false), limits: .init(heartbeat: .seconds(15)))
        stage.begin()
        stage.wait(until: 29)
        #expect(stage.actions == ["start v/first:free"])
    }
}
