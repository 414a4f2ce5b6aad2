import TestSupport
import Testing

/// `/api/pull`: there is nothing to download, which clients are told in the way they know.
@Suite(.timeLimit(.minutes(10)))
struct Pull {
    @Test(arguments: ["model", "name"])
    func aStreamEndsInSuccess(key: String) throws {
        let stage = try Stage()
        let reply = try stage.send([key: ListedModel.first.id, "insecure": false], to: "/api/pull")
        #expect(reply.status == 200)
        #expect(reply.response.headers["Content-Type"] == "application/x-ndjson")
        #expect(reply.response.body.last == 0x0A)
        #expect(!reply.response.text.contains("\n\n"))
        let statuses = reply.lines.map { $0["status"] as? String ?? "" }
        #expect(statuses.first == "pulling manifest")
        #expect(statuses.last == "success")
        #expect(statuses.filter { $0 == "success" }.count == 1)
        // Progress is shown as a part of a whole, which must not be nothing.
        let progress = try #require(reply.lines.first { $0["total"] != nil })
        #expect((progress["total"] as? Int ?? 0) > 0)
        #expect(progress["completed"] as? Int == progress["total"] as? Int)
        let digest = try #require(progress["digest"] as? String)
        let listed = try stage.tags().first { $0["name"] as? String == ListedModel.first.id }
        #expect(digest == "sha256:\(listed?["digest"] as? String ?? "")")
    }

    @Test func notAsAStreamItIsOneObject() throws {
        let stage = try Stage()
        let reply = try stage.send(["model": ListedModel.first.id, "stream": false], to: "/api/pull")
        #expect(reply.status == 200)
        #expect(reply.response.headers["Content-Type"] == "application/json; charset=utf-8")
        #expect(reply.response.text == "{\"status\":\"success\"}")
    }

    @Test(arguments: ["alpha-70b", "ALPHA-70B:latest", "birch/alpha-70b"])
    func anyNameOfAModelWillDo(name: String) throws {
        let stage = try Stage()
        #expect(try stage.send(["model": name], to: "/api/pull").last["status"] as? String == "success")
    }

    @Test func anUnknownModelIsOllamasErrorInAStream() throws {
        let stage = try Stage()
        let reply = try stage.send(["model": "nobody-has-this"], to: "/api/pull")
        #expect(reply.status == 200)
        #expect(reply.lines.first?["status"] as? String == "pulling manifest")
        #expect(reply.error == "pull model manifest: file does not exist")
        #expect(reply.response.body.last == 0x0A)
        #expect(!reply.response.text.contains("success"))
    }

    @Test func andAStatusWithoutOne() throws {
        let stage = try Stage()
        let reply = try stage.send(["model": "nobody-has-this", "stream": false], to: "/api/pull")
        #expect(reply.status == 500)
        #expect(reply.error == "pull model manifest: file does not exist")
    }

    @Test func theModelForEmbeddingsIsThereToo() throws {
        let stage = try Stage(settings: ["EMBEDDING_MODEL": "oak/vectors:free"])
        let reply = try stage.send(["model": "oak/vectors:free", "stream": false], to: "/api/pull")
        #expect(reply.last["status"] as? String == "success")
    }
}
