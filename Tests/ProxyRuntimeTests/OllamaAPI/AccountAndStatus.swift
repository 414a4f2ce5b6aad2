import TestSupport
import Testing

/// What newer clients ask of Ollama's cloud. There is no account here, and none is pretended to.
@Suite(.timeLimit(.minutes(10)))
struct AccountAndStatus {
    @Test func theStatusTellsOfTheCloud() throws {
        let stage = try Stage()
        let status = try stage.client.request("GET", "/api/status")
        #expect(status.status == 200)
        let cloud = try #require(try status.jsonObject()["cloud"] as? JSONObject)
        #expect(cloud["disabled"] is Bool)
        #expect(cloud["source"] is String)
    }

    @Test(arguments: ["/api/me", "/api/signout"])
    func nobodyIsSignedIn(path: String) throws {
        let stage = try Stage()
        let reply = try stage.client.request("POST", path)
        #expect(reply.status == 401)
        #expect(try reply.jsonObject()["error"] as? String == "unauthorized")
        // An address to sign in at would be opened.
        #expect(try reply.jsonObject()["signin_url"] == nil)
    }

    /// Those that call tools come first: what asks for recommendations is an editor.
    @Test func recommendationsAreOfTheList() throws {
        let guardian = ListedModel(id: "pine/watch-content-safety:free", context: 900_000)
        let stage = try Stage(models: [guardian, .plain] + ListedModel.three)
        let reply = try stage.client.request("GET", "/api/experimental/model-recommendations")
        #expect(reply.status == 200)
        let rows = try #require(try reply.jsonObject()["recommendations"] as? [JSONObject])
        #expect(rows.map { $0["model"] as? String } == ListedModel.three.map(\.id) + [ListedModel.plain.id])
        for row in rows {
            #expect((row["description"] as? String)?.isEmpty == false)
            #expect((row["context_length"] as? Int ?? 0) > 0)
            #expect(row["max_output_tokens"] is Int)
        }
    }
}
