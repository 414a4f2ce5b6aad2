import CLinux
import CMicroHTTPD
import Glibc
import Testing

/// How a client that leaves is noticed: by libmicrohttpd less often than one would think.
@Suite(.timeLimit(.minutes(10)))
struct MicroHTTPDDepartureTests {
    private let request = "GET / HTTP/1.1\r\nHost: contract\r\n\r\n"

    /// Fact: libmicrohttpd takes a suspended connection out of its epoll and never learns that the client left, while
    /// an edge-triggered watch of our own on the same descriptor does. Without it the runtime would go on paying for
    /// tokens that nobody reads.
    @Test func departureDuringSuspensionIsSeenOnlyByOurOwnWatch() throws {
        let server = MicroHTTPDServer(handler: suspendFirstThenClose)
        defer { server.stop() }
        var departures = 0
        watchForDeparture(of: server) { _ in departures += 1 }
        let client = server.connect()
        client.send(request)
        try server.loop.run(until: "the suspension") { server.suspended.count == 1 }
        #expect(departures == 0)

        client.close()
        try server.loop.run(until: "our own watch to report") { departures == 1 }
        for _ in 0..<10 { server.runOnce() }
        #expect(server.events == [.connectionStarted], "libmicrohttpd has noticed nothing")
        #expect(server.connectionCount == 1)

        server.suspended.forEach(server.resume)
        try server.loop.run(until: "the connection to be closed") {
            server.events.last == .connectionClosed(descriptorWasOpen: true)
        }
    }

    /// Fact: a departure before the request is complete reaches our edge-triggered watch once, and suspending later
    /// brings no second report. The runtime latches it on the connection and looks when it suspends.
    @Test func departureBeforeSuspensionIsReportedOnlyOnce() throws {
        let server = MicroHTTPDServer(handler: suspendFirstThenClose)
        defer { server.stop() }
        var departures = 0
        watchForDeparture(of: server) { _ in departures += 1 }
        let client = server.connect()
        client.send(request)
        client.finishSending()
        try server.loop.run(until: "our own watch to report") { departures == 1 }
        try server.loop.run(until: "the suspension") { server.suspended.count == 1 }
        server.loop.settle()
        #expect(departures == 1)
    }

    /// Fact: a client that sends part of a request and leaves before libmicrohttpd reads is not noticed. A short read
    /// counts as "nothing more to read", and the edge for the end of the stream came with that of the data. Our own
    /// watch does report it, and shutting the socket down makes libmicrohttpd close the connection.
    @Test(arguments: [
        "GET / HT", "POST / HTTP/1.1\r\nHost: contract\r\nContent-Length: 100\r\n\r\nincomplete",
    ])
    func departureRightAfterPartOfRequestIsSeenOnlyByOurOwnWatch(part: String) throws {
        let server = MicroHTTPDServer(handler: swallowBody)
        defer { server.stop() }
        var departed: [CInt] = []
        watchForDeparture(of: server) { departed.append($0) }
        let client = server.connect()
        client.send(part)
        client.close()
        try server.loop.run(until: "our own watch to report") { departed.count == 1 }
        server.loop.settle()
        for _ in 0..<10 { server.runOnce() }
        #expect(server.connectionCount == 1)

        shutdown(departed[0], CInt(SHUT_RDWR))
        try server.loop.run(until: "the connection to be closed") {
            server.events.last == .connectionClosed(descriptorWasOpen: true)
        }
    }

    /// Fact: without that shutdown the idle limit removes such a connection. The runtime therefore always sets one, or
    /// clients that break off would use up the connection limit.
    @Test func idleLimitRemovesConnectionThatLeftRightAfterPartOfRequest() throws {
        let server = MicroHTTPDServer(idleTimeoutSeconds: 1, handler: swallowBody)
        defer { server.stop() }
        let client = server.connect()
        client.send("GET / HT")
        client.close()
        try server.loop.run(until: "the connection to be closed") {
            server.events.last == .connectionClosed(descriptorWasOpen: true)
        }
    }

    private var suspendFirstThenClose: (HandlerCall) -> MHD_Result {
        { call in
            guard call.isFirst else { return .NO }
            call.markAsSeen()
            call.server.suspend(call.connection)
            return .YES
        }
    }

    private var swallowBody: (HandlerCall) -> MHD_Result {
        { call in
            call.markAsSeen()
            call.uploadSize.pointee = 0
            return .YES
        }
    }

    private func watchForDeparture(of server: MicroHTTPDServer, onDeparture: @escaping (CInt) -> Void) {
        let loop = server.loop
        server.onConnectionStarted = { connection, _ in
            let descriptor = cmhd_connection_socket(connection)
            loop.watch(descriptor, for: EPOLLRDHUP.rawValue | EPOLLET.rawValue) { _ in onDeparture(descriptor) }
        }
        server.onConnectionClosed = { connection, _ in loop.unwatch(cmhd_connection_socket(connection)) }
    }
}
