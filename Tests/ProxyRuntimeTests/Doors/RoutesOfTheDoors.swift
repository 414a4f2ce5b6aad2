import Foundation
import TestSupport
import Testing

/// Paths, methods and broken bodies of OpenAI's and Anthropic's APIs, each refused in its API's own shape.
@Suite(.timeLimit(.minutes(10)))
struct RoutesOfTheDoors {
    private static let postable = [
        "/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses", "/v1/messages",
        "/v1/messages/count_tokens",
    ]

    private func door(of path: String) -> ForwardingDoor { path.hasPrefix("/v1/messages") ? .messages : .chat }

    @Test(arguments: postable, ["GET", "PUT", "DELETE", "PATCH"])
    func wrongMethods(path: String, method: String) throws {
        let stage = try Stage()
        let response = try stage.client.request(method, path)
        #expect(response.status == 405)
        #expect(response.headers["Allow"] == "POST")
        #expect(door(of: path).isError(try response.jsonObject()), "\(response.text)")
    }

    /// To HEAD there is a status, and no body.
    @Test(arguments: postable)
    func headOfWhatIsPosted(path: String) throws {
        let stage = try Stage()
        let response = try stage.client.request("HEAD", path)
        #expect(response.status == 405)
        #expect(response.body.isEmpty)
        #expect(response.headers["Allow"] == "POST")
    }

    @Test(arguments: [
        "/v1/messages/nothing", "/v1/messages/batches", "/v1/messages/count_tokens/x", "/v1/responses/resp_1",
        "/v1/nothing",
        "/v1/completions/x",
    ])
    func unknownPaths(path: String) throws {
        let stage = try Stage()
        for method in ["GET", "POST"] {
            let response = try stage.client.request(method, path, body: method == "POST" ? [0x7B, 0x7D] : nil)
            #expect(response.status == 404)
            let body = try response.jsonObject()
            #expect(door(of: path).isError(body), "\(response.text)")
            #expect((body["error"] as? JSONObject)?["type"] as? String == "not_found_error")
        }
    }

    @Test(arguments: postable, ["", "{", "[]", "null", "{\"model\":7}", "{\"model\":\"\"}", "{\"messages\":[]}"])
    func brokenBodies(path: String, body: String) throws {
        let stage = try Stage(settings: ["EMBEDDING_MODEL": "birch/vectors:free"])
        let response = try stage.client.post(path, json: body)
        #expect(response.status == 400)
        let error = try response.jsonObject()
        #expect(door(of: path).isError(error), "\(response.text)")
        #expect((error["error"] as? JSONObject)?["type"] as? String == "invalid_request_error")
        #expect(try stage.upstream.requests().isEmpty)
    }

    @Test(arguments: postable)
    func aPromptIsNeeded(path: String) throws {
        let stage = try Stage(settings: ["EMBEDDING_MODEL": "birch/vectors:free"])
        let response = try stage.client.post(path, json: "{\"model\":\"\(ListedModel.first.id)\"}")
        #expect(response.status == 400)
        let named = ["messages", "prompt", "input"].contains { response.errorText?.contains($0) == true }
        #expect(named, "\(response.text)")
    }

    // MARK: Models by their names

    @Test(arguments: [
        "birch/alpha-70b:free", "birch%2Falpha-70b:free", "birch%2Falpha-70b%3Afree", "birch%2falpha-70b:free",
        "alpha-70b:free", "alpha-70b", "birch/alpha-70b:free/",
    ])
    func aModelByItsName(name: String) throws {
        let stage = try Stage()
        let body = try stage.client.request("GET", "/v1/models/\(name)").jsonObject()
        #expect(body["id"] as? String == ListedModel.first.id)
        #expect(body["object"] as? String == "model")
        #expect(body["created"] as? Int == 1_780_000_000)
        #expect(body["owned_by"] as? String == "birch")
        #expect(try stage.client.request("HEAD", "/v1/models/\(name)").status == 200)
    }

    @Test(arguments: ["vendor/unheard-of", "birch", "birch/", "birch/alpha-70b:free/more", "%2F"])
    func anUnknownModelIsNotFound(name: String) throws {
        let stage = try Stage()
        let response = try stage.client.request("GET", "/v1/models/\(name)")
        #expect(response.status == 404)
        #expect(ForwardingDoor.chat.isError(try response.jsonObject()), "\(response.text)")
        let head = try stage.client.request("HEAD", "/v1/models/\(name)")
        #expect(head.status == 404)
        #expect(head.body.isEmpty)
    }

    @Test(arguments: ["POST", "DELETE"])
    func modelsAreOnlyRead(method: String) throws {
        let stage = try Stage()
        let response = try stage.client.request(method, "/v1/models/birch/alpha-70b:free")
        #expect(response.status == 405)
        #expect(response.headers["Allow"] == "GET, HEAD")
        #expect(ForwardingDoor.chat.isError(try response.jsonObject()))
    }

    /// A filter hides a model from this list as from all others.
    @Test func aFilteredModelIsNotFound() throws {
        let folder = try TemporaryFolder()
        let filter = try folder.write("beta\n", to: "filter")
        let stage = try Stage(settings: ["MODEL_FILTER_PATH": filter.path])
        #expect(try stage.client.request("GET", "/v1/models/birch/alpha-70b:free").status == 404)
        #expect(try stage.client.request("GET", "/v1/models/cedar/beta-30b:free").status == 200)
    }
}
