import Foundation
import TestSupport
import Testing

/// Told to stop, the proxy accepts nobody any more and finishes what it has begun.
@Suite(.timeLimit(.minutes(10)))
struct ShutdownDrains {
    @Test(arguments: [SIGTERM, SIGINT])
    func runningStreamsAreFinished(signal: Int32) throws {
        let stage = try Stage()
        let words = (0..<40).map { "\($0) " }
        try stage.scriptAll(Answer.words(words, ["delay_ms": 10]))
        let client = try stage.openChat()
        let whole = try stage.client.open("POST", "/api/chat", body: Stage.chatBody(stream: false))
        let first = try #require(try client.readLine())
        try stage.upstream.wait(for: "requests", equals: 2)
        stage.proxy.process.send(signal: signal)
        try stage.proxy.waitForLog(event: "stopping")
        // Nobody new gets in.
        #expect(throws: (any Error).self) { try stage.client.request("GET", "/") }

        let rest = String(decoding: try client.readToEnd(), as: UTF8.self)
        #expect(client.ending == .complete)
        let lines = try (first + "\n" + rest).split(separator: "\n").map { try JSON.object(String($0)) }
        #expect(lines.last?["done"] as? Bool == true)
        #expect(lines.count == words.count + 1)
        #expect(ChatReply(try whole.readResponse()).content == words.joined())
        #expect(stage.proxy.waitForExit(timeout: 15) == .exited(0))
        #expect(stage.proxy.logLines.last?.event == "stopped")
    }

    /// Clients that are connected and want nothing do not hold it up.
    @Test func idleConnectionsAreClosed() throws {
        let stage = try Stage(settings: ["SHUTDOWN_GRACE_SECONDS": "3600"])
        let idle = try stage.client.connect()
        try idle.send("GET", "/")
        #expect(try idle.readResponse().status == 200)
        let silent = try stage.client.connect()
        try stage.proxy.waitForHealth { $0.connections == 3 }
        #expect(stage.proxy.terminate() == .exited(0))
        #expect(try idle.waitForClose() != .complete)
        #expect(try silent.waitForClose() != .complete)
    }

    /// An answer may be whole while its transfer still lingers; in a debug build one that outlives the upstream shows.
    @Test func aTransferThatLingersIsGivenUp() throws {
        let stage = try Stage()
        // Two words, the finish, the usage and the end, and then the connection stays open.
        try stage.scriptAll(Answer.words(["one ", "two"], ["stall_after_events": 5]))
        #expect(try stage.chat().isDone)
        try stage.proxy.waitForHealth { $0.exchanges == 0 && $0.transfers == 1 }
        #expect(stage.proxy.terminate() == .exited(0))
    }

    /// A new chat on an old connection has no chance to finish.
    @Test func newChatsOnOldConnectionsAreRefused() throws {
        let stage = try Stage(settings: ["SHUTDOWN_GRACE_SECONDS": "3600"])
        try stage.scriptAll(Answer.stallsAfterThreeWords)
        let running = try stage.openChat()
        #expect(try running.readLine() != nil)
        let old = try stage.client.connect()
        try old.send("GET", "/")
        #expect(try old.readResponse().status == 200)
        stage.proxy.process.send(signal: SIGTERM)
        try stage.proxy.waitForLog(event: "stopping")
        try old.send("POST", "/api/chat", body: Array(Stage.chatBody().utf8))
        let reply = ChatReply(try old.readResponse())
        #expect(reply.status == 503)
        #expect(reply.error != nil)
        running.close()
        #expect(stage.proxy.waitForExit(timeout: 15) == .exited(0))
    }

    /// With nothing to do it ends at once, also before it ever had a list.
    @Test func withoutAnythingToDo() throws {
        let upstream = try FakeOpenRouter()
        upstream.stop()
        let proxy = try ProxyProcess(upstream: upstream.baseURL, settings: ["SHUTDOWN_GRACE_SECONDS": "3600"])
        #expect(proxy.terminate() == .exited(0))
    }
}
