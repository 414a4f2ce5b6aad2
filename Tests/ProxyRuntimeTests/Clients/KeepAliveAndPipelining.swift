import TestSupport
import Testing

/// One connection carries many requests, one after the other.
@Suite(.timeLimit(.minutes(10)))
struct KeepAliveAndPipelining {
    @Test func aConnectionServesManyRequests() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["a ", "word"]))
        let client = try stage.client.connect()
        for stream in [true, false, true] {
            try client.send("POST", "/api/chat", body: Array(Stage.chatBody(stream: stream).utf8))
            #expect(ChatReply(try client.readResponse()).content == "a word")
            try client.send("GET", "/api/version")
            #expect(try client.readResponse().status == 200)
            try client.send("HEAD", "/api/tags")
            #expect(try client.readResponse().status == 200)
            try client.send("POST", "/v1/nothing", body: Array("{}".utf8))
            #expect(try client.readResponse().status == 404)
        }
        #expect(try stage.proxy.health().connections == 2)
    }

    /// Requests that come before the earlier ones are answered wait their turn.
    @Test func pipelinedRequestsAreAnsweredInOrder() throws {
        let stage = try Stage()
        try stage.script([
            (.first, [Answer.words(["first"], ["first_delay_ms": 100])]), (.second, [Answer.words(["second"])]),
        ])
        var text = ""
        for model in [ListedModel.first, .second] {
            let body = Stage.chatBody(model.id)
            text += "POST /api/chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }
        text += "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
        let client = try stage.client.connect()
        try client.send(raw: text)
        #expect(ChatReply(try client.readResponse()).content == "first")
        #expect(ChatReply(try client.readResponse()).content == "second")
        #expect(try client.readResponse().text == "Ollama is running")
        client.close()
        try stage.waitUntilIdle()
    }

    /// A connection ends behind a body in chunks, as what follows is not to be trusted. What the client has sent already
    /// must not cost it the reply.
    @Test func aReplyIsWholeThoughMoreWasSentBehindChunks() throws {
        let stage = try Stage()
        // More than the client's socket holds, and no more than the proxy's own: the rest waits in there as it closes.
        let count = 1000
        try stage.scriptAll(["kind": "stream", "tokens": count, "token_bytes": 1024])
        let body = Stage.chatBody(stream: false)
        let client = try stage.client.connect(receiveBuffer: 4096)
        let size = String(body.utf8.count, radix: 16)
        try client.send(
            raw: "POST /api/chat HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "\(size)\r\n\(body)\r\n0\r\n\r\n"
                + String(repeating: "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", count: 1000))
        // The proxy is done with it, as far as it can be.
        try stage.proxy.waitForLog(event: "request", containing: "/api/chat")
        let response = try client.readResponse()
        #expect(response.headers["Connection"] == "close")
        #expect(response.ending == .complete)
        #expect(response.body.count > count * 1024)
        #expect(try client.waitForClose() == .endOfConnection)
        client.close()
        try stage.waitUntilIdle()
    }

    @Test func aConnectionIsClosedWhenAsked() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["a ", "word"]))
        let client = try stage.client.open(
            "POST", "/api/chat", headers: [("Connection", "close")], body: Stage.chatBody())
        #expect(ChatReply(try client.readResponse()).isDone)
        #expect(try client.waitForClose() == .endOfConnection)
    }

    /// HTTP/1.0 knows no chunks: the stream ends with the connection.
    @Test func oldClientsGetAPlainStream() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["a ", "word"]))
        let body = Stage.chatBody()
        let client = try stage.client.connect()
        try client.send(raw: "POST /api/chat HTTP/1.0\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        let response = try client.readResponse()
        #expect(response.ending == .endOfConnection)
        #expect(response.headers["Transfer-Encoding"] == nil)
        #expect(ChatReply(response).content == "a word")
        #expect(ChatReply(response).isDone)
    }

    /// An error after the first word ends the reply, not the connection.
    @Test func aConnectionSurvivesABrokenAnswer() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["one ", "two"], ["cut_after_events": 1]), Answer.words(["fine"]))
        let client = try stage.client.connect()
        try client.send("POST", "/api/chat", body: Array(Stage.chatBody().utf8))
        let broken = try client.readResponse()
        #expect(ChatReply(broken).error != nil)
        #expect(broken.ending == .complete)
        try client.send("GET", "/api/version")
        #expect(try client.readResponse().status == 200)
    }
}
