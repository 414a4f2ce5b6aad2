import Foundation
import TestSupport
import Testing

/// The upstream, or the network to it, is gone for a while: requests end with the reason, what needs no model is
/// answered, and once it is back everything works by itself.
@Suite(.timeLimit(.minutes(10)))
struct UpstreamIsAway {
    private static let settings = [
        "CONNECT_TIMEOUT_SECONDS": "2", "FIRST_TOKEN_TIMEOUT_SECONDS": "2", "IDLE_TIMEOUT_SECONDS": "2",
    ]

    private func stage() throws -> Stage {
        let stage = try Stage(settings: Self.settings.merging(Stage.unlimited) { $1 })
        try stage.scriptAll(Answer.words(["fine"]))
        return stage
    }

    /// Another process at the same address, which knows nothing of connections from before.
    private static func restart(_ upstream: FakeOpenRouter) throws -> FakeOpenRouter {
        let successor = try FakeOpenRouter(arguments: ["--port", "\(upstream.port)"])
        try successor.setModels(ListedModel.three.json)
        try successor.setAnswers(JSON.text(Answer.words(["back"])))
        return successor
    }

    @Test func itsPortIsClosedAndOpensAgain() throws {
        let stage = try stage()
        #expect(try stage.chat().content == "fine")
        stage.upstream.stop()
        let refused = try stage.chat(stream: false)
        #expect(refused.status == 502)
        #expect(refused.error?.contains("\(stage.upstream.port)") == true)
        #expect(try stage.client.request("GET", "/api/tags").status == 200)
        try stage.proxy.expectRest()
        let successor = try Self.restart(stage.upstream)
        #expect(try stage.chat().content == "back")
        // No model is blamed for the network.
        #expect(try stage.proxy.health()["in_cooldown"] == 0)
        withExtendedLifetime(successor) {}
    }

    /// The connections that were kept for the next requests are dead, which shows only when one is used.
    @Test func itIsAnotherProcessWithoutAnyoneNoticing() throws {
        let stage = try stage()
        for _ in 0..<3 { #expect(try stage.chat().content == "fine") }
        stage.upstream.stop()
        let successor = try Self.restart(stage.upstream)
        for _ in 0..<3 { #expect(try stage.chat(stream: false).content == "back") }
        #expect(stage.proxy.logCount(of: "attempt_failed") == 0)
        withExtendedLifetime(successor) {}
    }

    /// It keeps its connections, and says nothing more on them: as behind a cable that was pulled.
    @Test func itFallsSilentAndSpeaksAgain() throws {
        let stage = try stage()
        #expect(try stage.chat().content == "fine")
        try stage.scriptAll(Answer.stallsAfterThreeWords)
        let stream = try stage.openChat()
        #expect(try stream.readLine()?.contains("one") == true)
        stage.upstream.process.send(signal: SIGSTOP)
        defer { stage.upstream.process.send(signal: SIGCONT) }
        let refused = try stage.chat(stream: false)
        #expect(refused.status == 504)
        #expect(refused.error?.contains("no answer within 2 s") == true)
        // The one that had begun ends in an error.
        var last = ""
        while let line = try stream.readLine() { last = line }
        #expect(try JSON.object(last)["error"] is String)
        stream.close()
        #expect(try stage.client.request("GET", "/api/tags").status == 200)
        try stage.proxy.expectRest()

        stage.upstream.process.send(signal: SIGCONT)
        try stage.scriptAll(Answer.words(["back"]))
        // The silence was the models', as far as anyone can tell; they may be asked again all the same.
        #expect(try stage.client.request("DELETE", "/api/proxy/failures").status == 200)
        #expect(try stage.chat().content == "back")
        try stage.waitUntilIdle()
    }

    /// Killed in the middle of many answers, each of which ends in an error and none in a made-up end.
    @Test func itDiesInTheMiddleOfStreams() throws {
        let stage = try stage()
        try stage.scriptAll(Answer.stallsAfterThreeWords)
        let streams = try (0..<20).map { _ in try stage.openChat() }
        for stream in streams { #expect(try stream.readLine()?.contains("one") == true) }
        stage.upstream.stop()
        for stream in streams {
            var last = ""
            while let line = try stream.readLine() { last = line }
            #expect(try JSON.object(last)["error"] is String)
            #expect(stream.ending == .complete)
            stream.close()
        }
        let successor = try Self.restart(stage.upstream)
        #expect(try stage.client.request("DELETE", "/api/proxy/failures").status == 200)
        #expect(try stage.chat().content == "back")
        try stage.waitUntilIdle()
        withExtendedLifetime(successor) {}
    }
}
