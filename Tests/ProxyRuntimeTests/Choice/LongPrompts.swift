import Foundation
import TestSupport
import Testing

/// A prompt goes where it fits. One that fits nowhere is refused once, not by one model after the other.
@Suite(.timeLimit(.minutes(10)))
struct LongPrompts {
    private static let small = ListedModel(id: "birch/small-7b:free", context: 8192)
    private static let large = ListedModel(id: "cedar/large-7b:free", context: 100_000)
    /// About ten thousand tokens.
    private static let long = String(repeating: "word ", count: 8000)

    @Test(arguments: ["/api/chat", "/api/generate", "/v1/chat/completions"])
    func aModelWithALargerContextAnswers(path: String) throws {
        let stage = try Stage(models: [Self.small, Self.large])
        try stage.scriptAll(Answer.words(["fine"]))
        var body = try JSON.object(Stage.chatBody(Self.small.id, text: Self.long))
        body["prompt"] = Self.long
        let response = try stage.client.post(path, json: JSON.text(body))
        #expect(response.headers["X-Proxy-Model"] == Self.large.id)
        #expect(try stage.modelsAsked() == [Self.large.id])
        #expect(try stage.proxy.waitForLog(event: "model_substituted")["reason"]?.contains("8192") == true)
    }

    @Test func aShortPromptStaysWhereItWasSent() throws {
        let stage = try Stage(models: [Self.small, Self.large])
        try stage.scriptAll(Answer.words(["fine"]))
        #expect(try stage.chat(Self.small.id).answeredBy == Self.small.id)
    }

    /// The answer has to fit in as well, where the client insists on its length.
    @Test func theAnswerNeedsRoomToo() throws {
        let stage = try Stage(models: [Self.small, Self.large])
        try stage.scriptAll(Answer.words(["fine"]))
        #expect(try stage.openAIChat(Self.small.id, ["max_tokens": 8192]).answeredBy == Self.large.id)
    }

    /// Our own count is an estimate, so the upstream has the last word: of the largest model, and once.
    @Test(arguments: ["/api/chat", "/v1/chat/completions"])
    func whatIsTooLongForAllIsAskedOnce(path: String) throws {
        let stage = try Stage(models: [Self.small, Self.large])
        try stage.scriptAll(Answer.failure("400-context"))
        let text = String(repeating: Self.long, count: 11)
        let response = try stage.client.post(path, json: Stage.chatBody(Self.small.id, text: text))
        #expect(response.status == 400)
        #expect(response.errorText?.contains("maximum context length") == true)
        #expect(try stage.upstream.chatRequests().map(\.model) == [Self.large.id])
        // It says nothing about the model.
        #expect(try stage.proxy.health()["in_cooldown"] == 0)
    }

    /// Refused by one model, it is sent to those that hold more, and to no other.
    @Test func onlyLargerModelsAreTriedAfterARefusal() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.failure("400-context"))
        let reply = try stage.chat(ListedModel.second.id)
        #expect(reply.status == 400)
        #expect(try stage.upstream.chatRequests().map(\.model) == [ListedModel.second.id, ListedModel.first.id])
        try stage.proxy.waitForLog(event: "attempt_failed", containing: "kind=too_long")
        #expect(try stage.proxy.health()["in_cooldown"] == 0)
    }

    @Test func aLargerModelAnswersAfterARefusal() throws {
        let stage = try Stage()
        try stage.script([(.third, [Answer.failure("400-context")]), (.first, [Answer.words(["fine"])])])
        #expect(try stage.chat(ListedModel.third.id).answeredBy == ListedModel.first.id)
    }
}
