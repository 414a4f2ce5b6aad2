import Foundation
import TestSupport
import Testing

/// A wall clock that is put forwards or backwards: days are counted by it, nothing else is.
@Suite(.timeLimit(.minutes(10)), .enabled(if: FakeClock.isAvailable, Comment(rawValue: FakeClock.unavailable)))
struct ClockJumps {
    private let clock: FakeClock
    private let folder: TemporaryFolder
    private let upstream: FakeOpenRouter

    init() throws {
        clock = try FakeClock()
        folder = try TemporaryFolder()
        upstream = try FakeOpenRouter()
    }

    private func stage(_ settings: [String: String] = [:]) throws -> Stage {
        let settings = settings.merging(clock.settings) { $1 }
        return try Stage(settings: settings, dataFolder: folder.url, upstream: upstream)
    }

    private static func remaining(_ reply: ChatReply) -> String? { reply.response.headers["X-Proxy-Budget-Remaining"] }

    /// Tomorrow has a budget of its own, today's is what it was on coming back, and a refusal names the end of its day.
    @Test(arguments: [-1, 1])
    func eachDayHasItsBudget(direction: Int) throws {
        let stage = try stage(["FREE_REQUESTS_PER_DAY": "2"])
        try stage.scriptAll(Answer.words(["fine"]))
        for left in ["1", "0"] { #expect(Self.remaining(try stage.chat()) == left) }
        let refused = try stage.chat()
        #expect(refused.status == 429)
        #expect((1...FakeClock.day).contains(refused.response.retryAfter ?? 0))
        try clock.jump(to: direction * FakeClock.day, seenBy: stage.proxy)
        #expect(Self.remaining(try stage.chat()) == "1")
        try clock.jump(to: 0, seenBy: stage.proxy)
        let again = try stage.chat()
        #expect(again.status == 429)
        #expect((1...FakeClock.day).contains(again.response.retryAfter ?? 0))
        try stage.proxy.expectRest()
    }

    /// Deadlines, queues and streams know only the clock that does not jump.
    @Test(arguments: [-FakeClock.day, -FakeClock.hour, FakeClock.hour, FakeClock.day])
    func aStreamGoesOn(offset: Int) throws {
        let stage = try stage(["FIRST_TOKEN_TIMEOUT_SECONDS": "60", "TOTAL_TIMEOUT_SECONDS": "600"])
        let words = (0..<20).map { "\($0) " }
        try stage.scriptAll(Answer.words(words, ["delay_ms": 50]))
        let stream = try stage.openChat()
        let first = try JSON.object(#require(try stream.readLine()))
        try clock.jump(to: offset)
        var lines = [first]
        while let line = try stream.readLine() { lines.append(try JSON.object(line)) }
        let last = try #require(lines.last)
        #expect(last["done"] as? Bool == true)
        let texts = lines.compactMap { ($0["message"] as? JSONObject)?["content"] as? String }
        #expect(texts.joined() == words.joined())
        // It took as long as it took, whatever the clock on the wall said.
        let duration = try #require(last["total_duration"] as? Int)
        #expect((0..<60_000_000_000).contains(duration))
        let dates = lines.compactMap { ($0["created_at"] as? String)?.prefix(13) }
        #expect(dates.count == lines.count)
        #expect(dates.first != dates.last)
        #expect(try stage.chat().isDone)
    }

    /// A failure noted by a clock that was ahead does not have its model rest until then.
    @Test func aClockPutBackEndsRests() throws {
        try clock.jump(to: FakeClock.day)
        let stage = try stage()
        try stage.script([(.first, [Answer.failure("503")]), (.second, [Answer.words(["fine"])])])
        #expect(try stage.chat().content == "fine")
        #expect(try stage.proxy.health()["in_cooldown"] == 1)
        try clock.jump(to: 0, seenBy: stage.proxy)
        #expect(try stage.proxy.health()["in_cooldown"] == 0)
        try stage.scriptAll(Answer.words(["recovered"]))
        let reply = try stage.chat()
        #expect(reply.answeredBy == ListedModel.first.id)
    }

    @Test func aClockPutForwardEndsRests() throws {
        let stage = try stage()
        try stage.script([(.first, [Answer.failure("503")]), (.second, [Answer.words(["fine"])])])
        #expect(try stage.chat().content == "fine")
        try clock.jump(to: FakeClock.hour, seenBy: stage.proxy)
        #expect(try stage.proxy.health()["in_cooldown"] == 0)
    }

    /// The clock is wrong at the start, as on machines that have none of their own, and put right later.
    @Test func whatIsRememberedOutlivesAStartWithAWrongClock() throws {
        do {
            let stage = try stage()
            try stage.script([(.first, [Answer.failure("503")]), (.second, [Answer.words(["fine"])])])
            #expect(try stage.chat().content == "fine")
            #expect(stage.proxy.terminate() == .exited(0))
        }
        try clock.jump(to: -FakeClock.day)
        let stage = try stage()
        #expect(try stage.proxy.health()["in_cooldown"] == 0)
        try clock.jump(to: 0, seenBy: stage.proxy)
        #expect(try stage.proxy.health()["in_cooldown"] == 1)
        #expect(try stage.chat().answeredBy == ListedModel.second.id)
        // Two requests before the restart, one after it.
        let free = try stage.client.request("GET", "/api/version")
        #expect(free.status == 200)
        #expect(stage.proxy.terminate() == .exited(0))
        let sql = "SELECT attempts FROM budget_days ORDER BY day DESC LIMIT 1"
        #expect(try FakeDatabase.rows(at: folder.file("failures.db"), sql: sql) == [["3"]])
    }
}
