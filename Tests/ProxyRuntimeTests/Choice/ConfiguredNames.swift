import Foundation
import TestSupport
import Testing

/// `MODEL_ALIASES`: names that the operator gives to models.
@Suite(.timeLimit(.minutes(10)))
struct ConfiguredNames {
    private static let text = "llama3.2=cedar/beta-30b:free,maple/gamma-7b:free,GPT-4o=alpha-70b"

    private func expectAliases(_ value: String) throws {
        let stage = try Stage(settings: ["MODEL_ALIASES": value])
        try stage.scriptAll(Answer.words(["fine"]))
        for name in ["llama3.2", "llama3.2:latest", "LLAMA3.2"] {
            let reply = try stage.chat(name)
            #expect(reply.answeredBy == ListedModel.second.id)
            #expect(reply.last["model"] as? String == name)
        }
        #expect(try stage.openAIChat("gpt-4o").answeredBy == ListedModel.first.id)
        #expect(try stage.show(["model": "llama3.2"]).json["remote_model"] as? String == ListedModel.second.id)
        #expect(Set(try stage.listedNames()).subtracting(ListedModel.three.map(\.id)).count == 2)
        for name in try stage.listedNames() { _ = try stage.show(["model": name]) }
    }

    @Test func namesInTheVariable() throws { try expectAliases(Self.text) }

    @Test func namesInAFile() throws {
        let folder = try TemporaryFolder()
        let lines = """
            # what the apps here call them
            llama3.2 = cedar/beta-30b:free, maple/gamma-7b:free

            GPT-4o=alpha-70b # big
            """
        try expectAliases(try folder.write(lines, to: "names").path)
    }

    /// The models of one name are tried in the order in which they stand there, and before any other.
    @Test func severalModelsAreTriedInOrder() throws {
        let stage = try Stage(settings: ["MODEL_ALIASES": "mine=gamma-7b,beta-30b"])
        try stage.script([
            (.third, [Answer.failure("503")]), (.second, [Answer.failure("503")]), (.first, [Answer.words(["fine"])]),
        ])
        #expect(try stage.chat("mine").content == "fine")
        #expect(try stage.modelsAsked() == [ListedModel.third, .second, .first].map(\.id))
    }

    /// Of several, one that can serve the request.
    @Test func theModelOfANameThatFitsIsTaken() throws {
        let stage = try Stage(
            models: ListedModel.specialists + [.seeing],
            settings: ["MODEL_ALIASES": "eyes=\(ListedModel.talker.id),\(ListedModel.seeing.id)"])
        try stage.scriptAll(Answer.words(["fine"]))
        let picture: JSONObject = ["role": "user", "content": "x", "images": [Requests.picture]]
        #expect(try stage.chat("eyes", ["messages": [picture]]).answeredBy == ListedModel.seeing.id)
        #expect(try stage.chat("eyes").answeredBy == ListedModel.talker.id)
    }

    @Test func theyAreStrictlyKnown() throws {
        let stage = try Stage(settings: ["MODEL_ALIASES": Self.text, "STRICT_MODELS": "true"])
        try stage.scriptAll(Answer.words(["fine"]))
        #expect(try stage.chat("llama3.2").answeredBy == ListedModel.second.id)
        #expect(try stage.chat("llama3.3").status == 404)
    }

    /// What the list does not hold is told, as a name that was mistyped would never be noticed otherwise.
    @Test func aModelThatIsNotThereIsTold() throws {
        let stage = try Stage(settings: ["MODEL_ALIASES": "mine=oak/nobody:free,beta-30b"])
        try stage.scriptAll(Answer.words(["fine"]))
        let line = try stage.proxy.waitForLog(event: "configured_model_missing")
        #expect(line["setting"] == "MODEL_ALIASES")
        #expect(line["model"] == "oak/nobody:free")
        #expect(try stage.chat("mine").answeredBy == ListedModel.second.id)
    }

    @Test(arguments: [
        ("x/y", "MODEL_ALIASES"), ("/nonexistent/names", "/nonexistent/names"), ("mine=", "mine="),
        ("=x/y:free", "=x/y"),
        ("auto=x/y:free", "auto"), ("free=x/y:free", "free"), ("Auto:latest=x/y:free", "best model"),
        ("mine=x/y:free,mine=z/y:free", "second time"),
    ])
    func aWrongValueStopsTheStart(value: String, told: String) throws {
        let proxy = try ProxyProcess(upstream: nil, settings: ["MODEL_ALIASES": value], waitsUntilListening: false)
        #expect(proxy.waitForExit(timeout: 20) == .exited(2))
        let errors = proxy.process.errors.lines.joined(separator: "\n")
        #expect(errors.contains("MODEL_ALIASES"))
        #expect(errors.contains(told))
    }
}
