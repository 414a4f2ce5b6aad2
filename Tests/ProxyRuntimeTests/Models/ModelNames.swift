import TestSupport
import Testing

/// The names under which a model may be asked for.
@Suite(.timeLimit(.minutes(10)))
struct ModelNames {
    @Test(arguments: [
        "cedar/beta-30b:free", "cedar/beta-30b:free:latest", "CEDAR/Beta-30B:FREE", "beta-30b:free", "beta-30b",
        "Beta-30B:latest", "cedar/beta-30b", "cedar/beta-30b:latest",
    ])
    func allMeanTheSameModel(name: String) throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["fine"]))
        let reply = try stage.chat(name)
        #expect(reply.answeredBy == ListedModel.second.id)
        // The client's own name comes back to it.
        #expect(reply.lines.allSatisfy { $0["model"] as? String == name })
        #expect(try stage.onlyRequest().json["model"] as? String == ListedModel.second.id)
        #expect(try stage.client.post("/api/show", json: JSON.text(["model": name])).status == 200)
    }

    /// Apps with a hard-wired name need an answer all the same.
    @Test(arguments: ["llama3", "gpt-4o", "llama3:latest", "a/b/c"])
    func anUnknownNameIsAnsweredByTheBestModel(name: String) throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["fine"]))
        #expect(try stage.chat(name).answeredBy == ListedModel.first.id)
        let openAI = try stage.client.post("/v1/chat/completions", json: Stage.chatBody(name))
        #expect(openAI.headers["X-Proxy-Model"] == ListedModel.first.id)
    }

    /// A bare name that two vendors use means neither.
    @Test func anAmbiguousNameIsUnknown() throws {
        let twins = [ListedModel(id: "cedar/twin:free", context: 5), ListedModel(id: "maple/twin:free", context: 4)]
        let stage = try Stage(models: [.first] + twins, settings: ["FREE_MODE": "false"])
        #expect(try stage.chat("twin:free").status == 404)
        #expect(try stage.chat("maple/twin:free").answeredBy == "maple/twin:free")
    }

    @Test func shortNamesAreListedWhereTheyAreUnique() throws {
        let twins = [ListedModel(id: "cedar/twin:free", context: 5), ListedModel(id: "maple/twin:free", context: 4)]
        let stage = try Stage(models: [.first] + twins, settings: ["MODEL_NAMES": "short"])
        let names = try stage.listedNames()
        #expect(names == ["alpha-70b:free", "cedar/twin:free", "maple/twin:free"])
        // Every listed name can be asked for.
        for name in names {
            #expect(try stage.client.post("/api/show", json: JSON.text(["model": name])).status == 200)
        }
    }

    /// Nobody asked to pay for another model.
    @Test func paidModelsHaveNoFallback() throws {
        let stage = try Stage(settings: ["FREE_MODE": "false"])
        try stage.scriptAll(Answer.failure("503"))
        #expect(try stage.chat(ListedModel.second.id).status == 502)
        #expect(try stage.modelsAsked() == [ListedModel.second.id])
    }

    /// A guard's verdict is no answer, so it never stands in; asked by name it may speak.
    @Test func guardsDoNotStandIn() throws {
        let sentry = ListedModel(id: "oak/sentry-content-safety:free", context: 900_000)
        let stage = try Stage(models: [sentry, .first])
        try stage.scriptAll(Answer.words(["fine"]))
        #expect(try stage.chat("unknown").answeredBy == ListedModel.first.id)
        #expect(try stage.chat(sentry.id).answeredBy == sentry.id)
    }
}
