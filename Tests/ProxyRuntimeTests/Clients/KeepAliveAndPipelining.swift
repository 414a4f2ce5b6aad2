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
