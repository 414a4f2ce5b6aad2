import TestSupport
import Testing

/// `auto` and `free` are listed behind the models, and mean whichever model is the best for the request.
@Suite(.timeLimit(.minutes(10)))
struct NamesForTheBest {
    private static let spellings = ["auto", "auto:latest", "free", "free:latest", "FREE", "Auto"]

    @Test func theyAreListedWithAllThatTheModelsCanDo() throws {
        let stage = try Stage(models: [.first, .seeing, .plain])
        let rows = try stage.tags().suffix(2)
        #expect(rows.map { $0["name"] as? String } == HTTPClient.bestNames)
        for row in rows {
            #expect(Set(row["capabilities"] as? [String] ?? []) == ["completion", "tools", "thinking", "vision"])
            #expect((row["details"] as? JSONObject)?["context_length"] as? Int == ListedModel.first.context)
        }
    }

    /// What no model can do, the best cannot.
    @Test func theyPromiseNothingThatNoModelCanDo() throws {
        let stage = try Stage(models: [.plain])
        #expect(try stage.show(["model": "auto"]).capabilities == ["completion"])
    }

    @Test(arguments: spellings)
    func theyCanBeShownAndAsked(name: String) throws {
        let stage = try Stage(models: [.first, .seeing])
        try stage.scriptAll(Answer.words(["fine"]))
        #expect(try stage.show(["model": name]).contextLength == ListedModel.first.context)
        let reply = try stage.chat(name)
        #expect(reply.answeredBy == ListedModel.first.id)
        #expect(reply.last["model"] as? String == name)
        #expect(try stage.openAIChat(name).answeredBy == ListedModel.first.id)
        let picture: JSONObject = ["role": "user", "content": "What is it?", "images": [Requests.picture]]
        #expect(try stage.chat(name, ["messages": [picture]]).answeredBy == ListedModel.seeing.id)
    }

    /// They are no models that fail: the next best is asked.
    @Test(arguments: ["auto", "free"])
    func theNextBestAnswersWhenTheBestFails(name: String) throws {
        let stage = try Stage()
        try stage.script([(.first, [Answer.failure("503")]), (.second, [Answer.words(["fine"])])])
        #expect(try stage.chat(name).answeredBy == ListedModel.second.id)
    }

    /// Where paid models may be used, `auto` means those that are named for it, and `free` still costs nothing.
    @Test func freeNeverMeansAPaidModel() throws {
        let paid = ListedModel(id: "oak/paid", context: 900_000, price: "0.001")
        let stage = try Stage(
            models: [.first, paid], settings: ["FREE_MODE": "false", "FALLBACK_MODELS": paid.id])
        try stage.scriptAll(Answer.words(["fine"]))
        #expect(try stage.chat("auto").answeredBy == paid.id)
        #expect(try stage.chat("free").answeredBy == ListedModel.first.id)
    }

    @Test(arguments: ["auto", "free:latest"])
    func theyCannotBeGivenToOneModel(name: String) throws {
        let stage = try Stage()
        let copy = try stage.client.post(
            "/api/copy", json: JSON.text(["source": ListedModel.second.id, "destination": name]))
        #expect(copy.status == 400)
        #expect(copy.errorText?.contains(name) == true)
    }
}
