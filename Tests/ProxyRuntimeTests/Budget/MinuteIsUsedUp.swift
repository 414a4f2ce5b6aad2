import Foundation
import TestSupport
import Testing

/// When the account's quota of the minute is used up, requests queue, in order.
@Suite(.timeLimit(.minutes(10)))
struct MinuteIsUsedUp {
    private static let one = ["FREE_REQUESTS_PER_MINUTE": "1"]

    private func stage(_ settings: [String: String]) throws -> Stage {
        let stage = try Stage(settings: settings)
        try stage.scriptAll(Answer.words(["fine"]))
        return stage
    }

    @Test(arguments: ["0", "30"], ["/api/chat", "/v1/chat/completions"])
    func aTurnThatComesTooLateIsRefusedAtOnce(queueSeconds: String, path: String) throws {
        let stage = try stage(Self.one.merging(["QUEUE_SECONDS": queueSeconds]) { $1 })
        #expect(try stage.client.post(path, json: Stage.chatBody()).status == 200)
        let response = try stage.client.post(path, json: Stage.chatBody())
        #expect(response.status == 429)
        // The other request's minute, and a second for the way.
        #expect((45...61).contains(response.retryAfter ?? 0))
        #expect(response.errorText?.contains("(1 per minute)") == true)
        #expect(try stage.upstream.chatRequests().count == 1)
    }

    @Test func aWaitingRequestIsCountedAndLogged() throws {
        let stage = try stage(Self.one.merging(["QUEUE_SECONDS": "300"]) { $1 })
        #expect(try stage.chat().isDone)
        let waiting = try stage.openChat()
        try stage.proxy.waitForHealth { $0["waiting"] == 1 }
        try stage.proxy.waitForLog(event: "request_queued")
        #expect(try stage.upstream.chatRequests().count == 1)
        waiting.close()
    }

    /// Its place is free for others.
    @Test(arguments: ["close", "reset"])
    func aClientThatLeavesWaitsNoLonger(end: String) throws {
        let stage = try stage(Self.one.merging(["QUEUE_SECONDS": "300"]) { $1 })
        #expect(try stage.chat().isDone)
        let streams = try (0..<3).map { _ in try stage.openChat() }
        try stage.proxy.waitForHealth { $0["waiting"] == 3 }
        end == "close" ? streams[0].close() : streams[0].reset()
        try stage.proxy.waitForHealth { $0["waiting"] == 2 }
        for stream in streams.dropFirst() { stream.close() }
        try stage.proxy.waitForHealth { $0["waiting"] == 0 }
        try stage.waitUntilIdle()
        #expect(try stage.upstream.chatRequests().count == 1)
    }

    @Test func theShutdownEndsTheWait() throws {
        let stage = try stage(Self.one.merging(["QUEUE_SECONDS": "300", "SHUTDOWN_GRACE_SECONDS": "1"]) { $1 })
        #expect(try stage.chat().isDone)
        let waiting = try stage.openChat()
        let openAI = try stage.client.open("POST", "/v1/chat/completions", body: Stage.chatBody(stream: true))
        try stage.proxy.waitForHealth { $0["waiting"] == 2 }
        stage.proxy.process.send(signal: SIGTERM)
        for stream in [waiting, openAI] {
            let response = try stream.readResponse()
            #expect(response.status == 503)
            #expect(response.errorText?.isEmpty == false)
        }
        #expect(stage.proxy.waitForExit(timeout: 15) == .exited(0))
        #expect(try stage.upstream.chatRequests().count == 1)
    }

    /// The upstream may count otherwise than we do: its refusal is waited for, and the same model then answers.
    @Test(arguments: ["/api/chat", "/v1/chat/completions"], [true, false])
    func aRefusalOfTheUpstreamsIsWaitedFor(path: String, stream: Bool) throws {
        let stage = try stage([:])
        try stage.scriptAll(Answer.failure("429-minute", ["reset_in_ms": 1500]), Answer.words(["fine"]))
        let response = try stage.client.post(path, json: Stage.chatBody(stream: stream))
        #expect(response.status == 200)
        #expect(response.text.contains("fine") && !response.text.contains("\"error\""))
        #expect(response.headers["X-Proxy-Model"] == ListedModel.first.id)
        #expect(try stage.upstream.chatRequests().map(\.model) == [ListedModel.first.id, ListedModel.first.id])
        #expect(try stage.proxy.health()["in_cooldown"] == 0)
    }

    /// A second refusal is the last word: something else is wrong.
    @Test func aSecondRefusalIsPassedOn() throws {
        let stage = try stage([:])
        try stage.scriptAll(Answer.failure("429-minute", ["reset_in_ms": 1000]))
        let reply = try stage.chat()
        #expect(reply.status == 429)
        #expect(reply.response.retryAfter != nil)
        #expect(try stage.upstream.chatRequests().count == 2)
    }

    @Test func whoCameFirstIsServedFirst() throws {
        let stage = try stage([:])
        try stage.scriptAll(Answer.failure("429-minute", ["reset_in_ms": 3000]), Answer.words(["fine"]))
        var streams: [HTTPStream] = []
        for name in ["a", "b", "c", "d"] {
            streams.append(
                try stage.client.open("POST", "/api/chat", body: Stage.chatBody(text: name)))
            try stage.proxy.waitForHealth { $0["waiting"] == streams.count }
        }
        for stream in streams { #expect(ChatReply(try stream.readResponse()).content == "fine") }
        let texts = try stage.upstream.chatRequests().map { request in
            (request.json["messages"] as? [JSONObject])?.first?["content"] as? String
        }
        #expect(texts == ["a", "a", "b", "c", "d"])
    }

    /// So many may wait; who comes later is told at once.
    @Test func theQueueIsBounded() throws {
        let stage = try stage(["FREE_REQUESTS_PER_MINUTE": "20", "FREE_REQUESTS_PER_DAY": "0", "QUEUE_SECONDS": "3600"])
        for _ in 0..<20 { #expect(try stage.chat().isDone) }
        let streams = try (0..<500).map { _ in try stage.openChat() }
        try stage.proxy.waitForHealth { $0["waiting"] == 500 }
        let reply = try stage.chat()
        #expect(reply.status == 429)
        #expect(reply.response.retryAfter != nil)
        #expect(reply.error?.contains("the queue is full") == true)
        // A place that is given up can be taken.
        streams[0].close()
        try stage.proxy.waitForHealth { $0["waiting"] == 499 }
        let last = try stage.openChat()
        try stage.proxy.waitForHealth { $0["waiting"] == 500 }
        for stream in streams.dropFirst() + [last] { stream.close() }
        try stage.proxy.waitForHealth { $0["waiting"] == 0 }
    }

    /// A client that streams is shown that its request is alive, and that is no answer.
    @Test func aWaitingStreamShowsThatItIsAlive() throws {
        let stage = try stage(["HEARTBEAT_SECONDS": "1"])
        try stage.scriptAll(Answer.failure("429-minute", ["reset_in_ms": 2500]), Answer.words(["fine"]))
        let reply = try stage.chat()
        #expect(reply.lines.count > 2)
        #expect(reply.content == "fine")
        #expect(reply.isDone)
    }

    /// The requests of the last minute are remembered: a restart is no way around the limit.
    @Test func aRestartDoesNotBeginANewMinute() throws {
        let folder = try TemporaryFolder()
        let upstream = try FakeOpenRouter()
        let settings = Self.one.merging(["QUEUE_SECONDS": "0"]) { $1 }
        for status in [200, 429] {
            let stage = try Stage(settings: settings, dataFolder: folder.url, upstream: upstream)
            try stage.scriptAll(Answer.words(["fine"]))
            #expect(try stage.chat().status == status)
            #expect(stage.proxy.terminate() == .exited(0))
        }
    }
}
