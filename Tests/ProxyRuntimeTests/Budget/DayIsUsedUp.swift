import Foundation
import TestSupport
import Testing

/// The account's free requests of the day: counted here, and refused here when there are none left.
@Suite(.timeLimit(.minutes(10)))
struct DayIsUsedUp {
    private let folder: TemporaryFolder
    private let upstream: FakeOpenRouter

    init() throws {
        folder = try TemporaryFolder()
        upstream = try FakeOpenRouter()
    }

    private func stage(_ settings: [String: String]) throws -> Stage {
        let stage = try Stage(settings: settings, dataFolder: folder.url, upstream: upstream)
        try stage.scriptAll(Answer.words(["fine"]))
        return stage
    }

    private func attemptsKept(awaiting count: Int, in stage: Stage) throws -> Int? {
        let rows = try FakeDatabase.rows(
            at: folder.file("failures.db"), sql: "SELECT sum(attempts) FROM budget_days", awaiting: [["\(count)"]],
            in: stage.proxy)
        return rows.first?.first.flatMap { Int($0) }
    }

    @Test(arguments: ["/api/chat", "/api/generate", "/v1/chat/completions"], [true, false])
    func theNextRequestIsRefusedAtOnce(path: String, stream: Bool) throws {
        let stage = try stage(["FREE_REQUESTS_PER_DAY": "2"])
        var body = try JSON.object(Stage.chatBody(stream: stream))
        body["prompt"] = "Hello"
        for left in ["1", "0"] {
            let response = try stage.client.post(path, json: JSON.text(body))
            #expect(response.status == 200)
            #expect(response.headers["X-Proxy-Budget-Remaining"] == left)
        }
        let response = try stage.client.post(path, json: JSON.text(body))
        #expect(response.status == 429)
        #expect(response.headers["Content-Type"]?.hasPrefix("application/json") == true)
        #expect((1...86_400).contains(response.retryAfter ?? 0))
        #expect(response.headers["X-Proxy-Budget-Remaining"] == "0")
        let text = try #require(response.errorText)
        #expect(text.contains("today's quota") && text.contains("2 made here, 2 allowed"))
        // The reset: the next day's beginning, and how far away it is.
        #expect(text.contains("T00:00:00Z, in "))
        #expect(try stage.upstream.chatRequests().count == 2)
        // The shape of each API's errors.
        let error = try response.jsonObject()["error"]
        #expect(path.hasPrefix("/v1") ? error is JSONObject : error is String)
    }

    /// Each model that is asked takes a request, and so does each that fails.
    @Test func everyAttemptCounts() throws {
        let stage = try stage(["FREE_REQUESTS_PER_DAY": "30"])
        try stage.script([(.first, [Answer.failure("503")]), (.second, [Answer.words(["fine"])])])
        #expect(try stage.chat().response.headers["X-Proxy-Budget-Remaining"] == "28")
        #expect(try stage.openAIChat().response.headers["X-Proxy-Budget-Remaining"] == "27")
        #expect(try attemptsKept(awaiting: 3, in: stage) == 3)
    }

    @Test(arguments: [true, false])
    func theCountSurvivesARestart(isKilled: Bool) throws {
        do {
            let stage = try stage(["FREE_REQUESTS_PER_DAY": "2"])
            for _ in 0..<2 { #expect(try stage.chat().isDone) }
            if isKilled {
                // Only what was written in time can be there.
                #expect(try attemptsKept(awaiting: 2, in: stage) == 2)
                stage.proxy.kill()
            } else {
                #expect(stage.proxy.terminate() == .exited(0))
            }
        }
        let stage = try stage(["FREE_REQUESTS_PER_DAY": "2"])
        #expect(try stage.chat().status == 429)
        #expect(try stage.upstream.chatRequests().isEmpty)
    }

    @Test func yesterdaysRequestsAreForgotten() throws {
        do {
            let stage = try stage(["FREE_REQUESTS_PER_DAY": "1"])
            #expect(try stage.chat().isDone)
            #expect(stage.proxy.terminate() == .exited(0))
        }
        try FakeDatabase.create(at: folder.file("failures.db"), sql: "UPDATE budget_days SET day = day - 1")
        #expect(try stage(["FREE_REQUESTS_PER_DAY": "1"]).chat().isDone)
    }

    /// 0 holds nothing back, and promises nothing.
    @Test func noLimit() throws {
        let stage = try stage(Stage.unlimited)
        for _ in 0..<60 {
            let reply = try stage.chat()
            #expect(reply.isDone)
            #expect(reply.response.headers["X-Proxy-Budget-Remaining"] == nil)
        }
    }

    /// A request that never left this machine took nothing.
    @Test func anUnreachableUpstreamCostsNothing() throws {
        let stage = try stage(["FREE_REQUESTS_PER_DAY": "2"])
        upstream.stop()
        for _ in 0..<3 {
            let reply = try stage.chat()
            #expect(reply.status == 502)
            #expect(reply.response.headers["X-Proxy-Budget-Remaining"] == "2")
        }
    }

    /// Paid models are not the free tier's business.
    @Test func paidModelsAreNotCounted() throws {
        let paid = ListedModel(id: "oak/paid", context: 1000, price: "0.001")
        let stage = try Stage(
            models: [.first, paid], settings: ["FREE_MODE": "false", "FREE_REQUESTS_PER_DAY": "1"])
        try stage.scriptAll(Answer.words(["fine"]))
        #expect(try stage.chat().isDone)
        #expect(try stage.chat().status == 429)
        for _ in 0..<3 {
            let reply = try stage.chat(paid.id)
            #expect(reply.isDone)
            #expect(reply.response.headers["X-Proxy-Budget-Remaining"] == nil)
        }
    }

    /// What is left of the day is not spent on one request.
    @Test(arguments: [("5", 1), ("12", 2), ("100", 5)])
    func withLittleLeftThereAreFewerFallbacks(day: String, attempts: Int) throws {
        let models = (1...6).map { ListedModel(id: "birch/model-\($0):free", context: 100_000 - $0) }
        let stage = try Stage(models: models, settings: ["FREE_REQUESTS_PER_DAY": day])
        try stage.scriptAll(Answer.failure("503"))
        let reply = try stage.chat("any")
        #expect(reply.status == 502)
        #expect(try stage.modelsAsked().count == attempts)
        #expect(reply.response.headers["X-Proxy-Attempts"] == "\(attempts)")
        // Otherwise one would look for the reason among the models.
        #expect(reply.error?.contains("free requests left today") == (attempts < 5))
    }

    /// The upstream knows better: its refusal holds until the time it names, and no longer.
    @Test func aRefusalHoldsUntilItsReset() throws {
        let stage = try stage([:])
        try stage.scriptAll(Answer.failure("429-day", ["reset_in_ms": 2000]), Answer.words(["fine"]))
        var reply = try stage.chat()
        #expect(reply.status == 429)
        #expect((1...3).contains(reply.response.retryAfter ?? 0))
        #expect(reply.response.headers["X-Proxy-Budget-Remaining"] == "0")
        let deadline = Date(timeIntervalSinceNow: 10)
        while reply.status == 429, Date() < deadline {
            #expect(try stage.upstream.chatRequests().count == 1)
            reply = try stage.chat()
        }
        #expect(reply.content == "fine")
        #expect(try stage.upstream.chatRequests().count == 2)
    }
}
