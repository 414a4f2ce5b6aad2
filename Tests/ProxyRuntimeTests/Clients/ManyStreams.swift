import TestSupport
import Testing

/// Two hundred answers at a time, and nothing left of them afterwards.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct ManyStreams {
    @Test func allAreAnsweredAtTheSameTime() throws {
        let stage = try Stage(settings: Stage.unlimited)
        let words = (0..<20).map { "w\($0) " }
        try stage.scriptAll(Answer.words(words, ["first_delay_ms": 500, "delay_ms": 20]))
        try stage.waitUntilIdle()
        let descriptors = stage.proxy.openDescriptorCount
        let streams = try (0..<200).map { _ in try stage.openChat() }
        try stage.upstream.wait(for: "requests", equals: 200)
        // None is answered before all are under way, as long as this machine starts them within the first delay; if
        // not, the lines below still have to be right.
        for stream in streams {
            let reply = ChatReply(try stream.readResponse())
            #expect(reply.isDone)
            #expect(reply.content == words.joined())
            stream.close()
        }
        try stage.waitUntilIdle()
        // Some connections to the upstream are kept for later.
        #expect(stage.proxy.openDescriptorCount <= descriptors + 8)
    }

    @Test func allCanBeKilled() throws {
        let stage = try Stage(settings: Stage.unlimited)
        try stage.scriptAll(Answer.stallsAfterThreeWords)
        try stage.waitUntilIdle()
        let descriptors = stage.proxy.openDescriptorCount
        let streams = try (0..<200).map { _ in try stage.openChat() }
        try stage.upstream.wait(for: "active_streams", equals: 200)
        try stage.proxy.waitForHealth { $0.exchanges == 200 && $0.transfers == 200 }
        for (index, stream) in streams.enumerated() {
            switch index % 3 {
            case 0: stream.close()
            case 1: stream.reset()
            default: stream.halfClose()
            }
        }
        try stage.upstream.wait(for: "peer_left", equals: 200)
        try stage.waitUntilIdle()
        #expect(stage.proxy.openDescriptorCount <= descriptors)
    }

    /// Memory does not grow with the number of answers given. The address sanitizer keeps what is freed of a thousand.
    @Test(.disabled(if: AddressSanitizer.isOn)) func memoryDoesNotGrow() throws {
        let stage = try Stage(settings: Stage.unlimited)
        try stage.scriptAll(Answer.words(["some ", "words"]))
        for _ in 0..<300 { _ = try stage.chat() }
        let before = stage.proxy.residentKilobytes
        for _ in 0..<1000 { _ = try stage.chat() }
        #expect(stage.proxy.residentKilobytes - before < 2000)
        try stage.waitUntilIdle()
    }
}
