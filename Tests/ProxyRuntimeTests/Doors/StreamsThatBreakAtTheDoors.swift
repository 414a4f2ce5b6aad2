import Foundation
import TestSupport
import Testing

/// A stream that breaks after its first word ends in the API's own error, never in what looks like an end.
@Suite(.timeLimit(.minutes(10)))
struct StreamsThatBreakAtTheDoors {
    private func expectBroken(_ reply: DoorReply, at door: ForwardingDoor) throws {
        #expect(reply.status == 200)
        #expect(reply.words == ["one ", "two "])
        let last = try #require(reply.events.last)
        #expect(door.isError(last), "\(last)")
        #expect(!reply.response.text.contains(door.endMark))
        #expect(!reply.response.text.contains("message_delta"))
        // The error closes the reply properly, so that no client takes the connection for the culprit.
        #expect(reply.response.ending == .complete)
    }

    @Test(arguments: ForwardingDoor.allCases, ["cut_after_events", "reset_after_events", "error_after_events"])
    func brokenOff(door: ForwardingDoor, way: String) throws {
        let stage = try Stage()
        let answer = Answer.words(["one ", "two ", "three"], [way: 2, "delay_ms": 20])
        try stage.script(door, [(.first, [answer])])
        try expectBroken(stage.send(door), at: door)
        #expect(try stage.modelsAsked(door) == [ListedModel.first.id])
        try stage.waitUntilIdle()
    }

    @Test(arguments: ForwardingDoor.allCases)
    func fallenSilent(door: ForwardingDoor) throws {
        let stage = try Stage(settings: ["IDLE_TIMEOUT_SECONDS": "1"])
        try stage.script(door, [(.first, [Answer.words(["one ", "two ", "three"], ["stall_after_events": 2])])])
        try expectBroken(stage.send(door), at: door)
        try stage.waitUntilIdle()
    }

    /// All words are there, and yet nobody said that they are all.
    @Test(arguments: ForwardingDoor.allCases)
    func noEnd(door: ForwardingDoor) throws {
        let stage = try Stage()
        let answer = Answer.words(["one ", "two "], ["finish_reason": NSNull(), "usage": false, "done": false])
        try stage.script(door, [(.first, [answer])])
        try expectBroken(stage.send(door), at: door)
    }

    /// The heartbeats have begun the reply, so that its status can tell nothing any more.
    @Test(arguments: ForwardingDoor.allCases)
    func brokenBehindAHeartbeat(door: ForwardingDoor) throws {
        let stage = try Stage(
            models: [.first], settings: ["HEARTBEAT_SECONDS": "1", "FIRST_TOKEN_TIMEOUT_SECONDS": "2"])
        try stage.script(door, [(.first, [Answer.failure("stall-before")])])
        let reply = try stage.send(door)
        #expect(reply.status == 200)
        #expect(reply.response.text.hasPrefix(":"))
        #expect(reply.events.count == 1)
        #expect(door.isError(try #require(reply.events.last)))
        #expect(reply.response.ending == .complete)
    }

    @Test(arguments: ForwardingDoor.allCases)
    func aHeartbeatIsAComment(door: ForwardingDoor) throws {
        let stage = try Stage(settings: ["HEARTBEAT_SECONDS": "1"])
        try stage.script(door, [(.first, [Answer.words(["fine"], ["first_delay_ms": 1500])])])
        let stream = try stage.client.open("POST", door.path, body: door.body())
        #expect(try stream.readHead().headers["Content-Type"] == "text/event-stream")
        #expect(try stream.readLine()?.hasPrefix(":") == true)
        let rest = String(decoding: try stream.readToEnd(), as: UTF8.self)
        stream.close()
        #expect(rest.contains("fine"))
        #expect(rest.contains(door.endMark))
    }

    /// A client that leaves ends the upstream's work.
    @Test(arguments: ForwardingDoor.allCases)
    func aClientThatLeaves(door: ForwardingDoor) throws {
        let stage = try Stage()
        try stage.script(door, [(.first, [Answer.words(["one "], ["stall_after_events": 1])])])
        let stream = try stage.client.open("POST", door.path, body: door.body())
        while let line = try stream.readLine(), !line.contains("one ") {}
        stream.close()
        try stage.upstream.wait(for: "peer_left", equals: 1)
        try stage.waitUntilIdle()
    }
}
