import TestSupport
import Testing

/// Bodies without end, and more of them at once than there is room for.
@Suite(.timeLimit(.minutes(10)))
struct BodyFloods {
    /// All bodies together may hold 128 MB. In kB.
    private static let memoryLimit = AddressSanitizer.memoryFactor * (250 << 10)
    private static let head = "POST /api/chat HTTP/1.1\r\nHost: localhost\r\n"

    struct Flood: CustomTestStringConvertible {
        let testDescription: String
        let beginning: String
        let piece: String
    }

    static let floods = [
        Flood(testDescription: "of a huge length", beginning: "Content-Length: 999999999999999999\r\n\r\n", piece: "x"),
        Flood(
            testDescription: "of chunks", beginning: "Transfer-Encoding: chunked\r\n\r\n",
            piece: "400\r\n" + String(repeating: "x", count: 1024) + "\r\n"),
        Flood(
            testDescription: "of one chunk", beginning: "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
            piece: "[[[["),
    ]

    @Test(arguments: floods) func without(flood: Flood) throws {
        let stage = try Stage()
        let client = try stage.client.connect()
        try client.send(raw: Self.head + flood.beginning)
        let piece = Array(String(repeating: flood.piece, count: (1 << 20) / flood.piece.utf8.count).utf8)
        var sent = 0
        while try client.send(raw: piece) {
            sent += 1
            if sent % 50 == 0 { #expect(try stage.client.request("GET", "/api/version").status == 200) }
            try #require(sent < 300, "more than 300 MB were taken")
        }
        try stage.waitUntilIdle()
        #expect(stage.proxy.process.peakResidentKilobytes ?? 0 < Self.memoryLimit)
        #expect(try stage.upstream.chatRequests().isEmpty)
    }

    /// Lines between chunks that fill the room for them, which libmicrohttpd neither reads nor refuses.
    @Test(arguments: ["4;a=@", "@", "4\r\nabcd\r\n4;@"])
    func chunkLinesWithoutEnd(chunks: String) throws {
        let stage = try Stage()
        let filling = String(repeating: "0", count: 100_000)
        let clients = try (0..<20).map { _ in try stage.client.connect() }
        for client in clients {
            let chunks = chunks.replacingOccurrences(of: "@", with: filling)
            try client.send(raw: Self.head + "Transfer-Encoding: chunked\r\n\r\n" + chunks)
        }
        for client in clients { _ = try client.waitForClose() }
        try stage.waitUntilIdle()
        #expect(try stage.chat().isDone)
    }

    /// Those who send in chunks as fast as the server reads are not taken for such.
    @Test func manyUploadsInChunksAtOnce() throws {
        let stage = try Stage()
        let body = Stage.chatBody(stream: false).dropLast() + ",\"padding\":\""
        let chunk = "8000\r\n" + String(repeating: "x", count: 0x8000) + "\r\n"
        let clients = try (0..<8).map { _ in try HTTPClient(port: stage.proxy.port, timeout: 60).connect() }
        for client in clients {
            try client.send(
                raw: Self.head
                    + "Transfer-Encoding: chunked\r\n\r\n\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n")
        }
        for _ in 0..<200 { for client in clients { try client.send(raw: chunk) } }
        for client in clients {
            try client.send(raw: "2\r\n\"}\r\n0\r\n\r\n")
            #expect(try client.readResponse().status == 200)
        }
    }

    /// Twenty bodies of 20 MB that stop a byte before their end: some are held, the others dropped, all are answered,
    /// and who comes with little is served meanwhile. With the address sanitizer it would take minutes to read them.
    @Test(.disabled(if: AddressSanitizer.isOn)) func manyLargeBodiesAtOnce() throws {
        let stage = try Stage(settings: ["BODY_TIMEOUT_SECONDS": "600"])
        try stage.scriptAll(Answer.words(["fine"]))
        let start = Stage.chatBody(stream: false).dropLast() + ",\"padding\":\""
        let body = Array(start.utf8) + [UInt8](repeating: 0x41, count: 20 << 20) + Array("\"}".utf8)
        let clients = try (0..<20).map { _ in try HTTPClient(port: stage.proxy.port, timeout: 60).connect() }
        for client in clients {
            try client.send(raw: Self.head + "Content-Length: \(body.count)\r\n\r\n")
            try client.send(raw: Array(body.dropLast()))
        }
        #expect(try stage.chat().content == "fine")
        #expect(stage.proxy.process.peakResidentKilobytes ?? 0 < Self.memoryLimit)
        var statuses: [Int] = []
        for client in clients {
            try client.send(raw: [body.last!])
            statuses.append(try client.readResponse().status)
        }
        #expect(statuses.count { $0 == 200 } == 6)
        #expect(statuses.count { $0 == 503 } == 14)
        for client in clients { client.close() }
        try stage.waitUntilIdle()
    }

    /// A length is no reason to make room.
    @Test func announcedBodiesTakeNoRoom() throws {
        let stage = try Stage()
        let clients = try (0..<200).map { _ in try stage.client.connect() }
        for client in clients { try client.send(raw: Self.head + "Content-Length: 33554432\r\n\r\n{") }
        try stage.proxy.waitForHealth { $0["requests"] == 201 }
        #expect(stage.proxy.residentKilobytes < AddressSanitizer.memoryFactor * 80 << 10)
        #expect(try stage.chat().isDone)
        for client in clients { client.reset() }
        try stage.waitUntilIdle()
    }
}
