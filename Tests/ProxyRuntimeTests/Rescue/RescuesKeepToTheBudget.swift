import Foundation
import TestSupport
import Testing

/// A rescue takes free requests like any other attempt, and ends where they end.
@Suite(.timeLimit(.minutes(10)))
struct RescuesKeepToTheBudget {
    private static var broken: JSONObject { Answer.words(["one ", "two ", "lost"], ["cut_after_events": 2]) }

    /// The reply has begun: an error line, and no made-up end.
    @Test(
        arguments: [
            ["FREE_REQUESTS_PER_DAY": "1"], ["FREE_REQUESTS_PER_MINUTE": "1", "QUEUE_SECONDS": "0"],
        ], ["/api/chat", "/v1/chat/completions"])
    func aBrokenAnswerIsNotTakenUp(limits: [String: String], path: String) throws {
        let stage = try Stage(settings: limits.merging(["CONTINUE_STREAMS": "true"]) { $1 })
        try stage.script([(.first, [Self.broken]), (.second, [Answer.words(["three"])])])
        let response = try stage.client.post(path, json: Stage.chatBody(stream: true))
        #expect(response.status == 200)
        #expect(response.ending == .complete)
        #expect(response.lines.last?.contains("\"error\"") == true)
        #expect(!response.text.contains("\"done\":true") && !response.text.contains("[DONE]"))
        #expect(try stage.modelsAsked() == [ListedModel.first.id])
        try stage.waitUntilIdle()
    }

    @Test func theSecondAttemptCounts() throws {
        let stage = try Stage(settings: ["FREE_REQUESTS_PER_DAY": "30", "CONTINUE_STREAMS": "true"])
        try stage.script([(.first, [Self.broken]), (.second, [Answer.words(["three"])])])
        #expect(try stage.chat().content == "one two three")
        #expect(try stage.chat().response.headers["X-Proxy-Budget-Remaining"] == "27")
    }

    /// A second model is asked only where free requests abound.
    @Test(arguments: [("4", 1), ("40", 2)])
    func aSilentModelIsJoinedOnlyIfThereIsEnough(day: String, requests: Int) throws {
        let stage = try Stage(settings: [
            "FREE_REQUESTS_PER_DAY": day, "HEDGE_AFTER_SECONDS": "1", "HEDGE_IN_FREE_MODE": "true",
        ])
        try stage.script([
            (.first, [Answer.words(["late"], ["first_delay_ms": 2500])]), (.second, [Answer.words(["soon"])]),
        ])
        #expect(try stage.chat().isDone)
        #expect(try stage.upstream.chatRequests().count == requests)
    }

    /// Who has named a paid model for such cases need not do without an answer, whether the limit is met here or there.
    @Test(arguments: ["counted here", "refused there"])
    func aPaidFallbackAnswersWhenTheDayIsUsedUp(by: String) throws {
        let paid = ListedModel(id: "oak/paid", context: 1000, price: "0.001")
        let isCounted = by == "counted here"
        let stage = try Stage(
            models: [.first, paid],
            settings: [
                "FREE_MODE": "false", "FALLBACK_MODELS": "oak/paid", "FREE_REQUESTS_PER_DAY": isCounted ? "1" : "",
            ])
        let refusal = Answer.failure("429-day")
        try stage.script([(.first, [isCounted ? Answer.words(["free"]) : refusal]), (paid, [Answer.words(["paid"])])])
        if isCounted { #expect(try stage.chat().content == "free") }
        for _ in 0..<2 { #expect(try stage.chat().content == "paid") }
    }
}
