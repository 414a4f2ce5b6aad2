import TestSupport
import Testing

/// Request lines that mean one thing to a guard in front and another to the server.
@Suite(.timeLimit(.minutes(10)))
struct PathTricks {
    private static let key = "kitchen-key-1"
    private static let settings = ["PROXY_API_KEYS": "\(key),cellar-key-2"]

    private func send(
        _ stage: Stage, _ method: String, _ target: String, _ lines: String = "", body: String = ""
    ) throws -> HTTPResponse {
        let client = try stage.client.connect()
        try client.send(
            raw: "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n\(lines)Content-Length: \(body.utf8.count)\r\n\r\n"
                + body)
        return try client.readResponse()
    }

    /// The sentence at `/` is for everybody; nothing else is.
    private func expectNothing(_ response: HTTPResponse, _ comment: String) {
        if response.status == 200 {
            #expect(response.text == "Ollama is running", "\(comment)")
        } else {
            #expect([400, 401].contains(response.status), "\(comment): \(response.status)")
        }
    }

    static let targets = [
        "/api/tags", "//api/tags", "///api/tags", "/./api/tags", "/api/./tags", "/api//tags", "/api/tags/",
        "/api/tags//",
        "/x/../api/tags", "/../api/tags", "/%2e%2e/api/tags", "/%2E/api/tags", "/%2fapi/tags", "/api%2Ftags",
        "/%61pi/tags", "/api%5ctags", "\\api\\tags", "/;/api/tags", "/api;x/tags", "/api/tags;x", "/api/tags%3b",
        "/?/api/tags", "/?path=/api/tags", "/#/api/tags", "/%23/api/tags", "/%3f/api/tags", "/%00/api/tags",
        "/api/tags%00", "/%0d%0aapi/tags", "*", "api/tags", "http://localhost/api/tags", "http:///api/tags",
        "http://localhost//api/tags", "http://localhost/%2e%2e/api/tags", "https://localhost/api/tags",
        // Where a key may stand.
        "/key", "/key/", "/key//api/tags", "/key/wrong-key/api/tags", "/key/kitchen-key-/api/tags",
        "/key/kitchen-key-11/api/tags", "/key/KITCHEN-KEY-1/api/tags", "/key/kitchen-key-1%00/api/tags",
        "/key/kitchen-key-1%20/api/tags", "/key/kitchen-key-1,cellar-key-2/api/tags",
        "/key/x/../kitchen-key-1/api/tags",
        "/key/../api/tags", "/key/%2e%2e/api/tags", "/key/x/key/kitchen-key-1/api/tags",
        "/x/key/kitchen-key-1/api/tags",
        "//key/kitchen-key-1/api/tags", "/KEY/kitchen-key-1/api/tags", "/key\\kitchen-key-1/api/tags",
        "/api/tags?key=kitchen-key-1", "/api/tags?/key/kitchen-key-1/api/tags", "/api/tags#kitchen-key-1",
        "/api/tags/key/kitchen-key-1", "/key/%2a/api/tags", "/key/*/api/tags", "/key/kitchen%ffkey-1/api/tags",
    ]

    @Test func noneGetsRoundTheKey() throws {
        let stage = try Stage(settings: Self.settings)
        for target in Self.targets {
            expectNothing(try send(stage, "GET", target), target)
            let chat = target.replacingOccurrences(of: "tags", with: "chat")
            let response = try send(stage, "POST", chat, body: Stage.chatBody(stream: false))
            #expect([400, 401].contains(response.status), "POST \(chat): \(response.status)")
        }
        #expect(try stage.upstream.chatRequests().isEmpty)
    }

    static let headers = [
        "Authorization: \(key)", "Authorization: Basic \(key)", "Authorization: Bearer", "Authorization: Bearer ",
        "Authorization: Bearer \(key)x", "Authorization: Bearer \(key.dropLast())", "Authorization: Bearer \"\(key)\"",
        "Authorization: Bearer \(key),cellar-key-2", "Authorization: Bearer x \(key)", "Authorization: Bearer\t\(key)",
        "Authorization: Bearer wrong-key\r\nAuthorization: Bearer worse-key", "x-api-key:", "x-api-key: Bearer \(key)",
        "x-api-key: \(key) cellar-key-2", "Cookie: key=\(key)", "Cookie: Authorization=Bearer \(key)",
        "Proxy-Authorization: Bearer \(key)", "X_Api_Key: \(key)", "X-Forwarded-For: 127.0.0.1",
        "X-Original-URL: /", "X-Rewrite-URL: /", "X-HTTP-Method-Override: OPTIONS", "Connection: x-api-key, close",
        "Upgrade: h2c\r\nConnection: Upgrade", "Origin: http://localhost", "Content-Type: text/plain",
    ]

    @Test(arguments: headers) func noHeaderStandsForTheKey(lines: String) throws {
        let stage = try Stage(settings: Self.settings)
        let response = try send(stage, "POST", "/api/chat", lines + "\r\n", body: Stage.chatBody(stream: false))
        #expect(response.status == 401)
        #expect(try stage.upstream.chatRequests().isEmpty)
    }

    @Test(arguments: ["get", "Get", "TRACE", "TRACK", "CONNECT", "OPTIONS", "PROPFIND", "G\u{E9}T", "GET/", "*", "PUT"])
    func noMethodStandsForTheKey(method: String) throws {
        let stage = try Stage(settings: Self.settings)
        for target in ["/", "*", "/api/tags", "localhost:80", "http://localhost/api/tags"] {
            #expect(try send(stage, method, target, "X: secret\r\n").status == 401, "\(target)")
            let lines = "Authorization: Bearer \(Self.key)\r\nX: secret\r\n"
            let response = try send(stage, method, target, lines)
            #expect([404, 405].contains(response.status), "\(target): \(response.status)")
            // TRACE would give a page the headers that it may not read.
            #expect(!response.text.contains("secret"))
            #expect(!response.text.contains(Self.key))
        }
    }

    /// A path means what it says, once decoded: nothing is resolved, and nothing cut.
    @Test func eachPathIsTakenAsItIs() throws {
        let stage = try Stage()
        for (target, status) in [
            ("/api/tags", 200), ("/api/tags/", 200), ("/api%2Ftags", 200), ("/%61pi/tags", 200), ("/api/tags?%00", 200),
            ("http://localhost/api/tags", 200), ("//api/tags", 404), ("/api//tags", 404), ("/api/tags//", 404),
            ("/./api/tags", 404), ("/x/../api/tags", 404), ("/%2e%2e/api/tags", 404), ("/API/tags", 404),
            ("/api/tags%20", 404), ("/api/tags%ff", 404), ("/api/tags\u{FF}", 404), ("/api/tags%", 404),
            ("/api/tags%zz", 404), ("/api/tags%2500", 404), ("/api/tags#x", 404), ("*", 404),
            ("/..%2f..%2fetc/passwd", 404),
            ("/v1/models/..%2f..%2fetc%2fpasswd", 404), ("/v1/models/../../api/tags", 404), ("/api/tags%00", 400),
            ("/%00", 400), ("/api/tags%00?x", 400), ("/api/tags\u{1}", 400), ("/api/tags\u{7F}x", 400),
            ("/" + String(repeating: "a/", count: 2500), 404), ("/" + String(repeating: "%41", count: 2000), 404),
            ("/" + String(repeating: "a", count: 30_000), 414), ("/?" + String(repeating: "a=b&", count: 30_000), 414),
        ] {
            let response = try send(stage, "GET", target)
            #expect(response.status == status, "\(target.prefix(100)): \(response.status)")
            if status == 404 { #expect(try response.jsonObject()["error"] != nil, "\(target.prefix(100))") }
            #expect(response.body.count < 2000 || status == 200)
        }
        #expect(try stage.upstream.requests().isEmpty)
    }

    /// What a path names ends up in a log line and in a message, and never as more than a text.
    @Test func noPathWritesALineOfTheLog() throws {
        let stage = try Stage()
        for path in [
            "/%0atime=x%20level=info%20event=listening", "/%0d%0aSet-Cookie:%20a=b", "/%1b%5b2J", "/%22%20event=x",
        ] {
            let response = try send(stage, "GET", path)
            #expect(response.status == 404)
            #expect(response.headers["Set-Cookie"] == nil)
            #expect(response.text.utf8.allSatisfy { $0 >= 0x20 })
        }
        let lines = stage.proxy.process.errors.lines
        #expect(lines.count { LogLine($0).event == "listening" } == 1)
        #expect(lines.allSatisfy { line in line.hasPrefix("time=2") && line.utf8.allSatisfy { $0 >= 0x20 } })
    }
}
