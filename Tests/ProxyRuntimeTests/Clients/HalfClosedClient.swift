import TestSupport
import Testing

/// A client that closes its sending side counts as gone, as it does for Ollama's own server; but only once there is
/// something to give up.
@Suite(.timeLimit(.minutes(10)))
struct HalfClosedClient {
    @Test func itsChatIsGivenUp() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.stallsAfterThreeWords)
        let client = try stage.openChat()
        #expect(try client.readLine() != nil)
        client.halfClose()
        try stage.upstream.wait(for: "peer_left", equals: 1)
        #expect(try client.waitForClose() != .complete)
        try stage.waitUntilIdle()
    }

    /// The simplest of clients send their request, close their side and read.
    @Test func repliesThatNeedNoUpstreamStillArrive() throws {
        let stage = try Stage()
        let client = try stage.client.connect()
        try client.send(raw: "GET /api/version HTTP/1.1\r\nHost: localhost\r\n\r\n")
        client.halfClose()
        #expect(try client.readResponse().status == 200)
        // Its connection must not be kept for requests that cannot come any more.
        try stage.waitUntilIdle()
    }
}
