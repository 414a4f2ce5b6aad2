import Foundation
import TestSupport
import Testing

/// What has not finished when the grace is over ends in an error, in the shape of its API, and the exit code is 0 all
/// the same.
@Suite(.timeLimit(.minutes(10)))
struct ShutdownGraceExpires {
    @Test(arguments: ["0", "1"])
    func theRestEndsInErrors(grace: String) throws {
        let stage = try Stage(settings: ["SHUTDOWN_GRACE_SECONDS": grace])
        try stage.script([(.first, [Answer.stallsAfterThreeWords]), (.second, [Answer.failure("stall-before")])])
        let streaming = try stage.openChat()
        let streamingOpenAI = try stage.client.open(
            "POST", "/v1/chat/completions", body: Stage.chatBody(stream: true))
        let waiting = try stage.openChat(ListedModel.second.id)
        let whole = try stage.client.open("POST", "/api/chat", body: Stage.chatBody(stream: false))
        #expect(try streaming.readLine() != nil)
        #expect(try streamingOpenAI.readLine() != nil)
        try stage.upstream.wait(for: "active_streams", equals: 4)
        stage.proxy.process.send(signal: SIGTERM)

        let lines = String(decoding: try streaming.readToEnd(), as: UTF8.self).split(separator: "\n")
        #expect(streaming.ending == .complete)
        #expect(try JSON.object(String(lines.last ?? ""))["error"] is String)
        let events = String(decoding: try streamingOpenAI.readToEnd(), as: UTF8.self)
        #expect(streamingOpenAI.ending == .complete)
        #expect(events.contains("data: {\"error\":{"))
        #expect(!events.contains("[DONE]"))
        for stream in [waiting, whole] {
            let reply = ChatReply(try stream.readResponse())
            #expect(reply.status == 503)
            #expect(reply.error != nil)
        }
        #expect(stage.proxy.waitForExit(timeout: 15) == .exited(0))
        try stage.upstream.wait(for: "active_streams", equals: 0)
    }

    /// Asked twice, it does not wait.
    @Test func aSecondSignalHurries() throws {
        let stage = try Stage(settings: ["SHUTDOWN_GRACE_SECONDS": "3600"])
        try stage.scriptAll(Answer.stallsAfterThreeWords)
        let client = try stage.openChat()
        #expect(try client.readLine() != nil)
        stage.proxy.process.send(signal: SIGTERM)
        try stage.proxy.waitForLog(event: "stopping")
        stage.proxy.process.send(signal: SIGTERM)
        #expect(String(decoding: try client.readToEnd(), as: UTF8.self).contains("\"error\""))
        #expect(stage.proxy.waitForExit(timeout: 15) == .exited(0))
    }

    /// Nor for a client that does not read what is left.
    @Test func aClientThatDoesNotReadDoesNotHoldItUp() throws {
        let stage = try Stage(settings: ["SHUTDOWN_GRACE_SECONDS": "0"])
        try stage.scriptAll(Answer.endless)
        let client = try stage.openChat(receiveBuffer: 4096)
        try stage.waitUntilUpstreamIsHeldBack()
        #expect(stage.proxy.terminate() == .exited(0))
        client.close()
    }
}
