import TestSupport
import Testing

/// A slow reader slows the upstream down at every door.
@Suite(.timeLimit(.minutes(10)))
struct SlowReadersAtTheDoors {
    @Test(arguments: ForwardingDoor.allCases)
    func theUpstreamIsHeldBack(door: ForwardingDoor) throws {
        let stage = try Stage()
        try stage.script(door, [(.first, [Answer.endless])])
        let before = stage.proxy.residentKilobytes
        let reader = try stage.client.open("POST", door.path, body: door.body(), receiveBuffer: 4096)
        try stage.waitUntilUpstreamIsHeldBack()
        #expect(stage.proxy.residentKilobytes - before < AddressSanitizer.memoryFactor * 8000)
        reader.close()
        try stage.upstream.wait(for: "peer_left", equals: 1)
        try stage.waitUntilIdle()
    }

    /// Held back and read on, the events arrive whole and in order. (A stream of responses tells its whole text again
    /// at its end, and so cannot be long enough.)
    @Test func nothingIsLost() throws {
        let stage = try Stage()
        // Larger than all the sockets on the way can hold.
        let count = 2500
        try stage.script(.messages, [(.first, [["kind": "stream", "tokens": count, "token_bytes": 8192]])])
        let door = ForwardingDoor.messages
        let reader = try stage.client.open("POST", door.path, body: door.body(), receiveBuffer: Stage.smallBuffer)
        try stage.waitUntilUpstreamIsHeldBack()
        let text = String(decoding: try reader.readToEnd(), as: UTF8.self)
        #expect(reader.ending == .complete)
        reader.close()
        #expect(text.components(separatedBy: "event: content_block_delta\n").count == count + 1)
        #expect(text.hasSuffix("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"))
        try stage.waitUntilIdle()
    }

    /// Silence that is the client's doing is no failure of the model's.
    @Test(arguments: ForwardingDoor.allCases)
    func aPauseIsNotTakenForSilence(door: ForwardingDoor) throws {
        let stage = try Stage(settings: ["IDLE_TIMEOUT_SECONDS": "1"])
        try stage.script(
            door, [(.first, [Answer.endless]), (.second, [Answer.words(["one "], ["stall_after_events": 1])])])
        let reader = try stage.client.open("POST", door.path, body: door.body(), receiveBuffer: Stage.smallBuffer)
        try stage.waitUntilUpstreamIsHeldBack()
        // Another stream's idle limit, begun later, tells that the same limit has passed here.
        let other = try stage.send(door, to: ListedModel.second.id)
        #expect(door.isError(try #require(other.events.last)))
        // More than all the sockets on the way held.
        var count = 0
        while count < 40 << 20, let chunk = try reader.readChunk() { count += chunk.count }
        #expect(count >= 40 << 20)
        reader.close()
        try stage.waitUntilIdle()
    }
}
