import Foundation
import TestSupport
import Testing

/// What a running server tells of itself, to the status page and to scripts.
@Suite(.timeLimit(.minutes(10)))
struct StatusIsShown {
    private func status(_ stage: Stage, headers: [(String, String)] = []) throws -> JSONObject {
        let response = try stage.client.request("GET", "/api/proxy/status", headers: headers)
        #expect(response.status == 200)
        #expect(response.headers["Cache-Control"] == "no-store")
        return try response.jsonObject()
    }

    @Test func modelsBudgetAndRequestsAreThere() throws {
        let stage = try Stage()
        try stage.script([
            (.first, [Answer.failure("503")]),
            (.second, [Answer.words(["secret-answer"], ["usage": ["prompt_tokens": 7, "completion_tokens": 8]])]),
        ])
        let reply = try stage.chat(text: "secret-question")
        let identity = try #require(reply.response.headers["X-Request-Id"])
        try stage.waitUntilIdle()
        let status = try status(stage)
        #expect(status["state"] as? String == "ready")
        #expect((status["summary"] as? String)?.hasPrefix("2 of 3 models are ready; ") == true)
        let models = try #require(status["models"] as? [JSONObject])
        #expect(models.map { $0["id"] as? String } == ListedModel.three.map(\.id))
        #expect(models[0]["state"] as? String == "cooldown")
        #expect(models[0]["reason"] as? String == "unavailable")
        #expect(models[1]["success_rate"] as? Int == 1)
        let failures = try #require(status["failures"] as? [JSONObject])
        #expect(failures.map { $0["model"] as? String } == [ListedModel.first.id])
        let budget = try #require(status["budget"] as? [String: JSONObject])
        #expect(budget["minute"]?["made"] as? Int == 2)
        let load = try #require(status["load"] as? JSONObject)
        #expect(load["requests"] as? Int == 0)
        #expect(try #require(load["memory_kilobytes"] as? Int) > 1000)

        let request = try #require((status["requests"] as? [JSONObject])?.first)
        #expect(request["id"] as? String == identity)
        #expect(request["route"] as? String == "/api/chat")
        #expect(request["outcome"] as? String == "answered")
        #expect(request["model"] as? String == ListedModel.second.id)
        #expect(request["completion_tokens"] as? Int == 8)
        let attempts = try #require(request["attempts"] as? [JSONObject])
        #expect(attempts.map { $0["model"] as? String } == [ListedModel.first.id, ListedModel.second.id])
        #expect(attempts.map { $0["outcome"] as? String } == ["unavailable", "answered"])
        #expect((attempts[0]["reason"] as? String)?.hasPrefix("status 503") == true)
        #expect(!JSON.text(status).contains("secret-"))
    }

    @Test func keysAreNotShown() throws {
        let stage = try Stage(settings: ["PROXY_API_KEYS": "kitchen-key-1"])
        let bearer = ("Authorization", "Bearer kitchen-key-1")
        for name in ["test-key", "kitchen-key-1"] {
            let headers = [bearer, ("X-Request-Id", name)]
            _ = try stage.client.post("/api/chat", json: Stage.chatBody(name), headers: headers)
        }
        let status = JSON.text(try status(stage, headers: [bearer]))
        #expect(status.contains("\"asked\""))
        #expect(!status.contains("test-key") && !status.contains("kitchen-key-1"))
    }

    @Test func nothingIsMissedWhileThereIsNoList() throws {
        let upstream = try FakeOpenRouter()
        try upstream.setModels(#"{"data":[]}"#)
        let proxy = try ProxyProcess(upstream: upstream.baseURL)
        let status = try proxy.client.request("GET", "/api/proxy/status").jsonObject()
        #expect(status["state"] as? String == "starting")
        #expect((status["models"] as? [JSONObject])?.isEmpty == true)
        #expect(try proxy.client.request("GET", "/metrics").text.contains("\nollama_proxy_models 0\n"))
    }

    @Test func whatAsksAgainAndAgainDoesNotFillTheLog() throws {
        let stage = try Stage()
        let logged = stage.proxy.logCount
        for path in ["/api/proxy/status", "/api/proxy/history", "/metrics"] {
            #expect(try stage.client.request("GET", path).status == 200)
        }
        #expect(try stage.client.request("GET", "/api/tags").status == 200)
        try stage.proxy.waitForLog(event: "request", containing: "/api/tags", from: logged)
        let lines = stage.proxy.logLines.dropFirst(logged).filter { $0.event == "request" }
        #expect(lines.filter { $0.level == "info" }.map { $0["path"] } == ["/api/tags"])
    }

    // MARK: The page

    @Test func thePageAsksNobodyElse() throws {
        let stage = try Stage()
        var size = 0
        for (path, type) in [
            ("/status", "text/html"), ("/status/style.css", "text/css"), ("/status/script.js", "text/javascript"),
        ] {
            let response = try stage.client.request("GET", path)
            #expect(response.status == 200)
            #expect(response.headers["Content-Type"]?.hasPrefix(type) == true)
            let policy = try #require(response.headers["Content-Security-Policy"])
            #expect(policy.hasPrefix("default-src 'none';") && policy.contains("frame-ancestors 'none'"))
            #expect(!policy.contains("unsafe"))
            #expect(!response.text.contains("http://") || response.text.contains("http://www.w3.org/2000/svg"))
            #expect(!response.text.contains("https://"))
            size += response.body.count
        }
        #expect(size < 60_000)
        #expect(try stage.client.request("GET", "/").text == "Ollama is running")
        #expect(try stage.client.request("HEAD", "/status").body.isEmpty)
    }

    // MARK: Who may see it

    @Test func eachAsksForAKey() throws {
        let stage = try Stage(settings: ["PROXY_API_KEYS": "kitchen-key-1"])
        let basic = ("Authorization", "Basic " + Data("me:kitchen-key-1".utf8).base64EncodedString())
        for path in [
            "/status", "/status/style.css", "/status/script.js", "/api/proxy/status", "/api/proxy/history", "/metrics",
        ] {
            let refused = try stage.client.request("GET", path)
            #expect(refused.status == 401, "\(path)")
            // Only the page and its parts may make a browser ask its user.
            let challenge = try #require(refused.headers["WWW-Authenticate"])
            #expect(challenge.hasPrefix("Basic ") == path.hasPrefix("/status"), "\(path)")
            #expect(try stage.client.request("GET", path, headers: [basic]).status == 200, "\(path)")
            let bearer = ("Authorization", "Bearer kitchen-key-1")
            #expect(try stage.client.request("GET", path, headers: [bearer]).status == 200, "\(path)")
        }
    }

    @Test func eachCanBeTurnedOff() throws {
        let page = ["/status", "/status/style.css", "/status/script.js", "/api/proxy/status", "/api/proxy/history"]
        for (settings, off, on) in [
            (["STATUS_PAGE": "false"], page, ["/metrics"]), (["METRICS": "false"], ["/metrics"], page),
        ] {
            let stage = try Stage(settings: settings)
            for path in off { #expect(try stage.client.request("GET", path).status == 404, "\(path)") }
            for path in on { #expect(try stage.client.request("GET", path).status == 200, "\(path)") }
        }
    }

    /// A browser that was told a key adds it to what any page asks for, those that may ask without it included.
    @Test func aBrowsersKeyIsNotForOthersPages() throws {
        let stage = try Stage(settings: ["PROXY_API_KEYS": "kitchen-key-1"])
        try stage.scriptAll(Answer.words(["fine"]))
        let basic = ("Authorization", "Basic " + Data(":kitchen-key-1".utf8).base64EncodedString())
        let bearer = ("Authorization", "Bearer kitchen-key-1")
        let own = ("Origin", "http://127.0.0.1")
        let other = ("Origin", "http://localhost:3000")
        for (headers, status) in [
            ([basic], 200), ([basic, own], 200), ([basic, other], 401), ([bearer, other], 200),
        ] {
            #expect(try stage.client.post("/api/chat", json: Stage.chatBody(), headers: headers).status == status)
        }
    }

    @Test func aSlashAtTheEndLeadsToThePage() throws {
        let stage = try Stage()
        let response = try stage.client.request("GET", "/status/")
        #expect(response.status == 308)
        #expect(response.headers["Location"] == "../status")
    }

    @Test func othersPagesMayNotRead() throws {
        let stage = try Stage()
        for path in ["/api/proxy/status", "/metrics"] {
            let response = try stage.client.request("GET", path, headers: [("Origin", "https://example.com")])
            #expect(response.status == 403, "\(path)")
        }
    }

    // MARK: Commands

    /// The server knows best: its data folder is half a second behind, and may be another's.
    @Test func commandsAskTheServer() throws {
        let stage = try Stage()
        let elsewhere = try TemporaryFolder()
        let environment = [
            "OPENROUTER_API_KEY": "test-key", "DATA_DIR": elsewhere.url.path, "PORT": String(stage.proxy.port),
        ]
        func output(of command: String) throws -> JSONObject {
            let process = try ChildProcess(
                executable: BuiltProducts.ollamaProxy(), arguments: [command, "--json"], environment: environment)
            #expect(process.waitForExit(timeout: 20) == .exited(0))
            process.output.waitForEnd(timeout: 2)
            return try JSON.object(process.output.lines.joined())
        }
        try stage.script([(.first, [Answer.failure("503")]), (.second, [Answer.words(["fine"])])])
        _ = try stage.chat()
        let models = try #require(output(of: "models")["models"] as? [JSONObject])
        #expect(models.map { $0["state"] as? String } == ["cooldown", "ready", "ready"])
        let failures = try #require(output(of: "failures")["failures"] as? [JSONObject])
        #expect(failures.map { $0["kind"] as? String } == ["unavailable"])
        let minute = try #require(output(of: "budget")["minute"] as? JSONObject)
        #expect(minute["made"] as? Int == 2)
    }
}
