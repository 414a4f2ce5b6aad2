import CMicroHTTPD
import Testing

/// What an exchange relies on while it waits for the upstream with its client connection suspended.
@Suite(.timeLimit(.minutes(10)))
struct MicroHTTPDSuspensionTests {
    private let request = "GET / HTTP/1.1\r\nHost: contract\r\n\r\n"

    /// Fact: `MHD_resume_connection` only sets a flag; the connection continues inside the next `MHD_run`. Version
    /// 0.9.75 does not report the flag through `MHD_get_timeout` either (newer ones do), and no descriptor becomes
    /// ready, so the runtime must run the daemon after each resume before it sleeps, or the stream hangs for ever.
    @Test func resumedConnectionContinuesOnlyInTheNextRun() throws {
        let server = MicroHTTPDServer { call in
            guard call.isFirst else { return call.server.queue("continued", on: call.connection) }
            call.markAsSeen()
            call.server.suspend(call.connection)
            return .YES
        }
        defer { server.stop() }
        let client = server.connect()
        client.send(request)
        try server.loop.run(until: "the suspension") { server.suspended.count == 1 }

        server.suspended.forEach(server.resume)
        #expect(server.handlerCallCount == 1, "nothing happens inside the resume itself")
        server.runOnce()
        #expect(server.handlerCallCount == 2)
        try server.loop.run(until: "the reply") { client.body == "continued" }
    }

    /// Fact: after a resume without a queued reply the access handler is called again with a body size of zero. The
    /// runtime decides the reply in that call.
    @Test func handlerIsCalledAgainWithNoBodyAfterResumeWithoutReply() throws {
        var sizes: [Int] = []
        let server = MicroHTTPDServer { call in
            sizes.append(call.uploadSize.pointee)
            if call.isFirst {
                call.markAsSeen()
                return .YES
            }
            if call.uploadSize.pointee > 0 {
                call.uploadSize.pointee = 0
                return .YES
            }
            guard sizes.count > 3 else {
                call.server.suspend(call.connection)
                return .YES
            }
            return call.server.queue("decided", on: call.connection)
        }
        defer { server.stop() }
        let client = server.connect()
        client.send("POST / HTTP/1.1\r\nHost: contract\r\nContent-Length: 4\r\n\r\nbody")
        try server.loop.run(until: "the suspension") { server.suspended.count == 1 }
        #expect(sizes == [0, 4, 0])

        server.suspended.forEach(server.resume)
        try server.loop.run(until: "the reply") { client.body == "decided" }
        #expect(sizes == [0, 4, 0, 0])
    }

    /// Fact: a reply may be queued on a suspended connection from outside any callback; it is sent after the resume.
    /// This is how the runtime answers once the upstream's first event, or its error, has arrived.
    @Test func replyQueuedDuringSuspensionIsSentAfterResume() throws {
        let server = MicroHTTPDServer(handler: suspendWhenRequestIsComplete)
        defer { server.stop() }
        let client = server.connect()
        client.send(request)
        try server.loop.run(until: "the suspension") { server.suspended.count == 1 }
        let connection = try #require(server.suspended.first)
        let callsBefore = server.handlerCallCount

        #expect(server.queue("from outside", on: connection) == .YES)
        for _ in 0..<10 { server.runOnce() }
        server.loop.settle()
        #expect(client.received.isEmpty, "a suspended connection sends nothing")

        server.resume(connection)
        try server.loop.run(until: "the reply") { client.body == "from outside" }
        #expect(server.handlerCallCount == callsBefore, "the handler has nothing left to decide")
    }

    /// Fact: a content reader that suspends its connection and returns zero is left alone until the resume, and then
    /// asked again. (One that returns zero without suspending is called in a loop.) The runtime streams this way.
    @Test func contentReaderThatSuspendsIsLeftAloneUntilResume() throws {
        var connection: OpaquePointer?
        var pending: [Content] = [.bytes("first,")]
        var readerCalls = 0
        let server = MicroHTTPDServer { call in
            connection = call.connection
            return call.server.queueStream(on: call.connection) {
                readerCalls += 1
                if pending.isEmpty {
                    call.server.suspend(call.connection)
                    return .nothingYet
                }
                return pending.removeFirst()
            }
        }
        defer { server.stop() }
        let client = server.connect()
        client.send(request)
        try server.loop.run(until: "the first piece and the suspension") {
            client.body.contains("first,") && server.suspended.count == 1
        }
        let callsBeforeIdling = readerCalls
        for _ in 0..<50 { server.runOnce() }
        #expect(readerCalls == callsBeforeIdling)
        #expect(server.timeout != .zero)

        pending = [.bytes("second"), .endOfStream]
        server.resume(try #require(connection))
        #expect(readerCalls == callsBeforeIdling, "nothing happens inside the resume itself")
        try server.loop.run(until: "the end of the reply") { client.text.hasSuffix("0\r\n\r\n") }
        #expect(client.body.contains("second"))
    }

    private var suspendWhenRequestIsComplete: (HandlerCall) -> MHD_Result {
        { call in
            if call.isFirst {
                call.markAsSeen()
            } else {
                call.server.suspend(call.connection)
            }
            return .YES
        }
    }
}
