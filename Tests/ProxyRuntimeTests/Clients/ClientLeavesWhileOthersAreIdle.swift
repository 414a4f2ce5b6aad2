import TestSupport
import Testing

/// libmicrohttpd looks after closed connections from the one on which nothing has moved for longest, and stops at the
/// first that is still open: a client that leaves in the middle of a stream must not be kept for as long as somebody idles.
@Suite(.timeLimit(.minutes(10)))
struct ClientLeavesWhileOthersAreIdle {
    private let stage: Stage
    private let idle: HTTPStream

    init() throws {
        stage = try Stage()
        idle = try stage.client.connect()
        try idle.send("GET", "/api/version")
        #expect(try idle.readResponse().status == 200)
    }

    /// The idle one is left, and the one who asks.
    private func waitUntilOnlyTheIdleOneIsLeft() throws {
        try stage.proxy.waitForHealth { $0.connections == 2 && $0.exchanges == 0 && $0["requests"] == 1 }
        try idle.send("GET", "/api/version")
        #expect(try idle.readResponse().status == 200)
    }

    @Test(arguments: ["close", "reset", "halfClose"])
    func itsConnectionIsNotKept(departure: String) throws {
        try stage.scriptAll(Answer.stallsAfterThreeWords)
        let client = try stage.openChat()
        #expect(try client.readLine() != nil)
        switch departure {
        case "close": client.close()
        case "reset": client.reset()
        default: client.halfClose()
        }
        try waitUntilOnlyTheIdleOneIsLeft()
    }

    /// To HTTP/1.0 the end of a stream shows in the end of its connection.
    @Test func norIsThatOfAnOldClientWhoseStreamHasEnded() throws {
        try stage.scriptAll(Answer.words(["one ", "two"]))
        let body = Stage.chatBody()
        let client = try stage.client.connect()
        try client.send(raw: "POST /api/chat HTTP/1.0\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        #expect(ChatReply(try client.readResponse()).isDone)
        try waitUntilOnlyTheIdleOneIsLeft()
    }
}
