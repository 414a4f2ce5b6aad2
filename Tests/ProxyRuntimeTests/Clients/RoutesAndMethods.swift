import TestSupport
import Testing

/// Every route with every method, as Ollama's clients probe them.
@Suite(.timeLimit(.minutes(10)))
struct RoutesAndMethods {
    private static let readable = ["/", "/api/version", "/api/tags", "/v1/models", "/health"]
    private static let postable = ["/api/show", "/api/chat", "/v1/chat/completions"]

    @Test func theRootSaysThatOllamaIsRunning() throws {
        let stage = try Stage()
        let response = try stage.client.request("GET", "/")
        #expect(response.status == 200)
        #expect(response.text == "Ollama is running")
        #expect(response.headers["Content-Type"]?.hasPrefix("text/plain") == true)
    }

    /// Clients compare it number by number, and want at least 0.17.6.
    @Test func theVersionIsPlainNumbers() throws {
        let stage = try Stage()
        let response = try stage.client.request("GET", "/api/version")
        #expect(response.status == 200)
        let version = try #require(try response.jsonObject()["version"] as? String)
        let numbers = version.split(separator: ".").compactMap { Int($0) }
        #expect(numbers.count == 3)
        #expect(version.split(separator: ".").count == 3)
        #expect(!numbers.lexicographicallyPrecedes([0, 17, 6]))
    }

    @Test(arguments: ["/", "/api/version", "/api/tags"])
    func headIsGetWithoutTheBody(path: String) throws {
        let stage = try Stage()
        let get = try stage.client.request("GET", path)
        let head = try stage.client.request("HEAD", path)
        #expect(head.status == 200)
        #expect(head.body.isEmpty)
        #expect(head.headers["Content-Length"] == String(get.body.count))
        #expect(head.headers["Content-Type"] == get.headers["Content-Type"])
    }

    @Test(arguments: readable, ["POST", "PUT", "DELETE", "PATCH"])
    func wrongMethodsOfReadableRoutes(path: String, method: String) throws {
        try expectWrongMethod(method, path, allowed: "GET")
    }

    @Test(arguments: postable, ["GET", "HEAD", "PUT", "DELETE"])
    func wrongMethodsOfPostableRoutes(path: String, method: String) throws {
        try expectWrongMethod(method, path, allowed: "POST")
    }

    private func expectWrongMethod(_ method: String, _ path: String, allowed: String) throws {
        let stage = try Stage()
        let response = try stage.client.request(method, path)
        #expect(response.status == 405)
        let allow = try #require(response.headers["Allow"]).split(separator: ", ").map(String.init)
        #expect(allow.contains(allowed))
        #expect(!allow.contains(method))
        if method != "HEAD" { try expectError(response, path) }
    }

    @Test(arguments: ["/nothing", "/api", "/api/nothing", "/API/chat", "/v1/nothing", "/v1/chat", "/api/chat/x"])
    func unknownPaths(path: String) throws {
        let stage = try Stage()
        for method in ["GET", "POST", "DELETE"] {
            let response = try stage.client.request(method, path)
            #expect(response.status == 404)
            try expectError(response, path)
        }
    }

    private func expectError(_ response: HTTPResponse, _ path: String) throws {
        #expect(response.headers["Content-Type"]?.hasPrefix("application/json") == true)
        let error = try response.jsonObject()["error"]
        if path.hasPrefix("/v1/") {
            let object = try #require(error as? JSONObject)
            #expect(Set(object.keys) == ["message", "type", "param", "code"])
            #expect((object["message"] as? String)?.isEmpty == false)
            #expect(object["type"] is String)
        } else {
            #expect((error as? String)?.isEmpty == false)
        }
    }

    @Test func queriesDoNotMatter() throws {
        let stage = try Stage()
        #expect(try stage.client.request("GET", "/api/tags?verbose=1&x=%20").status == 200)
        #expect(try stage.client.request("GET", "/?x").text == "Ollama is running")
    }

    @Test func healthTellsOfModelsAndCounters() throws {
        let stage = try Stage()
        let health = try stage.proxy.health()
        #expect(health.status == "ok")
        #expect(health.models == 3)
        #expect(health.exchanges == 0)
        #expect(health.transfers == 0)
    }
}
