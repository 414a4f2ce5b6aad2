import CMicroHTTPD
import Testing

/// What the client sees on the wire for each way in which the runtime can answer.
@Suite(.timeLimit(.minutes(10)))
struct MicroHTTPDReplyTests {
    private let request = "GET / HTTP/1.1\r\nHost: contract\r\n\r\n"

    /// Fact: a reply of unknown size is chunked for HTTP/1.1, and END_OF_STREAM writes the last chunk. The runtime's
    /// streams end this way, and clients recognise the end without the connection being closed.
    @Test func endOfStreamFinishesTheChunkedReplyAndKeepsTheConnection() throws {
        let server = MicroHTTPDServer(handler: stream([.bytes("token"), .endOfStream]))
        defer { server.stop() }
        let client = server.connect()
        client.send(request)
        try server.loop.run(until: "the last chunk") { client.text.hasSuffix("\r\n0\r\n\r\n") }
        #expect(client.text.lowercased().contains("transfer-encoding: chunked"))
        #expect(client.body.hasPrefix("5\r\ntoken\r\n"))
        server.loop.settle()
        #expect(!client.hasEnded)
    }

    /// Fact: END_WITH_ERROR closes the connection without the last chunk, so the client knows that the reply is not
    /// complete. The runtime does this when an upstream breaks off after bytes have been sent.
    @Test func endWithErrorBreaksTheChunkedReplyOff() throws {
        let server = MicroHTTPDServer(handler: stream([.bytes("token"), .endWithError]))
        defer { server.stop() }
        let client = server.connect()
        client.send(request)
        try server.loop.run(until: "the connection to end") { client.hasEnded }
        #expect(client.body.hasPrefix("5\r\ntoken\r\n"))
        #expect(!client.body.contains("0\r\n\r\n"))
        #expect(server.events.contains(.requestCompleted(.REQUEST_TERMINATED_WITH_ERROR)))
    }

    /// Fact: to a HEAD, a reply of unknown size is its head alone with 1.0.1, while 0.9.75 writes the last chunk, which the
    /// client takes for the beginning of the next reply. The runtime answers HEAD only where it has the whole body.
    @Test func headOfAStream() throws {
        let server = MicroHTTPDServer(handler: stream([.endOfStream]))
        defer { server.stop() }
        let client = server.connect()
        client.send("HEAD / HTTP/1.1\r\nHost: contract\r\n\r\n")
        try server.loop.run(until: "the head") { client.text.contains("\r\n\r\n") }
        server.loop.settle()
        #expect(client.body == (cmhd_checks_lines() ? "" : "0\r\n\r\n"))
    }

    /// Fact: for HTTP/1.0 a reply of unknown size has no chunks and ends with the connection.
    @Test func streamToHTTP10ClientIsDelimitedByTheEndOfTheConnection() throws {
        let server = MicroHTTPDServer(handler: stream([.bytes("one,"), .bytes("two"), .endOfStream]))
        defer { server.stop() }
        let client = server.connect()
        client.send("GET / HTTP/1.0\r\n\r\n")
        try server.loop.run(until: "the connection to end") { client.hasEnded }
        #expect(client.body == "one,two")
        #expect(!client.text.lowercased().contains("transfer-encoding"))
    }

    /// Fact: a reply can be queued in the first call or after the whole body, but not between: there
    /// `MHD_queue_response` says no. The runtime swallows an oversized body and answers 413 at its end.
    @Test func replyCannotBeQueuedWhileTheBodyArrives() throws {
        var outcomeWhileTheBodyArrives: MHD_Result?
        let server = MicroHTTPDServer { call in
            if call.isFirst {
                call.markAsSeen()
                return .YES
            }
            guard call.uploadSize.pointee > 0 else { return call.server.queue("at the end", on: call.connection) }
            outcomeWhileTheBodyArrives = call.server.queue("too early", on: call.connection)
            call.uploadSize.pointee = 0
            return .YES
        }
        defer { server.stop() }
        let client = server.connect()
        client.send("POST / HTTP/1.1\r\nHost: contract\r\nContent-Length: 8\r\n\r\nhalf")
        try server.loop.run(until: "the first half of the body") { outcomeWhileTheBodyArrives != nil }
        #expect(outcomeWhileTheBodyArrives == .NO)
        client.send("half")
        try server.loop.run(until: "the reply") { client.body == "at the end" }
    }

    /// Fact: a reply queued in the first call is sent before the body has arrived, and the connection ends with it. The
    /// runtime rejects by Content-Length this way.
    @Test func replyQueuedInTheFirstCallDoesNotWaitForTheBodyAndEndsTheConnection() throws {
        let server = MicroHTTPDServer { $0.server.queue("too large", on: $0.connection, status: 413) }
        defer { server.stop() }
        let client = server.connect()
        client.send("POST / HTTP/1.1\r\nHost: contract\r\nContent-Length: 1000000\r\n\r\n")
        try server.loop.run(until: "the connection to end") { client.hasEnded }
        #expect(client.text.hasPrefix("HTTP/1.1 413 "))
        #expect(client.body == "too large")
    }

    /// Fact: even for a request without a body, a reply queued in the first call ends the connection; queued in the
    /// second call, with a body size of zero, it keeps it. The runtime answers every request in the last call.
    @Test func connectionIsKeptOnlyIfTheReplyIsQueuedInTheLastCall() throws {
        let server = MicroHTTPDServer { call in
            guard call.url == "/at-once" else {
                return call.whenComplete { call.server.queue("kept", on: call.connection) }
            }
            return call.server.queue("ended", on: call.connection)
        }
        defer { server.stop() }
        let client = server.connect()
        client.send(request)
        try server.loop.run(until: "the first reply") { client.body == "kept" }
        client.forgetReceived()
        client.send("GET /at-once HTTP/1.1\r\nHost: contract\r\n\r\n")
        try server.loop.run(until: "the connection to end") { client.hasEnded }
        #expect(client.body == "ended")
    }

    /// Fact: an access handler that returns MHD_NO closes the connection and the client gets no reply at all. The
    /// runtime always queues an error instead.
    @Test func handlerThatRefusesClosesTheConnectionWithoutAnyReply() throws {
        let server = MicroHTTPDServer { _ in .NO }
        defer { server.stop() }
        let client = server.connect()
        client.send(request)
        try server.loop.run(until: "the connection to end") { client.hasEnded }
        #expect(client.received.isEmpty)
    }

    /// Fact: a header block larger than the connection's memory is answered with 431 by libmicrohttpd itself; the
    /// handler never hears of it, so nothing of ours can log or count such a request.
    @Test func oversizedHeaderBlockIsAnsweredWith431WithoutTheHandler() throws {
        let server = MicroHTTPDServer(connectionMemory: 32 * 1024) { $0.server.queue("ok", on: $0.connection) }
        defer { server.stop() }
        let client = server.connect()
        let padding = String(repeating: "x", count: 40_000)
        client.send("GET / HTTP/1.1\r\nHost: contract\r\nX-Padding: \(padding)\r\n\r\n")
        try server.loop.run(until: "the connection to end") { client.hasEnded }
        #expect(client.text.hasPrefix("HTTP/1.1 431 "))
        #expect(server.handlerCallCount == 0)
    }

    private func stream(_ content: [Content]) -> (HandlerCall) -> MHD_Result {
        var remaining = content
        return { call in
            call.whenComplete { call.server.queueStream(on: call.connection) { remaining.removeFirst() } }
        }
    }
}
