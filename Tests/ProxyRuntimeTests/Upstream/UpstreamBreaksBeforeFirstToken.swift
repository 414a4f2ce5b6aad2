import Foundation
import TestSupport
import Testing

/// Before the first word every failure that another model may not share leads to the next model, unseen by the client.
@Suite(.timeLimit(.minutes(10)))
struct UpstreamBreaksBeforeFirstToken {
    static let failures = [
        "429-provider", "403", "404", "500", "502", "503", "html-502", "html-524", "error-in-200",
        "comments-only", "empty", "whitespace-only", "garbage", "close-without-reply", "reset",
    ]

    @Test(arguments: failures, [true, false])
    func theNextModelAnswers(failure: String, stream: Bool) throws {
        let stage = try Stage()
        try stage.script([(.first, [Answer.failure(failure)]), (.second, [Answer.words(["from ", "the second"])])])
        let reply = try stage.chat(stream: stream)
        #expect(reply.status == 200)
        #expect(reply.content == "from the second")
        #expect(reply.isDone)
        #expect(reply.answeredBy == ListedModel.second.id)
        #expect(reply.lines.allSatisfy { $0["error"] == nil })
        #expect(try stage.modelsAsked() == [ListedModel.first.id, ListedModel.second.id])
        let attempt = try stage.proxy.waitForLog(event: "attempt_failed")
        #expect(attempt["model"] == ListedModel.first.id)
        let request = try stage.proxy.waitForLog(event: "request")
        #expect(request["attempts"] == "2")
        try stage.waitUntilIdle()
    }

    @Test(arguments: failures, [true, false])
    func theNextModelAnswersOpenAIClients(failure: String, stream: Bool) throws {
        let stage = try Stage()
        try stage.script([(.first, [Answer.failure(failure)]), (.second, [Answer.words(["from the second"])])])
        let response = try stage.client.post("/v1/chat/completions", json: Stage.chatBody(stream: stream))
        #expect(response.status == 200)
        #expect(response.text.contains("from the second"))
        #expect(!response.text.contains("\"error\""))
        #expect(response.headers["X-Proxy-Model"] == ListedModel.second.id)
    }

    /// The stream breaks after its head and before any word.
    @Test(arguments: ["cut_after_events", "reset_after_events", "error_after_events"])
    func breaksBehindTheHead(kind: String) throws {
        let stage = try Stage()
        try stage.script([
            (.first, [Answer.words(["never"], [kind: 0, "comments_before": 2])]),
            (.second, [Answer.words(["from the second"])]),
        ])
        #expect(try stage.chat().content == "from the second")
    }

    /// A first event with a role and no content is no word yet.
    @Test func anEmptyDeltaDoesNotCommit() throws {
        let stage = try Stage()
        try stage.script([
            (.first, [Answer.words(["", "", "x"], ["cut_after_events": 2])]),
            (.second, [Answer.words(["from the second"])]),
        ])
        #expect(try stage.chat().content == "from the second")
    }

    /// "stop" without a word before it is no answer.
    @Test(arguments: [true, false])
    func anAnswerWithoutAWordIsNone(stream: Bool) throws {
        let stage = try Stage()
        try stage.script([(.first, [Answer.words([])]), (.second, [Answer.words(["from the second"])])])
        #expect(try stage.chat(stream: stream).content == "from the second")
        try stage.proxy.waitForLog(event: "attempt_failed", containing: "kind=empty")
    }

    @Test func eachModelIsTriedOnceInOrder() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.failure("503"))
        let reply = try stage.chat(ListedModel.second.id)
        #expect(reply.status == 502)
        #expect(try stage.modelsAsked() == [ListedModel.second.id, ListedModel.first.id, ListedModel.third.id])
        let error = try #require(reply.error)
        #expect(error.hasPrefix("3 attempts failed: 1. \(ListedModel.second.id): "))
        #expect(error.contains("; 2. \(ListedModel.first.id): ") && error.contains("; 3. \(ListedModel.third.id): "))
    }

    /// Where no other model can serve the request, the same one is asked once more if its failure may pass.
    @Test(arguments: [("503", 2), ("empty", 2), ("error-in-200", 2), ("404", 1), ("429-provider", 1), ("403", 1)])
    func theOnlyModelIsAskedOnceMore(failure: String, attempts: Int) throws {
        let stage = try Stage(models: [.first])
        try stage.scriptAll(Answer.failure(failure), Answer.words(["fine"]))
        let reply = try stage.chat()
        #expect(reply.content == (attempts == 2 ? "fine" : ""))
        #expect(reply.response.headers["X-Proxy-Attempts"] == "\(attempts)")
    }

    @Test(arguments: [nil, 1, 2, 6])
    func attemptsAreLimited(limit: Int?) throws {
        let models = (1...8).map { ListedModel(id: "birch/model-\($0):free", context: 100_000 - $0) }
        let stage = try Stage(models: models, settings: limit.map { ["MAX_ATTEMPTS": "\($0)"] } ?? [:])
        try stage.scriptAll(Answer.failure("503"))
        #expect(try stage.chat(models[0].id).status == 502)
        #expect(try stage.modelsAsked() == models.prefix(limit ?? 5).map(\.id))
    }

    /// What is wrong with the request itself is wrong for all models.
    @Test func aRequestThatNoModelTakesStopsAtOnce() throws {
        let stage = try Stage()
        try stage.scriptAll(
            Answer.status(400, body: ["error": ["code": 400, "message": "messages: at least one message is required"]]))
        let reply = try stage.chat()
        #expect(reply.status == 400)
        #expect(reply.error?.contains("at least one message") == true)
        #expect(try stage.modelsAsked() == [ListedModel.first.id])
        #expect(try stage.proxy.health()["in_cooldown"] == 0)
    }

    /// A redirect would take the key to another host.
    @Test func redirectsAreNotFollowed() throws {
        let other = try FakeOpenRouter()
        let stage = try Stage(models: [.first])
        try stage.scriptAll(
            Answer.status(307, body: "", headers: ["Location": other.baseURL + "/chat/completions"]))
        #expect(try stage.chat().status == 502)
        #expect(try other.requests().isEmpty)
    }

    /// Nobody listens at the upstream's address, whichever model is asked: it is tried once more, and no longer.
    @Test func anUnreachableUpstreamIsTold() throws {
        let stage = try Stage()
        stage.upstream.stop()
        let reply = try stage.chat()
        #expect(reply.status == 502)
        #expect(reply.error?.contains("reached") == true)
        #expect(reply.response.headers["X-Proxy-Attempts"] == "2")
        // No model is to blame for it.
        #expect(try stage.proxy.health()["in_cooldown"] == 0)
        try stage.waitUntilIdle()
    }
}
