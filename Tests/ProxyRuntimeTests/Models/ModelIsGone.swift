import Foundation
import TestSupport
import Testing

/// A listed model that turns out to be gone: the next one answers, and the list is fetched at once.
@Suite(.timeLimit(.minutes(10)))
struct ModelIsGone {
    @Test(arguments: [
        (404, "No endpoints found for birch/alpha-70b:free."),
        (404, "This model is unavailable for free. The paid version is available now - use this slug instead: x/y"),
        (400, "birch/alpha-70b:free is not a valid model ID"),
    ])
    func theNextModelAnswersAndTheListIsFetched(status: Int, message: String) throws {
        let stage = try Stage()
        try stage.script([
            (.first, [Answer.status(status, body: ["error": ["code": status, "message": message]])]),
            (.second, [Answer.words(["from the second"])]),
        ])
        try stage.upstream.setModels([ListedModel.second, .third].json)
        let logged = stage.proxy.logCount
        #expect(try stage.chat().content == "from the second")
        try stage.proxy.waitForLog(event: "models_ready", containing: "source=upstream", from: logged, timeout: 5)
        let tags = try stage.client.request("GET", "/api/tags").text
        #expect(!tags.contains("birch/alpha"))
    }

    /// That no endpoint supports what this request asks for says nothing about the model.
    @Test func aRequestThatNoEndpointSupportsIsNoReasonToFetch() throws {
        let stage = try Stage()
        let message = "No endpoints found that support tool use. To learn more, visit: https://openrouter.ai/docs"
        try stage.script([
            (
                .first,
                [Answer.status(404, body: ["error": ["code": 404, "message": message]]), Answer.words(["first"])]
            ),
            (.second, [Answer.words(["second"])]),
        ])
        #expect(try stage.chat().content == "second")
        // Nor to leave the model alone.
        #expect(try stage.chat().content == "first")
        #expect(try stage.upstream.requests().allSatisfy { $0.path.hasSuffix("/chat/completions") })
    }

    /// What is gone stays so, also after a restart, until the list says something new.
    @Test(arguments: [true, false])
    func itIsAskedAgainOnceTheListHasChanged(hasChanged: Bool) throws {
        let folder = try TemporaryFolder()
        let upstream = try FakeOpenRouter()
        do {
            let stage = try Stage(dataFolder: folder.url, upstream: upstream)
            try stage.script([(.first, [Answer.failure("404")]), (.second, [Answer.words(["second"])])])
            let logged = stage.proxy.logCount
            #expect(try stage.chat().content == "second")
            // The list that is fetched at once is the same as before.
            try stage.proxy.waitForLog(event: "models_ready", containing: "source=upstream", from: logged)
            #expect(try stage.chat().content == "second")
            #expect(try stage.modelsAsked().filter { $0 == ListedModel.first.id }.count == 1)
            #expect(stage.proxy.terminate() == .exited(0))
        }
        let new = ListedModel(id: "oak/new-3b:free", context: 9000)
        let stage = try Stage(
            models: ListedModel.three + (hasChanged ? [new] : []), dataFolder: folder.url, upstream: upstream)
        try stage.scriptAll(Answer.words(["fine"]))
        #expect(try stage.proxy.health()["in_cooldown"] == (hasChanged ? 0 : 1))
        #expect(try stage.chat().answeredBy == (hasChanged ? ListedModel.first.id : ListedModel.second.id))
    }

    /// What this account, region or kind of app is not offered is not asked for again and again.
    @Test(arguments: [
        "The model is not available in your region.", "This model is only available on agentic harnesses.",
    ])
    func whatIsNotOfferedHereIsLeftAlone(message: String) throws {
        let stage = try Stage(settings: ["FAILURE_COOLDOWN_MINUTES": "0"])
        try stage.script([
            (.first, [Answer.status(403, body: ["error": ["code": 403, "message": message]])]),
            (.second, [Answer.words(["second"])]),
        ])
        for _ in 0..<2 { #expect(try stage.chat().content == "second") }
        #expect(try stage.modelsAsked() == [ListedModel.first, .second].map(\.id))
        try stage.proxy.waitForLog(event: "attempt_failed", containing: "kind=not_offered")
    }
}
