import TestSupport
import Testing

/// What goes wrong is told in the shape of the API that was asked, with the status that its clients act on.
@Suite(.timeLimit(.minutes(10)))
struct ErrorShapes {
    struct Case: CustomTestStringConvertible {
        let failure: String
        let status: Int
        let openAIType: String
        var testDescription: String { failure }
    }

    /// With one model only, its failure is the last word.
    static let cases = [
        Case(failure: "401", status: 401, openAIType: "api_error"),
        Case(failure: "402", status: 402, openAIType: "api_error"),
        Case(failure: "429-day", status: 429, openAIType: "api_error"),
        Case(failure: "429-provider", status: 429, openAIType: "api_error"),
        Case(failure: "400-context", status: 400, openAIType: "invalid_request_error"),
        Case(failure: "404", status: 404, openAIType: "not_found_error"),
        Case(failure: "403", status: 403, openAIType: "api_error"),
        Case(failure: "500", status: 502, openAIType: "api_error"),
        Case(failure: "503", status: 502, openAIType: "api_error"),
        Case(failure: "html-524", status: 502, openAIType: "api_error"),
        Case(failure: "empty", status: 502, openAIType: "api_error"),
    ]

    @Test(arguments: cases, [true, false])
    func ollama(expected: Case, stream: Bool) throws {
        let stage = try Stage(models: [.first])
        try stage.scriptAll(Answer.failure(expected.failure))
        let response = try stage.client.post("/api/chat", json: Stage.chatBody(stream: stream))
        #expect(response.status == expected.status)
        #expect(response.headers["Content-Type"]?.hasPrefix("application/json") == true)
        let body = try response.jsonObject()
        #expect(Set(body.keys) == ["error"])
        #expect((body["error"] as? String)?.isEmpty == false)
    }

    @Test(arguments: cases, [true, false])
    func openAI(expected: Case, stream: Bool) throws {
        let stage = try Stage(models: [.first])
        try stage.scriptAll(Answer.failure(expected.failure))
        let response = try stage.client.post("/v1/chat/completions", json: Stage.chatBody(stream: stream))
        #expect(response.status == expected.status)
        #expect(response.headers["Content-Type"]?.hasPrefix("application/json") == true)
        let error = try #require(try response.jsonObject()["error"] as? JSONObject)
        #expect(Set(error.keys) == ["message", "type", "param", "code"])
        #expect(error["type"] as? String == expected.openAIType)
        #expect((error["message"] as? String)?.isEmpty == false)
    }

    /// A page of HTML means nothing to a person who reads an error message.
    @Test func pagesOfGatewaysAreNotPassedOn() throws {
        let stage = try Stage(models: [.first])
        try stage.scriptAll(Answer.failure("html-502"))
        let error = try #require(try stage.chat().error)
        #expect(!error.contains("<"))
        #expect(error.contains("502"))
    }

    /// The provider's own words tell more than "Provider returned error".
    @Test func theProvidersReasonIsTold() throws {
        let stage = try Stage(models: [.first])
        try stage.scriptAll(Answer.failure("502"))
        #expect(try stage.chat().error?.contains("upstream is ill") == true)
    }

    @Test func anUnknownModelIsNotFoundWhereNothingMayStandIn() throws {
        let stage = try Stage(settings: ["FREE_MODE": "false"])
        let chat = try stage.client.post("/api/chat", json: Stage.chatBody("nonesuch"))
        #expect(chat.status == 404)
        #expect(try chat.jsonObject()["error"] as? String == "model 'nonesuch' not found")
        let show = try stage.client.post("/api/show", json: "{\"model\":\"nonesuch\"}")
        #expect(show.status == 404)
        #expect(try show.jsonObject()["error"] as? String == "model 'nonesuch' not found")
        let openAI = try stage.client.post("/v1/chat/completions", json: Stage.chatBody("nonesuch"))
        #expect(openAI.status == 404)
        let error = try #require(try openAI.jsonObject()["error"] as? JSONObject)
        #expect(error["type"] as? String == "not_found_error")
    }
}
