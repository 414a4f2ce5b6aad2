import TestSupport
import Testing

/// An upstream, or whoever speaks in its place, that sends the proxy elsewhere. The key would go there too.
@Suite(.timeLimit(.minutes(10)))
struct UpstreamRedirects {
    private static let statuses = [301, 302, 303, 307, 308]

    /// A place where nobody may come.
    private func elsewhere() throws -> RawUpstream { try RawUpstream(answersAll: true) { $0.sendWords("stolen") } }

    @Test(arguments: statuses, ["/api/chat", "/v1/chat/completions", "/v1/responses", "/v1/messages"])
    func ofAnAnswerAreNotFollowed(status: Int, path: String) throws {
        let elsewhere = try elsewhere()
        let stage = try Stage(settings: Stage.unlimited)
        let targets = [
            elsewhere.baseURL + "/chat/completions", "//127.0.0.1:\(elsewhere.port)/x", "/api/v1/embeddings", "",
            "ftp://127.0.0.1:\(elsewhere.port)/", "file:///etc/passwd",
        ]
        for target in targets {
            try stage.script([
                (.first, [Answer.status(status, body: "", headers: ["Location": target])]),
                (.second, [Answer.words(["fine"])]),
            ])
            let body = Stage.chatBody(changes: ["input": "Hello", "max_tokens": 100])
            let response = try stage.client.post(path, json: body)
            #expect(response.status == 200)
            #expect(response.text.contains("fine"))
            #expect(response.headers["Location"] == nil)
            _ = try stage.client.request("DELETE", "/api/proxy/failures")
        }
        #expect(elsewhere.connectionCount == 0)
        let asked = try stage.upstream.requests()
        #expect(asked.count == 2 * targets.count)
        #expect(Set(asked.map(\.path)).count == 1)
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

extension Stage {
    /// A body that the forwarding doors take as well.
    fileprivate static func chatBody(changes: JSONObject) -> String { chatBody(ListedModel.first.id, changes) }
}
