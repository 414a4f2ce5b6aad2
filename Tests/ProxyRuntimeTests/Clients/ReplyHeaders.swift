import TestSupport
import Testing

/// Every reply of a chat says which model answered, after how many attempts, and how many free requests are left.
@Suite(.timeLimit(.minutes(10)))
struct ReplyHeaders {
    static let paths = ["/api/chat", "/api/generate", "/v1/chat/completions"]

    private func send(_ stage: Stage, _ path: String, stream: Bool) throws -> HTTPResponse {
        var body = try JSON.object(Stage.chatBody(stream: stream))
        body["prompt"] = "Hello"
        return try stage.client.post(path, json: JSON.text(body))
    }

    @Test(arguments: paths, [true, false])
    func answers(path: String, stream: Bool) throws {
        let stage = try Stage(settings: ["FREE_REQUESTS_PER_DAY": "40"])
        try stage.script([(.first, [Answer.failure("503")]), (.second, [Answer.words(["fine"])])])
        let headers = try send(stage, path, stream: stream).headers
        #expect(headers["X-Proxy-Model"] == ListedModel.second.id)
        #expect(headers["X-Proxy-Attempts"] == "2")
        #expect(headers["X-Proxy-Budget-Remaining"] == "38")
    }

    /// An error was made by no model.
    @Test(arguments: paths, [true, false])
    func errors(path: String, stream: Bool) throws {
        let stage = try Stage(settings: ["FREE_REQUESTS_PER_DAY": "40"])
        try stage.scriptAll(Answer.failure("503"))
        let response = try send(stage, path, stream: stream)
        #expect(response.status == 502)
        #expect(response.headers["X-Proxy-Model"] == nil)
        #expect(response.headers["X-Proxy-Attempts"] == "3")
        #expect(response.headers["X-Proxy-Budget-Remaining"] == "37")
    }
}
