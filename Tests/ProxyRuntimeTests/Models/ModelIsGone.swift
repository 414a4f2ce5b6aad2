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
}
