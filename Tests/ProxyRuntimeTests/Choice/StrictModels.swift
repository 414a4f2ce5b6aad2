import TestSupport
import Testing

/// `STRICT_MODELS`: what Ollama would refuse is refused, in its words, and nothing is sent.
@Suite(.timeLimit(.minutes(10)))
struct StrictModels {
    private func stage() throws -> Stage {
        try Stage(models: ListedModel.specialists, settings: ["STRICT_MODELS": "true"])
    }

    @Test(arguments: RequestsFindWhoCanServeThem.cases)
    func aModelThatCannotIsRefused(item: RequestsFindWhoCanServeThem.Case) throws {
        let stage = try stage()
        let response = try stage.client.post(item.path, json: Stage.chatBody("talker-70b", stream: false, item.changes))
        // A format is a wish that no model of Ollama's refuses.
        if item.answeredBy.id == ListedModel.former.id {
            #expect(response.headers["X-Proxy-Model"] == ListedModel.former.id)
            return
        }
        #expect(response.status == 400)
        #expect(response.errorText?.hasPrefix("\"talker-70b\" does not support ") == true)
        #expect(try stage.upstream.chatRequests().isEmpty)
    }

    @Test func theWordsAreOllamas() throws {
        let stage = try stage()
        #expect(
            try stage.chat("talker-70b", ["tools": [Requests.tool]]).error == "\"talker-70b\" does not support tools")
        #expect(try stage.chat("talker-70b", ["think": true]).error == "\"talker-70b\" does not support thinking")
    }

    @Test(arguments: ["llama3.2", "llama3.2:latest", "vendor/unheard-of:free"])
    func anUnknownNameIsNotFound(name: String) throws {
        let stage = try stage()
        let chat = try stage.chat(name)
        #expect(chat.status == 404)
        #expect(chat.error == "model '\(name)' not found")
        let openAI = try stage.openAIChat(name)
        #expect(openAI.status == 404)
        #expect(openAI.error?.contains(name) == true)
        #expect(try stage.client.post("/api/generate", json: JSON.text(["model": name, "prompt": "x"])).status == 404)
        #expect(try stage.upstream.chatRequests().isEmpty)
    }

    /// They are names that everyone may use.
    @Test(arguments: ["auto", "free"])
    func theNamesForTheBestAreKnown(name: String) throws {
        let stage = try stage()
        try stage.scriptAll(Answer.words(["fine"]))
        #expect(try stage.chat(name, ["tools": [Requests.tool]]).answeredBy == ListedModel.caller.id)
    }

    /// Strict is what is asked of a model, not what happens when it fails.
    @Test func aModelThatFailsIsStoodInFor() throws {
        let stage = try stage()
        try stage.script([(.talker, [Answer.failure("503")]), (.caller, [Answer.words(["fine"])])])
        #expect(try stage.chat(ListedModel.talker.id).answeredBy == ListedModel.caller.id)
    }
}
