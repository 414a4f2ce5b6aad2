import TestSupport
import Testing

/// Which web pages may use the server, as their browsers ask.
@Suite(.timeLimit(.minutes(10)))
struct Origins {
    private func get(_ stage: Stage, _ origin: String, _ path: String = "/api/tags") throws -> HTTPResponse {
        try stage.client.request("GET", path, headers: [("Origin", origin)])
    }

    @Test(arguments: [
        "http://localhost", "http://localhost:3000", "https://localhost:8443", "http://127.0.0.1:5173",
        "https://0.0.0.0", "app://obsidian.md", "tauri://localhost", "file://", "vscode-webview://1a2b",
        "chrome-extension://jfgfiigpkhlkbnfnbobbkinehhfdhndo", "moz-extension://0f",
    ])
    func localPagesAndExtensionsMay(origin: String) throws {
        let response = try get(try Stage(), origin)
        #expect(response.status == 200)
        #expect(response.headers["Access-Control-Allow-Origin"] == origin)
        // A cache must not give the answer to another page.
        #expect(response.headers["Vary"]?.contains("Origin") == true)
    }

    @Test(arguments: [
        "https://example.com", "http://localhost.example.com", "http://127.0.0.1.example.com", "http://192.168.1.5",
        "null", "http://example.com:11434",
    ])
    func othersMayNot(origin: String) throws {
        let stage = try Stage()
        let response = try get(stage, origin)
        #expect(response.status == 403)
        #expect(response.headers["Access-Control-Allow-Origin"] == nil)
        #expect(try (response.jsonObject()["error"] as? String)?.contains("OLLAMA_ORIGINS") == true)
        // Nor may they have something done without reading of it.
        let chat = try stage.client.post("/api/chat", json: Stage.chatBody(), headers: [("Origin", origin)])
        #expect(chat.status == 403)
        #expect(try stage.upstream.chatRequests().isEmpty)
    }

    @Test func repliesOfEveryKindCarryTheHeader() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["Hello"]))
        let headers = [("Origin", "http://localhost:3000")]
        let replies = [
            try stage.client.post("/api/chat", json: Stage.chatBody(), headers: headers),
            try stage.client.post("/v1/chat/completions", json: Stage.chatBody(stream: true), headers: headers),
            try stage.client.post("/api/show", json: "{\"model\":\"nobody\"}", headers: headers),
            try stage.client.post("/api/show", json: "{", headers: headers),
            try stage.client.request("GET", "/api/chat", headers: headers),
            try stage.client.request("GET", "/nothing", headers: headers),
        ]
        #expect(replies.map(\.status) == [200, 200, 404, 400, 405, 404])
        for reply in replies {
            #expect(reply.headers.all("Access-Control-Allow-Origin") == ["http://localhost:3000"])
        }
    }

    @Test func withoutAnOriginThereIsNothingToAllow() throws {
        let stage = try Stage()
        let response = try stage.client.request("GET", "/api/tags")
        #expect(response.status == 200)
        #expect(response.headers.fields.allSatisfy { !$0.name.lowercased().hasPrefix("access-control") })
    }

    /// A browser asks before a request with a JSON body.
    @Test(arguments: ["/api/chat", "/v1/chat/completions", "/api/delete", "/"])
    func preflightsAreAnswered(path: String) throws {
        let stage = try Stage()
        let response = try stage.client.request(
            "OPTIONS", path,
            headers: [
                ("Origin", "http://localhost:3000"), ("Access-Control-Request-Method", "POST"),
                ("Access-Control-Request-Headers", "content-type,x-stainless-os"),
            ])
        #expect(response.status == 204)
        #expect(response.body.isEmpty)
        #expect(response.headers["Access-Control-Allow-Origin"] == "http://localhost:3000")
        let methods = response.headers["Access-Control-Allow-Methods"]?.split(separator: ",").map(String.init) ?? []
        #expect(Set(["GET", "POST", "DELETE", "HEAD", "OPTIONS"]).isSubset(of: methods))
        let headers = response.headers["Access-Control-Allow-Headers"]?.lowercased().split(separator: ",") ?? []
        #expect(Set(["authorization", "content-type", "user-agent", "x-stainless-os"]).isSubset(of: headers))
        #expect(response.headers["Access-Control-Max-Age"].flatMap { Int($0) } ?? 0 > 0)
        #expect(response.headers["Vary"]?.contains("Origin") == true)
    }

    @Test func preflightsOfOthersAreRefused() throws {
        let headers = [("Origin", "https://example.com"), ("Access-Control-Request-Method", "POST")]
        let stage = try Stage()
        let response = try stage.client.request("OPTIONS", "/api/chat", headers: headers)
        #expect(response.status == 403)
        #expect(response.headers["Access-Control-Allow-Origin"] == nil)
    }

    @Test func furtherOriginsCanBeSet() throws {
        let stage = try Stage(settings: ["OLLAMA_ORIGINS": "https://example.com, http://192.168.1.*,foo://*"])
        for origin in ["https://example.com", "http://192.168.1.5:8080", "foo://bar", "http://localhost:1"] {
            let response = try get(stage, origin)
            #expect(response.status == 200, "\(origin)")
            #expect(response.headers["Access-Control-Allow-Origin"] == origin)
        }
        for origin in ["http://example.com", "https://example.com.net", "http://192.168.2.5"] {
            #expect(try get(stage, origin).status == 403, "\(origin)")
        }
    }

    @Test func allCanBeAllowed() throws {
        let stage = try Stage(settings: ["OLLAMA_ORIGINS": "*"])
        for origin in ["https://example.com", "null"] {
            let response = try get(stage, origin)
            #expect(response.status == 200)
            #expect(response.headers["Access-Control-Allow-Origin"] == "*")
            let preflight = try stage.client.request("OPTIONS", "/api/chat", headers: [("Origin", origin)])
            #expect(preflight.status == 204)
            #expect(preflight.headers["Access-Control-Allow-Origin"] == "*")
        }
    }

    @Test(arguments: ["example.com", "https://*.example.*", "https://a.example,,b"])
    func whatIsNoOriginIsToldAtTheStart(value: String) throws {
        let proxy = try ProxyProcess(
            upstream: nil, settings: ["OLLAMA_ORIGINS": value], waitsUntilListening: false)
        #expect(proxy.waitForExit(timeout: 20) == .exited(2))
        #expect(proxy.process.errors.lines.joined().contains("OLLAMA_ORIGINS"))
    }
}
