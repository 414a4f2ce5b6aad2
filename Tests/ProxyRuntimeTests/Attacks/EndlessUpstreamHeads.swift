import TestSupport
import Testing

/// Heads of replies that never end, or end in nothing. The next model answers, and nothing of them is kept.
@Suite(.timeLimit(.minutes(10)))
struct EndlessUpstreamHeads {
    /// In kB.
    private static let memoryLimit = AddressSanitizer.memoryFactor * (64 << 10)

    struct Flood: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let beginning: String
        /// Empty for one that falls silent.
        let piece: String
    }

    static let floods = [
        Flood(testDescription: "headers", beginning: "HTTP/1.1 200 OK\r\n", piece: "X-A: b\r\n"),
        Flood(
            testDescription: "one header's value", beginning: "HTTP/1.1 200 OK\r\nX: ",
            piece: String(repeating: "x", count: 1000)),
        Flood(testDescription: "the reason", beginning: "HTTP/1.1 200 ", piece: "OK"),
        Flood(testDescription: "folded lines", beginning: "HTTP/1.1 200 OK\r\nX: a\r\n", piece: " b\r\n"),
        Flood(testDescription: "interim replies", beginning: "", piece: "HTTP/1.1 100 Continue\r\n\r\n"),
        Flood(testDescription: "interim replies with headers", beginning: "", piece: "HTTP/1.1 103 A\r\nX: b\r\n\r\n"),
        Flood(
            testDescription: "trailers",
            beginning: "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
            piece: "X-A: b\r\n"),
        Flood(testDescription: "no head at all", beginning: "", piece: "x"),
        Flood(testDescription: "silence within", beginning: "HTTP/1.1 200 OK\r\nX-", piece: ""),
    ]

    @Test(arguments: floods) func leadToTheNextModel(flood: Flood) throws {
        let upstream = try RawUpstream { call in
            guard call.model == ListedModel.first.id else { return call.sendWords("fine") }
            call.send(flood.beginning)
            if flood.piece.isEmpty { call.waitUntilLeft() } else { call.sendWithoutEnd(flood.piece) }
        }
        let proxy = try upstream.proxy(settings: ["FIRST_TOKEN_TIMEOUT_SECONDS": "2"])
        let reply = ChatReply(try proxy.client.post("/api/chat", json: Stage.chatBody()))
        #expect(reply.content == "fine")
        #expect(reply.response.headers["X-Proxy-Attempts"] == "2")
        #expect(proxy.process.peakResidentKilobytes ?? 0 < Self.memoryLimit, "\(flood.testDescription)")
        try proxy.waitForHealth { $0.transfers == 0 && $0.exchanges == 0 }
    }
}
