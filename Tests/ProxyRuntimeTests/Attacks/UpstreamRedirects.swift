import TestSupport
import Testing

/// An upstream, or an impostor, that sends the proxy elsewhere. The key would go there too.
@Suite(.timeLimit(.minutes(10)))
struct UpstreamRedirects {
    private static let statuses = [301, 302, 303, 307, 308]

    /// A place where nobody may come.
    private func elsewhere() throws -> RawUpstream { try RawUpstream(answersAll: true) { $0.sendWords("stolen") } }

    /// Every model lies behind the same address, so that there is no other to try.
    @Test(arguments: statuses, ["/api/chat", "/v1/chat/completions", "/v1/responses", "/v1/messages"])
    func ofAnAnswerAreNotFollowed(status: Int, path: String) throws {
        let elsewhere = try elsewhere()
        let targets = [
            elsewhere.baseURL + "/chat/completions", "//127.0.0.1:\(elsewhere.port)/x", "/api/v1/chat/completions", "",
            "ftp://127.0.0.1:\(elsewhere.port)/", "file:///etc/passwd",
        ]
        let upstream = try RawUpstream { call in
            let target = targets[call.number % targets.count]
            call.sendHead(status, type: "text/html", "Location: \(target)\r\nContent-Length: 0\r\n")
        }
        let proxy = try upstream.proxy(settings: Stage.unlimited)
        let before = upstream.connectionCount
        for _ in targets {
            let body = Stage.chatBody(ListedModel.first.id, ["input": "Hello", "max_tokens": 100])
            let response = try proxy.client.post(path, json: body)
            #expect(response.status == 502)
            #expect(response.text.contains("\(status)"))
            #expect(response.headers["Location"] == nil)
        }
        #expect(upstream.connectionCount == before + targets.count)
        // No model is to blame.
        #expect(try proxy.health()["in_cooldown"] == 0)
        #expect(elsewhere.connectionCount == 0)
    }

    @Test(arguments: statuses)
    func ofTheListAndTheKeyAreNotFollowed(status: Int) throws {
        let elsewhere = try elsewhere()
        let upstream = try RawUpstream(answersAll: true) {
            $0.sendHead(status, type: "text/html", "Location: http://127.0.0.1:\(elsewhere.port)\($0.path)\r\n")
        }
        let proxy = try ProxyProcess(upstream: upstream.baseURL)
        try proxy.waitForLog(event: "models_refresh_failed", containing: "\(status)")
        try proxy.waitForLog(event: "account_unknown")
        let check = try ProxyProcess(upstream: upstream.baseURL, arguments: ["check"], waitsUntilListening: false)
        #expect(check.waitForExit(timeout: 20) == .exited(1))
        #expect(elsewhere.connectionCount == 0)
    }
}
