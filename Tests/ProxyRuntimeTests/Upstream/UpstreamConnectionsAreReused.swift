import TestSupport
import Testing

/// A TLS handshake costs more than most else, so connections serve again and again.
@Suite(.timeLimit(.minutes(10)))
struct UpstreamConnectionsAreReused {
    @Test func oneAfterTheOther() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["a ", "word"]))
        let before = try connectionsAfterAChat(stage)
        for stream in [true, false, true, false] { #expect(try stage.chat(stream: stream).isDone) }
        for stream in [true, false] {
            _ = try stage.client.post("/v1/chat/completions", json: Stage.chatBody(stream: stream))
        }
        #expect(try stage.upstream.stats().acceptedConnections == before + 1)
    }

    /// An error reply is a whole reply.
    @Test func afterAnErrorReply() throws {
        let stage = try Stage()
        try stage.script([(.first, [Answer.failure("503")]), (.second, [Answer.words(["fine"])])])
        let before = try connectionsAfterAChat(stage)
        #expect(try stage.chat().content == "fine")
        #expect(try stage.chat().content == "fine")
        #expect(try stage.upstream.stats().acceptedConnections == before + 1)
    }

    /// The upstream's count of connections once one serves; each look at it takes one itself.
    private func connectionsAfterAChat(_ stage: Stage) throws -> Int {
        _ = try stage.chat()
        try stage.waitUntilIdle()
        return try stage.upstream.stats().acceptedConnections
    }

    /// A connection that the upstream has closed meanwhile is replaced, and nobody notices.
    @Test func aConnectionThatWasClosedIsReplaced() throws {
        let stage = try Stage()
        try stage.scriptAll(
            Answer.words(["first"]), Answer.status(503, body: "", headers: ["Connection": "close"]),
            Answer.words(["fine"]))
        #expect(try stage.chat().content == "first")
        #expect(try stage.chat().content == "fine")
    }

    @Test func requestsAreWhatTheyShouldBe() throws {
        let stage = try Stage()
        for stream in [true, false] { _ = try stage.chat(stream: stream) }
        for request in try stage.upstream.chatRequests() {
            #expect(request.method == "POST")
            #expect(request.path == "/api/v1/chat/completions")
            #expect(request.headers["content-type"] == "application/json")
            // Compressed streams come late: whole blocks at a time.
            #expect(request.headers["accept-encoding"]?.contains("gzip") != true)
            #expect(request.headers["expect"] == nil)
            #expect(request.headers["user-agent"]?.hasPrefix("ollama-proxy/") == true)
            // Silence and broken answers show early in a stream only.
            #expect(request.json["stream"] as? Bool == true)
        }
    }
}
