import Foundation
import TestSupport
import Testing

/// `/api/copy` gives a model a name of one's own, and `/api/delete` takes it back.
@Suite(.timeLimit(.minutes(10)))
struct CopyAndDelete {
    private func copy(_ stage: Stage, _ source: String, to destination: String) throws -> HTTPResponse {
        try stage.client.post(
            "/api/copy", json: JSON.text(["source": source, "destination": destination]))
    }

    private func delete(_ stage: Stage, _ name: String, key: String = "model") throws -> HTTPResponse {
        try stage.client.request("DELETE", "/api/delete", body: JSON.text([key: name]))
    }

    private func openAINames(_ stage: Stage) throws -> [String] {
        try stage.client.listedIdentifiers()
    }

    @Test func anAliasIsAModelLikeAnyOther() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["Hello"]))
        let reply = try copy(stage, "beta-30b", to: "gpt-4o-mini")
        #expect(reply.status == 200)
        #expect(reply.body.isEmpty)
        #expect(try stage.listedNames() == ListedModel.three.map(\.id) + ["gpt-4o-mini:latest"])
        #expect(try openAINames(stage).contains("gpt-4o-mini:latest"))
        for name in ["gpt-4o-mini", "gpt-4o-mini:latest", "GPT-4o-Mini"] {
            let chat = try stage.chat(name)
            #expect(chat.answeredBy == ListedModel.second.id)
            #expect(chat.last["model"] as? String == name)
            let description = try stage.show(["model": name])
            #expect(description.json["remote_model"] as? String == ListedModel.second.id)
            #expect(description.contextLength == ListedModel.second.context)
            // The name that Copilot shows for it.
            #expect(description.info["general.basename"] as? String == "gpt-4o-mini:latest")
        }
        let completion = try stage.client.post("/v1/chat/completions", json: Stage.chatBody("gpt-4o-mini"))
        #expect(completion.status == 200)
        #expect(Set(try stage.upstream.chatRequests().map(\.model)) == [ListedModel.second.id])
    }

    /// An alias of an alias is one of the model.
    @Test func aliasesCanBeCopiedAndReplaced() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["Hello"]))
        #expect(try copy(stage, ListedModel.first.id, to: "mine:1").status == 200)
        #expect(try copy(stage, "mine:1", to: "mine:2").status == 200)
        #expect(try copy(stage, ListedModel.third.id, to: "mine:1").status == 200)
        #expect(try stage.chat("mine:1").answeredBy == ListedModel.third.id)
        #expect(try stage.chat("mine:2").answeredBy == ListedModel.first.id)
        #expect(try stage.listedNames().filter { $0.hasPrefix("mine") } == ["mine:1", "mine:2"])
    }

    @Test func aliasesSurviveARestart() throws {
        let folder = try TemporaryFolder()
        let first = try Stage(dataFolder: folder.url)
        try first.scriptAll(Answer.words(["Hello"]))
        #expect(try copy(first, ListedModel.second.id, to: "mine").status == 200)
        #expect(try copy(first, ListedModel.second.id, to: "other").status == 200)
        #expect(try delete(first, "other").status == 200)
        // Not even given the time to write.
        first.proxy.kill()
        #expect(first.proxy.waitForExit(timeout: 10) != nil)
        let second = try Stage(dataFolder: folder.url, upstream: first.upstream)
        #expect(try second.listedNames().suffix(1) == ["mine:latest"])
        #expect(try second.chat("mine").answeredBy == ListedModel.second.id)
    }

    @Test(arguments: ["model", "name"])
    func deletingAnAliasLeavesTheModel(key: String) throws {
        let stage = try Stage()
        #expect(try copy(stage, ListedModel.second.id, to: "mine").status == 200)
        let reply = try delete(stage, "mine", key: key)
        #expect(reply.status == 200)
        #expect(reply.body.isEmpty)
        #expect(try stage.listedNames() == ListedModel.three.map(\.id))
        #expect(try stage.send(["model": "mine"], to: "/api/show").status == 404)
        #expect(try delete(stage, "mine").status == 404)
    }

    @Test func aHostedModelCannotBeDeleted() throws {
        let stage = try Stage(settings: ["EMBEDDING_MODEL": "oak/vectors:free"])
        for name in [ListedModel.first.id, "alpha-70b", "oak/vectors:free"] {
            let reply = try delete(stage, name)
            #expect(reply.status == 400)
            let error = try #require(try reply.jsonObject()["error"] as? String)
            // And what to do instead.
            #expect(error.contains("cannot be deleted") && error.contains("filter"))
        }
        #expect(try stage.listedNames().count == 4)
    }

    @Test func whatDoesNotExistCanBeNeitherCopiedNorDeleted() throws {
        let stage = try Stage()
        for reply in [try copy(stage, "nobody", to: "mine"), try delete(stage, "nobody")] {
            #expect(reply.status == 404)
            #expect(try reply.jsonObject()["error"] as? String == "model 'nobody' not found")
        }
        #expect(try stage.listedNames().count == 3)
    }

    /// A request for a model by its own name gets it, and no other.
    @Test(arguments: [ListedModel.first.id, "BIRCH/Alpha-70B:free", ListedModel.first.id + ":latest"])
    func theNameOfAModelIsTaken(destination: String) throws {
        let stage = try Stage()
        let reply = try copy(stage, ListedModel.second.id, to: destination)
        #expect(reply.status == 400)
        #expect(try (reply.jsonObject()["error"] as? String)?.contains(destination) == true)
        #expect(try stage.listedNames() == ListedModel.three.map(\.id))
    }

    @Test(arguments: ["two words", "line\nbreak", "grün", String(repeating: "x", count: 201), "\u{7F}"])
    func aNameMustBeOne(destination: String) throws {
        let stage = try Stage()
        let reply = try copy(stage, ListedModel.second.id, to: destination)
        #expect(reply.status == 400)
        #expect(try (reply.jsonObject()["error"] as? String)?.contains("destination") == true)
        #expect(try stage.listedNames().count == 3)
    }

    @Test func aDamagedFileCostsOnlyWhatIsDamaged() throws {
        let folder = try TemporaryFolder()
        let first = try Stage(dataFolder: folder.url)
        let before = Set(try FileManager.default.contentsOfDirectory(atPath: folder.url.path))
        #expect(try copy(first, ListedModel.second.id, to: "mine").status == 200)
        let after = Set(try FileManager.default.contentsOfDirectory(atPath: folder.url.path))
        let file = folder.file(try #require(after.subtracting(before).first))
        first.proxy.kill()
        #expect(first.proxy.waitForExit(timeout: 10) != nil)
        let text = try String(contentsOf: file, encoding: .utf8)
        try Data(("{\"name\":\"half\n\u{0}\n" + text + "{\"name\":5,\"model\":6}\n").utf8).write(to: file)
        let second = try Stage(dataFolder: folder.url, upstream: first.upstream)
        #expect(try second.listedNames() == ListedModel.three.map(\.id) + ["mine:latest"])
    }
}
