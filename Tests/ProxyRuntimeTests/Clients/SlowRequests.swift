import Foundation
import TestSupport
import Testing

/// Clients that hold a connection by sending next to nothing, or too much at once.
@Suite(.timeLimit(.minutes(10)))
struct SlowRequests {
    private let stage: Stage

    init() throws {
        stage = try Stage(settings: ["HEADER_TIMEOUT_SECONDS": "1", "BODY_TIMEOUT_SECONDS": "1"])
    }

    @Test func headersThatDripAreGivenUp() throws {
        let stream = try stage.client.connect()
        try stream.send(raw: "GET /api/tags HTTP/1.1\r\nHost: localhost\r\n")
        let response = try drippedResponse(to: stream, piece: "X-A: b\r\n")
        #expect(response.status == 408)
        #expect(try response.jsonObject()["error"] is String)
        try stage.waitUntilIdle()
    }

    @Test func aBodyThatDripsIsGivenUp() throws {
        let stream = try stage.client.connect()
        try stream.send(raw: "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n")
        let response = try drippedResponse(to: stream, piece: " ")
        #expect(response.status == 408)
        #expect(try response.jsonObject()["error"] is JSONObject)
        try stage.proxy.waitForLog(event: "request_too_slow")
        try stage.waitUntilIdle()
        #expect(try stage.upstream.chatRequests().isEmpty)
    }

    @Test func aConnectionThatSaysNothingIsEnded() throws {
        let stream = try stage.client.connect()
        #expect(try stream.readResponse().status == 408)
        try stage.waitUntilIdle()
    }

    /// The deadlines are for requests that are still coming: neither a slow answer nor a pause between requests counts.
    @Test func whoWaitsOrPausesIsLeftAlone() throws {
        try stage.scriptAll(Answer.words(["later ", "and ", "later"], ["delay_ms": 700]))
        let stream = try stage.client.connect()
        for _ in 0..<2 {
            try stream.send(
                "POST", "/api/chat", headers: [("Content-Type", "application/json")],
                body: Array(Stage.chatBody(stream: false).utf8))
            #expect(try stream.readResponse().status == 200)
        }
    }

    /// Sends pieces until an answer comes.
    private func drippedResponse(to stream: HTTPStream, piece: String) throws -> HTTPResponse {
        let deadline = Date(timeIntervalSinceNow: 20)
        while Date() < deadline {
            if let response = try? stream.readResponse(timeout: 0.1) { return response }
            _ = try? stream.send(raw: piece)
        }
        throw SupportError("the connection was never ended")
    }
}

/// More than the server is allowed to take on.
@Suite(.timeLimit(.minutes(10)))
struct TooMuchAtOnce {
    @Test func moreRequestsThanAllowedAreRefused() throws {
        let stage = try Stage(settings: ["MAX_CONCURRENT_REQUESTS": "1"])
        try stage.scriptAll(Answer.stallsAfterThreeWords)
        let first = try stage.openChat()
        #expect(try first.readHead().status == 200)
        let second = try stage.chat()
        #expect(second.response.status == 503)
        #expect(second.response.headers["retry-after"] != nil)
        #expect(try stage.client.request("GET", "/api/tags").status == 200)
        first.close()
        try stage.waitUntilIdle()
        try stage.scriptAll(Answer.words(["fine"]))
        #expect(try stage.chat().response.status == 200)
    }

    @Test func aLargerBodyThanSetIsRefused() throws {
        let stage = try Stage(settings: ["MAX_BODY_MEGABYTES": "1"])
        let response = try stage.client.request("POST", "/api/chat", body: [UInt8](repeating: 0x20, count: 2 << 20))
        #expect(response.status == 413)
        #expect(response.text.contains("1 MB"))
    }

    @Test func moreConnectionsThanAllowedDoNotHarmOthers() throws {
        let stage = try Stage(settings: ["MAX_CONNECTIONS": "4"])
        var open: [HTTPStream] = []
        for _ in 0..<4 {
            let stream = try stage.client.connect()
            try stream.send("GET", "/api/version")
            #expect(try stream.readResponse().status == 200)
            open.append(stream)
        }
        let surplus = try stage.client.connect()
        try? surplus.send("GET", "/api/version")
        let answer = try? surplus.readResponse(timeout: 0.5)
        #expect(answer == nil)
        surplus.close()
        // Those who are in are served, and who leaves makes room.
        try open[0].send("GET", "/api/version")
        #expect(try open[0].readResponse().status == 200)
        open.removeLast().close()
        try open[0].send("GET", "/health")
        _ = try open[0].readResponse()
        let deadline = Date(timeIntervalSinceNow: 10)
        var served = false
        while !served, Date() < deadline { served = (try? stage.client.request("GET", "/api/version").status) == 200 }
        #expect(served)
    }
}
