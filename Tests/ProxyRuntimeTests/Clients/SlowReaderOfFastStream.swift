import TestSupport
import Testing

/// A slow reader slows the upstream down, and memory stays flat.
@Suite(.timeLimit(.minutes(10)))
struct SlowReaderOfFastStream {
    @Test func theUpstreamIsHeldBack() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.endless)
        let before = stage.proxy.residentKilobytes
        let readers = try (0..<8).map { _ in try stage.openChat(receiveBuffer: 4096) }
        try stage.upstream.wait(for: "active_streams", equals: 8)
        try stage.waitUntilUpstreamIsHeldBack()
        // Each stream may hold its buffers on either side, some 300 kB, and not a part of what the sockets hold.
        #expect(stage.proxy.residentKilobytes - before < AddressSanitizer.memoryFactor * 16_000)
        for reader in readers { reader.close() }
        try stage.upstream.wait(for: "peer_left", equals: 8)
        try stage.waitUntilIdle()
    }

    /// Others are served while one is held back.
    @Test func othersAreNotHeldBack() throws {
        let stage = try Stage()
        try stage.script([(.first, [Answer.endless]), (.second, [Answer.words(["at ", "once"])])])
        let reader = try stage.openChat(ListedModel.first.id, receiveBuffer: 4096)
        try stage.waitUntilUpstreamIsHeldBack()
        #expect(try stage.chat(ListedModel.second.id).content == "at once")
        reader.close()
    }

    /// What was held back arrives whole and in order once the reader reads.
    @Test(arguments: [true, false])
    func nothingIsLost(isOllama: Bool) throws {
        let stage = try Stage()
        // Larger than all the sockets on the way can hold.
        let count = 40_000
        try stage.scriptAll(["kind": "stream", "tokens": count, "token_bytes": 512])
        let reader = try stage.client.open(
            "POST", isOllama ? "/api/chat" : "/v1/chat/completions", body: Stage.chatBody(stream: true),
            receiveBuffer: Stage.smallBuffer)
        try stage.waitUntilUpstreamIsHeldBack()
        let body = try reader.readToEnd()
        #expect(reader.ending == .complete)
        let lines = body.split(separator: 0x0A)
        // Ollama: one line a word and the last one. OpenAI: also the finish, the usage and [DONE].
        #expect(lines.count == count + (isOllama ? 1 : 3))
        #expect(body.count > count * 512)
        reader.close()
        try stage.waitUntilIdle()
    }

    /// Silence that is the client's doing is no failure of the model's.
    @Test func aPauseIsNotTakenForSilence() throws {
        let stage = try Stage(settings: ["IDLE_TIMEOUT_SECONDS": "1"])
        try stage.script([
            (.first, [["kind": "stream", "tokens": 40_000, "token_bytes": 512]]),
            (.second, [Answer.stallsAfterThreeWords]),
        ])
        let reader = try stage.openChat(ListedModel.first.id, receiveBuffer: Stage.smallBuffer)
        try stage.waitUntilUpstreamIsHeldBack()
        // Another stream's idle limit, begun later, tells that the same limit has passed here.
        #expect(try stage.chat(ListedModel.second.id).error != nil)
        let lines = try reader.readToEnd().split(separator: 0x0A)
        #expect(lines.count == 40_001)
        #expect(String(decoding: lines.last ?? [], as: UTF8.self).contains("\"done\":true"))
    }
}

extension Stage {
    /// For a client that reads on after it has been held back, in bytes. A loopback segment is as large; with a smaller
    /// buffer the kernel drops some, and on a busy machine takes many seconds to send them again.
    static let smallBuffer = 64 << 10

    /// Waits until the upstream cannot send any more. An upstream that is not held back sends without end, so that its
    /// bytes pass any limit.
    func waitUntilUpstreamIsHeldBack(limit: Int = 200 << 20) throws {
        var sent = -1
        while true {
            // Some turns of both event loops between two looks.
            for _ in 0..<20 { _ = try proxy.health() }
            let stats = try upstream.stats()
            if stats.sentBytes == sent, stats.queuedBytes > 0 { return }
            sent = stats.sentBytes
            try #require(sent < limit, "the upstream is not held back")
        }
    }
}
