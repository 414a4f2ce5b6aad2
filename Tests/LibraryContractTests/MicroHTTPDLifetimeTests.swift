import CMicroHTTPD
import Glibc
import Testing

/// What the runtime relies on to know how long its own objects for a connection and a request must live.
@Suite(.timeLimit(.minutes(10)))
struct MicroHTTPDLifetimeTests {
    private let request = "GET / HTTP/1.1\r\nHost: contract\r\n\r\n"

    /// Fact: NOTIFY_COMPLETED, then the content reader's free callback, then NOTIFY_CLOSED, in which the descriptor is
    /// still open. The runtime releases the request, the stream and the descriptor's epoll watch in these three.
    @Test func completionThenContentReaderThenClosedWithTheDescriptorStillOpen() throws {
        let server = MicroHTTPDServer { call in
            var content: [Content] = [.bytes("token"), .endOfStream]
            return call.server.queueStream(on: call.connection) { content.removeFirst() }
        }
        defer { server.stop() }
        let client = server.connect()
        client.send("GET / HTTP/1.1\r\nHost: contract\r\nConnection: close\r\n\r\n")
        try server.loop.run(until: "the connection to end") { client.hasEnded }
        #expect(
            server.events == [
                .connectionStarted, .requestCompleted(.REQUEST_TERMINATED_COMPLETED_OK), .contentReaderFreed,
                .connectionClosed(descriptorWasOpen: true),
            ])
    }

    /// Fact: the order is the same when the client leaves in the middle of a stream, and completion reports an error.
    @Test func clientThatLeavesMidStreamCompletesItsRequestWithAnErrorInTheSameOrder() throws {
        let server = MicroHTTPDServer { call in
            call.server.queueStream(on: call.connection) { .bytes("token") }
        }
        defer { server.stop() }
        let client = server.connect()
        client.send(request)
        try server.loop.run(until: "the first token") { client.body.contains("token") }
        client.close()
        try server.loop.run(until: "the connection to be closed") { server.events.count == 4 }
        #expect(
            server.events == [
                .connectionStarted, .requestCompleted(.REQUEST_TERMINATED_WITH_ERROR), .contentReaderFreed,
                .connectionClosed(descriptorWasOpen: true),
            ])
    }

    /// Fact: NOTIFY_COMPLETED comes only if the access handler was called. The runtime creates a request in the
    /// handler and nowhere else, so that each one is released exactly once.
    @Test func connectionThatNeverReachedTheHandlerCompletesNoRequest() throws {
        let server = MicroHTTPDServer { $0.server.queue("ok", on: $0.connection) }
        defer { server.stop() }
        let client = server.connect()
        try server.loop.run(until: "the connection to be accepted") { server.connectionCount == 1 }
        client.close()
        try server.loop.run(until: "the connection to be closed") { server.events.count >= 2 }
        #expect(server.events == [.connectionStarted, .connectionClosed(descriptorWasOpen: true)])
        #expect(server.handlerCallCount == 0)
    }

    /// Fact: what the notification of its start leaves in its argument belongs to the connection, is there for each
    /// request and comes back when it is closed. The handler's context belongs to the request: on a kept connection the
    /// next one starts with an empty one. The runtime stores its connection and request there.
    @Test func socketContextLastsForTheConnectionAndRequestContextForOneRequest() throws {
        var socketContexts: [UnsafeMutableRawPointer?] = []
        var requestContexts: [UnsafeMutableRawPointer?] = []
        let server = MicroHTTPDServer { call in
            requestContexts.append(call.requestContext.pointee)
            if call.isFirst {
                call.markAsSeen(as: requestContexts.count)
                return .YES
            }
            socketContexts.append(cmhd_socket_context(call.connection))
            return call.server.queue("reply \(socketContexts.count)", on: call.connection)
        }
        defer { server.stop() }
        let connectionMark = UnsafeMutableRawPointer(bitPattern: 0x5eed)
        server.onConnectionStarted = { $1.pointee = connectionMark }
        var contextWhenClosed: UnsafeMutableRawPointer?
        server.onConnectionClosed = { contextWhenClosed = $1.pointee }

        let client = server.connect()
        client.send(request)
        try server.loop.run(until: "the first reply") { client.body == "reply 1" }
        client.forgetReceived()
        client.send(request)
        try server.loop.run(until: "the second reply") { client.body == "reply 2" }
        client.close()
        try server.loop.run(until: "the connection to be closed") { contextWhenClosed != nil }

        let marks = [1, 3].map { UnsafeMutableRawPointer(bitPattern: $0) }
        #expect(requestContexts == [nil, marks[0], nil, marks[1]])
        #expect(socketContexts == [connectionMark, connectionMark])
        #expect(contextWhenClosed == connectionMark)
    }

    /// Fact: a listening socket that we bound is used as it is, and stopping the daemon closes it. The runtime binds
    /// by itself, so that it can set the options that libmicrohttpd would then ignore.
    @Test func daemonServesOnAndThenClosesTheListeningSocketWeGiveIt() throws {
        let server = MicroHTTPDServer { $0.server.queue("ok", on: $0.connection) }
        defer { server.stop() }
        let client = server.connect()
        client.send(request)
        try server.loop.run(until: "the reply") { client.body == "ok" }
        let late = server.connect()
        server.stop()
        try server.loop.run(until: "the connection nobody accepted to end") { late.hasEnded }
        #expect(late.received.isEmpty)
    }

    /// Fact: quiescing returns the listening socket, which is ours to close; nobody new is accepted and existing
    /// connections continue. The runtime's orderly shutdown starts this way.
    @Test func quiescingReturnsTheListeningSocketAndExistingConnectionsContinue() throws {
        let server = MicroHTTPDServer { call in call.whenComplete { call.server.queue("ok", on: call.connection) } }
        defer { server.stop() }
        let existing = server.connect()
        try server.loop.run(until: "the connection to be accepted") { server.connectionCount == 1 }

        #expect(MHD_quiesce_daemon(server.daemon) == server.listener.descriptor)
        let late = server.connect()
        late.send(request)
        existing.send(request)
        try server.loop.run(until: "the reply") { existing.body == "ok" }
        server.loop.settle()
        #expect(server.connectionCount == 1)
        #expect(late.received.isEmpty)

        close(server.listener.descriptor)
        try server.loop.run(until: "the late connection to end") { late.hasEnded }
        #expect(!existing.hasEnded)
    }

    /// Fact: a daemon whose connections have all been resumed and run stops cleanly and completes their requests. The
    /// runtime's shutdown does it in this order.
    @Test func stoppingAfterEveryConnectionWasResumedIsClean() throws {
        let server = MicroHTTPDServer { call in
            call.server.queueStream(on: call.connection) {
                call.server.suspend(call.connection)
                return .nothingYet
            }
        }
        let clients = (0..<3).map { _ in server.connect() }
        for client in clients { client.send(request) }
        try server.loop.run(until: "three suspensions") { server.suspended.count == 3 }
        server.stop()
        try server.loop.run(until: "every connection to end") { clients.allSatisfy(\.hasEnded) }
        #expect(server.events.filter { $0 == .contentReaderFreed }.count == 3)
        #expect(server.events.filter { $0 == .requestCompleted(.REQUEST_TERMINATED_WITH_ERROR) }.count == 3)
        #expect(server.events.filter { $0 == .connectionClosed(descriptorWasOpen: true) }.count == 3)
    }

    /// Fact: stopping with one suspended connection aborts the process, which is why the order above matters.
    @Test func stoppingWithSuspendedConnectionAbortsTheProcess() async {
        await #expect(processExitsWith: .signal(SIGABRT)) {
            let server = MicroHTTPDServer { call in
                call.markAsSeen()
                call.server.suspend(call.connection)
                return .YES
            }
            let client = server.connect()
            client.send("GET / HTTP/1.1\r\nHost: contract\r\n\r\n")
            try server.loop.run(until: "the suspension") { server.suspended.count == 1 }
            MHD_stop_daemon(server.daemon)
        }
    }
}
