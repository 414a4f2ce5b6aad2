import TestSupport
import Testing

/// Requests as old, simple and careless clients write them.
@Suite(.timeLimit(.minutes(10)))
struct OddRequests {
    @Test(arguments: [
        "/api/tags/", "/api/version/", "/api/ps/", "/v1/models/", "/api/tags?x", "/api/ps?a=1&b=%2F", "/api/status/?x",
    ])
    func slashesAndQueriesMakeNoDifference(path: String) throws {
        let stage = try Stage()
        let plain = String(path.prefix { $0 != "?" }.reversed().drop { $0 == "/" }.reversed())
        let response = try stage.client.request("GET", path)
        #expect(response.status == 200)
        #expect(response.text == (try stage.client.request("GET", plain).text))
    }

    @Test(arguments: ["/api/chat/", "/api/chat?stream=false", "/v1/chat/completions/?api-version=1"])
    func norWithChats(path: String) throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["Hello"]))
        let response = try stage.client.post(path, json: Stage.chatBody())
        #expect(response.status == 200)
        #expect(response.text.contains("Hello"))
    }

    @Test(arguments: [
        "/api/chat", "/api/generate", "/api/show", "/api/pull", "/api/embed", "/v1/chat/completions",
    ])
    func theContentTypeDoesNotMatter(path: String) throws {
        let stage = try Stage(settings: ["EMBEDDING_MODEL": "oak/vectors:free"])
        try stage.scriptAll(Answer.words(["Hello"]))
        let body = Stage.chatBody(changes: ["prompt": "hi", "input": "hi"])
        let types = [
            "application/x-www-form-urlencoded", "text/plain", "nonsense", "application/json; charset=latin-1",
        ]
        for headers in types.map({ [("Content-Type", $0)] }) + [[]] {
            let response = try stage.client.request("POST", path, headers: headers, body: body)
            #expect(response.status == 200, "\(headers)")
        }
    }

    @Test(arguments: ["/api/chat", "/api/generate"])
    func oldHTTPEndsWithTheConnection(path: String) throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["Hel", "lo"]))
        let body = Stage.chatBody(changes: ["prompt": "hi"])
        let client = try stage.client.connect()
        try client.send(raw: "POST \(path) HTTP/1.0\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        let response = try client.readResponse()
        #expect(response.headers["Transfer-Encoding"] == nil)
        #expect(response.ending == .endOfConnection)
        ClientNeeds.expectStream(ChatReply(response))
    }

    @Test func oldHTTPOfWholeReplies() throws {
        let stage = try Stage()
        for path in ["/", "/api/tags", "/api/ps", "/v1/models"] {
            let client = try stage.client.connect()
            try client.send(raw: "GET \(path) HTTP/1.0\r\n\r\n")
            let response = try client.readResponse()
            #expect(response.status == 200)
            #expect(response.headers["Content-Length"] == String(response.body.count))
            #expect(response.ending == .complete)
        }
    }

    /// There is no need for compression, and no client may be surprised by it.
    @Test func nothingIsCompressed() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["Hello"]))
        let headers = [("Accept-Encoding", "gzip, deflate, br, zstd")]
        #expect(try stage.tags(headers: headers).count == 3 + HTTPClient.bestNames.count)
        let reply = try stage.client.post("/api/chat", json: Stage.chatBody(), headers: headers)
        #expect(reply.headers["Content-Encoding"] == nil)
        ClientNeeds.expectStream(ChatReply(reply))
        #expect(try stage.client.request("GET", "/api/tags", headers: headers).headers["Content-Encoding"] == nil)
    }

    /// Chunked, asking for permission, and both at once.
    @Test func bodiesWithoutALength() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["Hello"]))
        let body = Stage.chatBody(changes: ["prompt": "hi"])
        let client = try stage.client.connect()
        try client.send(
            raw: "POST /api/generate HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
                + "Expect: 100-continue\r\n\r\n")
        try client.send(raw: "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\n\r\n")
        ClientNeeds.expectStream(ChatReply(try client.readResponse()))
    }
}

extension Stage {
    /// A body that several routes understand.
    fileprivate static func chatBody(changes: JSONObject) -> String { chatBody(ListedModel.first.id, changes) }
}
