import TestSupport
import Testing

/// A wrong API key is wrong for every model: the first refusal is the last word, and says what to do.
@Suite(.timeLimit(.minutes(10)))
struct WrongKey {
    @Test(arguments: ["/api/chat", "/v1/chat/completions"])
    func stopsAtOnce(path: String) throws {
        let stage = try Stage(settings: ["OPENROUTER_API_KEY": "bad-key"])
        let response = try stage.client.post(path, json: Stage.chatBody())
        #expect(response.status == 401)
        #expect(response.text.contains("OPENROUTER_API_KEY"))
        #expect(!response.text.contains("bad-key"))
        #expect(try stage.modelsAsked() == [ListedModel.first.id])
        #expect(try stage.proxy.health()["in_cooldown"] == 0)
    }

    /// The provider's own troubles with its keys are none of ours.
    @Test func aProvidersRefusalLeadsToTheNextModel() throws {
        let stage = try Stage()
        let body: JSONObject = [
            "error": [
                "code": 401, "message": "Provider returned error",
                "metadata": ["provider_name": "Fake", "raw": "{\"error\":\"invalid api key\"}"],
            ]
        ]
        try stage.script([(.first, [Answer.status(401, body: body)]), (.second, [Answer.words(["fine"])])])
        #expect(try stage.chat().content == "fine")
    }

    @Test func theKeyIsSentAsABearerToken() throws {
        let stage = try Stage(settings: ["OPENROUTER_API_KEY": "sk-or-v1-abc"])
        _ = try stage.chat()
        #expect(try stage.onlyRequest().headers["authorization"] == "Bearer sk-or-v1-abc")
    }

    /// Whatever key a client has been given, it is not for the upstream.
    @Test func theClientsOwnTokenIsNotForwarded() throws {
        let stage = try Stage()
        for path in ["/api/chat", "/v1/chat/completions"] {
            _ = try stage.client.post(
                path, json: Stage.chatBody(), headers: [("Authorization", "Bearer dummy"), ("Cookie", "a=b")])
        }
        for request in try stage.upstream.chatRequests() {
            #expect(request.headers["authorization"] == "Bearer test-key")
            #expect(request.headers["cookie"] == nil)
        }
    }
}
