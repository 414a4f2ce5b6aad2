import TestSupport
import Testing

/// Without a list the server answers what it can, says what is missing, and keeps trying.
@Suite(.timeLimit(.minutes(10)))
struct ModelsListUnavailable {
    struct Cause: CustomTestStringConvertible {
        let testDescription: String
        let body: String
        var status = 200
        /// What the client should read.
        let told: String
    }

    static let causes = [
        Cause(testDescription: "error", body: "{\"error\":{\"message\":\"out of order\"}}", status: 500, told: "500"),
        Cause(testDescription: "page", body: "<html>Bad gateway</html>", status: 502, told: "502"),
        Cause(testDescription: "not JSON", body: "{\"data\":[", told: "list"),
        Cause(testDescription: "no list", body: "{\"models\":[]}", told: "list"),
        Cause(testDescription: "empty", body: "{\"data\":[]}", told: "empty"),
    ]

    @Test(arguments: causes)
    func theReasonIsToldAndTheServerRecovers(cause: Cause) throws {
        let upstream = try FakeOpenRouter()
        try upstream.setModels(cause.body, status: cause.status)
        let proxy = try ProxyProcess(upstream: upstream.baseURL)
        try proxy.waitForLog(event: "models_refresh_failed")
        #expect(try proxy.client.request("GET", "/").text == "Ollama is running")
        #expect(try proxy.client.request("GET", "/api/version").status == 200)
        #expect(try proxy.health().status == "no_models")
        let requests: [(method: String, path: String, body: String?)] = [
            ("GET", "/api/tags", nil), ("POST", "/api/chat", Stage.chatBody()), ("GET", "/v1/models", nil),
            ("POST", "/v1/chat/completions", Stage.chatBody()), ("POST", "/api/show", "{\"model\":\"alpha\"}"),
        ]
        for request in requests {
            let response = try proxy.client.request(
                request.method, request.path, body: request.body.map { Array($0.utf8) })
            #expect(response.status == 503, "\(request.path)")
            #expect(response.headers["Retry-After"] != nil)
            let error = try response.jsonObject()["error"]
            let message = error as? String ?? (error as? JSONObject)?["message"] as? String
            #expect(message?.contains(cause.told) == true, "\(request.path)")
        }

        try upstream.setModels([ListedModel.first].json)
        try proxy.waitForLog(event: "models_ready")
        #expect(try proxy.health().models == 1)
        #expect(try proxy.client.request("GET", "/api/tags").status == 200)
    }

    /// No network at all.
    @Test func nobodyListens() throws {
        let upstream = try FakeOpenRouter()
        upstream.stop()
        let proxy = try ProxyProcess(upstream: upstream.baseURL)
        try proxy.waitForLog(event: "models_refresh_failed")
        let response = try proxy.client.request("GET", "/api/tags")
        #expect(response.status == 503)
        #expect(response.text.contains("\(upstream.port)"))
        #expect(proxy.terminate() == .exited(0))
    }

    /// A failed refresh keeps what there is.
    @Test func theOldListIsKept() throws {
        let folder = try TemporaryFolder()
        let upstream = try FakeOpenRouter()
        do {
            let stage = try Stage(dataFolder: folder.url, upstream: upstream)
            stage.proxy.terminate()
        }
        try upstream.setModels("broken", status: 500)
        let proxy = try ProxyProcess(upstream: upstream.baseURL, dataFolder: folder.url)
        try proxy.waitForLog(event: "models_refresh_failed", containing: "kept=3")
        #expect(try proxy.health().models == 3)
        #expect(try proxy.health().status == "ok")
    }

    /// Everything is free of charge somewhere else: a list without a free model is told as such.
    @Test func aListWithoutFreeModels() throws {
        let stage = try Stage(models: [ListedModel(id: "birch/paid", context: 1000, price: "0.001")])
        #expect(try stage.client.request("GET", "/api/tags").text == "{\"models\":[]}")
        let reply = try stage.chat()
        #expect(reply.status == 503)
        #expect(reply.error?.contains("free") == true)
    }
}
