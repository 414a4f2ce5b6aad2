import Foundation
import TestSupport
import Testing

/// With PROXY_API_KEYS set, a client without a key gets nothing.
@Suite(.timeLimit(.minutes(10)))
struct ClientKeys {
    private static let key = "kitchen-key-1"

    private func stage() throws -> Stage {
        try Stage(settings: ["PROXY_API_KEYS": "\(Self.key),cellar-key-2"])
    }

    @Test func everyRouteAsksForOne() throws {
        let stage = try stage()
        for (method, path) in [
            ("GET", "/api/tags"), ("GET", "/api/version"), ("POST", "/api/chat"), ("GET", "/v1/models"),
            ("POST", "/v1/messages"), ("GET", "/health"), ("DELETE", "/api/proxy/failures"), ("GET", "/nowhere"),
            ("PUT", "/api/tags"),
        ] {
            let response = try stage.client.request(method, path, body: method == "POST" ? "{}" : "")
            #expect(response.status == 401, "\(method) \(path)")
            #expect(response.headers["www-authenticate"] == "Bearer")
            #expect(response.text.contains("PROXY_API_KEYS"))
        }
        #expect(try stage.client.request("GET", "/").text == "Ollama is running")
        #expect(try stage.upstream.chatRequests().isEmpty)
    }

    @Test func eachPlaceForAKeyWill() throws {
        let stage = try stage()
        try stage.scriptAll(Answer.words(["fine"]))
        let body = Stage.chatBody(stream: false)
        for headers in [[("Authorization", "Bearer \(Self.key)")], [("x-api-key", "cellar-key-2")]] {
            #expect(try stage.client.post("/api/chat", json: body, headers: headers).status == 200)
        }
        #expect(try stage.client.post("/key/\(Self.key)/api/chat", json: body).status == 200)
        #expect(try stage.client.request("GET", "/key/\(Self.key)/v1/models").status == 200)
        #expect(try stage.client.post("/key/wrong-key-1/api/chat", json: body).status == 401)
        // The upstream is shown our key and never a client's.
        for request in try stage.upstream.chatRequests() {
            #expect(request.headers["authorization"] == "Bearer test-key")
            #expect(request.headers["x-api-key"] == nil)
        }
        stage.proxy.terminate()
        #expect(!stage.proxy.process.errors.lines.contains { $0.contains(Self.key) || $0.contains("cellar-key-2") })
    }

    /// A browser asks before it may send a key.
    @Test func preflightsPass() throws {
        let stage = try stage()
        let response = try stage.client.request(
            "OPTIONS", "/api/chat",
            headers: [("Origin", "http://localhost:3000"), ("Access-Control-Request-Method", "POST")])
        #expect(response.status == 204)
    }

    /// A body of somebody unknown is not kept.
    @Test func aLargeBodyWithoutAKeyIsAnsweredAtItsEnd() throws {
        let stage = try stage()
        let response = try stage.client.request(
            "POST", "/api/chat", body: [UInt8](repeating: 0x20, count: 8 << 20))
        #expect(response.status == 401)
    }

    @Test func openToTheNetworkWithoutKeysIsSaid() throws {
        let upstream = try FakeOpenRouter()
        let open = try ProxyProcess(upstream: upstream.baseURL, settings: ["OLLAMA_HOST": "0.0.0.0"])
        try open.waitForLog(event: "open_to_the_network")
        let asked = try ProxyProcess(
            upstream: upstream.baseURL, settings: ["OLLAMA_HOST": "0.0.0.0", "PROXY_API_KEYS": Self.key])
        try asked.waitForLog(event: "models_ready")
        #expect(!asked.logLines.contains { $0.event == "open_to_the_network" })
    }
}
