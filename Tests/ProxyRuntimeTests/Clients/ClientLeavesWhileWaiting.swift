import TestSupport
import Testing

/// A client that leaves before a word was said costs nothing any more: its upstream transfer ends at once.
@Suite(.timeLimit(.minutes(10)))
struct ClientLeavesWhileWaiting {
    enum Departure: CaseIterable { case close, reset, halfClose }

    @Test(arguments: Departure.allCases, ["/api/chat", "/v1/chat/completions"])
    func itsTransferIsCancelled(departure: Departure, path: String) throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.failure("stall-before"))
        let client = try stage.client.open("POST", path, body: Stage.chatBody(stream: true))
        try stage.upstream.wait(for: "active_streams", equals: 1)
        switch departure {
        case .close: client.close()
        case .reset: client.reset()
        case .halfClose: client.halfClose()
        }
        // Had the attempt merely run out of time, the next one would follow.
        try stage.upstream.wait(for: "peer_left", equals: 1)
        try stage.upstream.wait(for: "active_streams", equals: 0)
        if departure == .halfClose { #expect(try client.waitForClose() == .endOfConnection) }
        try stage.waitUntilIdle()
        #expect(try stage.modelsAsked() == [ListedModel.first.id])
        let line = try stage.proxy.waitForLog(event: "request", containing: "outcome=client_left")
        #expect(line["attempts"] == "1")
    }

    /// While a whole reply is being gathered nothing flows to the client, however much flows from the upstream.
    @Test func itsTransferIsCancelledWhileAWholeReplyIsGathered() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.stallsAfterThreeWords)
        let client = try stage.client.open("POST", "/api/chat", body: Stage.chatBody(stream: false))
        try stage.upstream.wait(for: "active_streams", equals: 1)
        client.close()
        try stage.upstream.wait(for: "peer_left", equals: 1)
        try stage.waitUntilIdle()
    }

    /// The model is not to blame.
    @Test func theModelIsAskedAgain() throws {
        let stage = try Stage()
        try stage.script([(.first, [Answer.failure("stall-before"), Answer.words(["back"])])])
        let client = try stage.openChat()
        try stage.upstream.wait(for: "active_streams", equals: 1)
        client.close()
        try stage.upstream.wait(for: "peer_left", equals: 1)
        #expect(try stage.chat().answeredBy == ListedModel.first.id)
        #expect(try stage.proxy.health()["in_cooldown"] == 0)
    }

    /// Leaving in the middle of a body leaves nothing behind either.
    @Test func anUnfinishedUploadIsForgotten() throws {
        let stage = try Stage()
        let client = try stage.client.connect()
        try client.send(raw: "POST /api/chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{\"model\":")
        try stage.proxy.waitForHealth { $0["requests"] == 2 }
        client.close()
        try stage.waitUntilIdle()
        #expect(try stage.upstream.chatRequests().isEmpty)
    }
}
