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
        try stream.send(
            raw: "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: slow-1\r\n"
                + "Content-Length: 1000\r\n\r\n")
        let response = try drippedResponse(to: stream, piece: " ")
        #expect(response.status == 408)
        #expect(response.headers["X-Request-Id"] == "slow-1")
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
