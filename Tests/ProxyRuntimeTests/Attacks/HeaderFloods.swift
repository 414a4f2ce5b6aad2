import CMicroHTTPD
import TestSupport
import Testing

/// Heads of requests without end. Each has the room of one connection and no more, and an end.
@Suite(.timeLimit(.minutes(10)))
struct HeaderFloods {
    /// In kB.
    private static let memoryLimit = AddressSanitizer.memoryFactor * (60 << 10)

    struct Flood: CustomTestStringConvertible {
        let testDescription: String
        let beginning: String
        let piece: String
        /// nil where the connection is closed without an answer.
        let status: Int?
    }

    static let floods = [
        Flood(testDescription: "headers", beginning: "GET / HTTP/1.1\r\n", piece: "X-A: b\r\n", status: 431),
        Flood(testDescription: "small headers", beginning: "GET / HTTP/1.1\r\n", piece: "a:\r\n", status: 431),
        Flood(testDescription: "one name", beginning: "GET / HTTP/1.1\r\nX", piece: "x", status: 431),
        Flood(testDescription: "one value", beginning: "GET / HTTP/1.1\r\nX: ", piece: "x", status: 431),
        Flood(
            testDescription: "folded lines", beginning: "GET / HTTP/1.1\r\nX: a\r\n", piece: " b\r\n",
            status: cmhd_checks_lines() ? 400 : 431),
        Flood(testDescription: "cookies", beginning: "GET / HTTP/1.1\r\n", piece: "Cookie: a=b;c=d\r\n", status: 431),
        Flood(testDescription: "a target", beginning: "GET /", piece: "x", status: 414),
        Flood(testDescription: "a query", beginning: "GET /?", piece: "a=b&", status: 414),
        // libmicrohttpd 1.0 does not answer what does not look like HTTP.
        Flood(testDescription: "a method", beginning: "", piece: "X", status: cmhd_checks_lines() ? nil : 414),
        Flood(
            testDescription: "trailers",
            beginning: "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
                + "Host: localhost\r\n\r\n0\r\n", piece: "X-A: b\r\n", status: 431),
    ]

    @Test(arguments: floods) func areAnsweredAndEnded(flood: Flood) throws {
        let stage = try Stage()
        // Just enough to be too much, so that the answer is not lost in a reset.
        let client = try stage.client.connect()
        try client.send(raw: flood.beginning)
        let pieces = String(repeating: flood.piece, count: (20 << 10) / flood.piece.utf8.count)
        try client.send(raw: pieces)
        let (text, _) = try client.readUntilClose()
        if let status = flood.status {
            #expect(text.hasPrefix("HTTP/1.1 \(status) "), "\(text.prefix(200))")
        } else {
            #expect(text.isEmpty)
        }
        // And without end, from several at once.
        let many = try (0..<20).map { _ in try stage.client.connect() }
        for client in many { try client.send(raw: flood.beginning) }
        for client in many {
            while try client.send(raw: pieces) {}
            #expect(try stage.client.request("GET", "/api/version").status == 200)
        }
        try stage.waitUntilIdle()
        #expect(stage.proxy.process.peakResidentKilobytes ?? 0 < Self.memoryLimit)
        #expect(try stage.upstream.chatRequests().isEmpty)
    }
}
