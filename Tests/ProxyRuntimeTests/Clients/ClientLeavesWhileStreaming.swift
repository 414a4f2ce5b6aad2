import TestSupport
import Testing

/// A client that leaves in the middle of an answer ends its upstream transfer, whether words flow or not.
@Suite(.timeLimit(.minutes(10)))
struct ClientLeavesWhileStreaming {
    @Test(arguments: ["close", "reset"], [true, false])
    func itsTransferIsCancelled(departure: String, wordsFlow: Bool) throws {
        let stage = try Stage()
        try stage.scriptAll(wordsFlow ? Answer.endless : Answer.stallsAfterThreeWords)
        let client = try stage.openChat()
        for _ in 0..<3 { #expect(try client.readLine() != nil) }
        if departure == "close" { client.close() } else { client.reset() }
        try stage.upstream.wait(for: "peer_left", equals: 1)
        try stage.waitUntilIdle()
        try stage.proxy.waitForLog(event: "request", containing: "outcome=client_left")
    }

    @Test func openAIClientsToo() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.stallsAfterThreeWords)
        let client = try stage.client.open("POST", "/v1/chat/completions", body: Stage.chatBody(stream: true))
        #expect(try client.readLine()?.hasPrefix("data: ") == true)
        client.close()
        try stage.upstream.wait(for: "peer_left", equals: 1)
        try stage.waitUntilIdle()
    }

    /// The one who leaves does not disturb the others.
    @Test func othersGoOn() throws {
        let stage = try Stage()
        try stage.script([
            (.first, [Answer.stallsAfterThreeWords]),
            (.second, [Answer.words((0..<50).map { "\($0) " }, ["delay_ms": 5])]),
        ])
        let leaver = try stage.openChat(ListedModel.first.id)
        let stayer = try stage.openChat(ListedModel.second.id)
        #expect(try leaver.readLine() != nil)
        leaver.reset()
        try stage.upstream.wait(for: "peer_left", equals: 1)
        let reply = ChatReply(try stayer.readResponse())
        #expect(reply.isDone)
        #expect(reply.content == (0..<50).map { "\($0) " }.joined())
    }

    /// A client that has given up reading may leave while its buffers are full and the transfer is paused.
    @Test func itsPausedTransferIsCancelled() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.endless)
        let client = try stage.openChat(receiveBuffer: 4096)
        try stage.waitUntilUpstreamIsHeldBack()
        client.reset()
        try stage.upstream.wait(for: "peer_left", equals: 1)
        try stage.waitUntilIdle()
    }
}
