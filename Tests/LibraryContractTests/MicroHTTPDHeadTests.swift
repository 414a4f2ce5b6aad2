import CMicroHTTPD
import Testing

/// How libmicrohttpd reads what is not quite HTTP, which differs between 0.9.75 (Debian 12) and 1.0.1 (Debian 13). What each
/// does is listed in docs/decisions/0019-two-releases.md.
@Suite(.timeLimit(.minutes(10)))
struct MicroHTTPDHeadTests {
    private static let isOld = !cmhd_checks_lines()

    /// Answers with the value of the header X.
    private func echo(_ call: HandlerCall) -> MHD_Result {
        call.whenComplete {
            let value = MHD_lookup_connection_value(call.connection, .HEADER_KIND, "X").map { String(cString: $0) }
            return call.server.queue("<\(value ?? "none")>", on: call.connection)
        }
    }

    /// What comes back for these header lines, until the connection is at rest.
    private func reply(to lines: String, of request: String = "GET / HTTP/1.1\r\nHost: contract\r\n") throws -> String {
        let server = MicroHTTPDServer(handler: echo)
        defer { server.stop() }
        let client = server.connect()
        client.send(request + lines + "\r\n")
        try server.loop.run(until: "an answer") { !client.text.isEmpty || client.hasEnded }
        server.loop.settle()
        return client.text
    }

    /// Fact: blanks behind a header's value are kept by 0.9.75 and cut by 1.0.1. The runtime's look at the distances between
    /// header lines rests on the first, and is left to libmicrohttpd's own check where they are cut.
    @Test func blanksBehindAValue() throws {
        #expect(try reply(to: "X: a \t\r\n").hasSuffix(Self.isOld ? "<a \t>" : "<a>"))
    }

    /// Fact: 1.0.1, told to be strict, refuses a folded line, one that ends with LF alone, a CR and a NUL inside, and blanks
    /// before a colon. 0.9.75 takes most of them, so that the runtime has to look by itself.
    @Test(arguments: ["X: a\r\n b\r\n", "X: a\n", "X: a\rb\r\n", "X: a\0b\r\n", "X : a\r\n"])
    func linesThatMayBeReadTwice(lines: String) throws {
        let text = try reply(to: lines)
        if Self.isOld {
            #expect(text.hasPrefix("HTTP/1.1 200 "), "\(text)")
        } else {
            #expect(text.hasPrefix("HTTP/1.1 400 "), "\(text)")
            #expect(text.contains("<html>"))
        }
    }

    /// Fact: a chunk that has an extension is read well by 0.9.75. 1.0.1 takes the line's LF for the first byte of the chunk, and
    /// answers 400 in HTML when it finds no end behind the last. The runtime must not take what it was handed for a body.
    @Test func chunkWithAnExtension() throws {
        var body = ""
        let server = MicroHTTPDServer { call in
            if call.isFirst {
                call.markAsSeen()
                return .YES
            }
            guard let piece = call.upload else { return call.server.queue("whole", on: call.connection) }
            body += piece
            call.uploadSize.pointee = 0
            return .YES
        }
        defer { server.stop() }
        let client = server.connect()
        client.send(
            "POST / HTTP/1.1\r\nHost: contract\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n")
        try server.loop.run(until: "an answer") { !client.text.isEmpty }
        server.loop.settle()
        #expect(body == (Self.isOld ? "hello" : "\nhell"))
        #expect(client.text.hasPrefix(Self.isOld ? "HTTP/1.1 200 " : "HTTP/1.1 400 "))
    }

    /// Fact: a body whose chunks are malformed is answered by libmicrohttpd itself, and then NOTIFY_COMPLETED comes before
    /// NOTIFY_CLOSED. The runtime's requests end there, or at the latest with their connection.
    @Test(arguments: [
        "no number\r\n", "5\r\nhelloXX", "ffffffffffffffffff\r\n", "5\r\nhello\r\n0\r\nno colon\r\n\r\n",
    ])
    func malformedChunks(body: String) throws {
        let server = MicroHTTPDServer { call in
            call.uploadSize.pointee = 0
            return call.upload == nil
                ? call.whenComplete { call.server.queue("ok", on: call.connection) } : .YES
        }
        defer { server.stop() }
        let client = server.connect()
        client.send("POST / HTTP/1.1\r\nHost: contract\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
        try server.loop.run(until: "the connection to end") { client.hasEnded }
        server.loop.settle()
        #expect(client.text.hasPrefix("HTTP/1.1 4"), "\(client.text)")
        #expect(server.events.count == 3)
        #expect(
            server.events.dropFirst().first.map { if case .requestCompleted = $0 { true } else { false } } == true)
        #expect(server.events.last == .connectionClosed(descriptorWasOpen: true))
    }

    /// Fact: a blank in the target of a request is a 400 for 1.0.1, when told to be strict; otherwise it would redirect to a
    /// target of its own making. 0.9.75 hands it over.
    @Test func blankInTheTarget() throws {
        let text = try reply(to: "", of: "GET /a b HTTP/1.1\r\nHost: contract\r\n")
        #expect(text.hasPrefix(Self.isOld ? "HTTP/1.1 200 " : "HTTP/1.1 400 "), "\(text)")
    }

    /// Fact: what does not look like HTTP at all is a 400 for 0.9.75, and is closed without an answer by 1.0.1.
    @Test func whatIsNoHTTP() throws {
        let text = try reply(to: "", of: "no request\r\n")
        if Self.isOld { #expect(text.hasPrefix("HTTP/1.1 400 "), "\(text)") } else { #expect(text.isEmpty, "\(text)") }
    }
}
