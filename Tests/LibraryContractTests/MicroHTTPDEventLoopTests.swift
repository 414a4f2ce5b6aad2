import CLinux
import CMicroHTTPD
import Glibc
import Testing

/// What the loop relies on to know when libmicrohttpd wants the processor.
@Suite(.timeLimit(.minutes(10)))
struct MicroHTTPDEventLoopTests {
    /// Fact: the daemon's epoll descriptor can be watched by another epoll; level-triggered, it stays ready until
    /// `MHD_run` has taken what was there, and then becomes quiet. The runtime's loop sleeps on that one descriptor for
    /// all clients.
    @Test func epollDescriptorNestsLevelTriggeredInOurEpoll() {
        let server = MicroHTTPDServer { call in call.whenComplete { call.server.queue("done", on: call.connection) } }
        defer { server.stop() }
        let outer = epoll_create1(CInt(EPOLL_CLOEXEC))
        defer { close(outer) }
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        epoll_ctl(outer, EPOLL_CTL_ADD, server.epollDescriptor, &event)
        #expect(epoll_wait(outer, &event, 1, 0) == 0)

        _ = server.connect()
        #expect(epoll_wait(outer, &event, 1, 15_000) == 1)
        #expect(epoll_wait(outer, &event, 1, 0) == 1, "still ready: nobody has run the daemon")
        var wakes = 0
        while wakes < 10, epoll_wait(outer, &event, 1, 0) == 1 {
            server.runWhileDue()
            wakes += 1
        }
        #expect(server.connectionCount == 1)
        #expect(wakes < 10, "a quiet client must not keep the loop awake")
    }

    /// Fact: the client descriptors inside the daemon's epoll are edge-triggered, so one `MHD_run` may leave work that
    /// no descriptor announces; only `MHD_get_timeout` says zero. The runtime therefore loops until it no longer does.
    @Test func oneRunForEachWakeIsNotEnough() throws {
        var pieces = 0
        let server = MicroHTTPDServer { call in
            call.server.queueStream(on: call.connection) {
                pieces += 1
                return pieces > 20 ? .endOfStream : .bytes("piece \(pieces);")
            }
        }
        defer { server.stop() }
        let client = server.connect()
        try server.loop.run(until: "the connection to be accepted") { server.connectionCount == 1 }
        client.send("GET / HTTP/1.1\r\nHost: contract\r\n\r\n")
        try waitUntilReadable(server.epollDescriptor)

        server.runOnce()
        #expect(pieces < 20, "one run does not finish the reply")
        #expect(!isReadable(server.epollDescriptor), "and no descriptor will wake us for the rest")
        #expect(server.timeout == .zero, "but libmicrohttpd says that it wants to run")

        server.runWhileDue()
        #expect(server.timeout != .zero)
        try server.loop.run(until: "the whole reply") { client.text.hasSuffix("0\r\n\r\n") }
        #expect(client.body.contains("piece 20;"))
    }

    /// Fact: without an idle limit a quiet daemon has no deadline, so the loop may sleep until a descriptor is ready.
    @Test func quietDaemonAsksForNoWakeUp() throws {
        let server = MicroHTTPDServer { call in call.whenComplete { call.server.queue("done", on: call.connection) } }
        defer { server.stop() }
        let client = server.connect()
        client.send("GET / HTTP/1.1\r\nHost: contract\r\n\r\n")
        try server.loop.run(until: "the reply") { client.body == "done" }
        #expect(server.connectionCount == 1)
        #expect(server.timeout == nil)
    }

    /// Fact: `MHD_DAEMON_INFO_CURRENT_CONNECTIONS` counts open connections. The shutdown waits for it to reach zero.
    @Test func currentConnectionsAreCounted() throws {
        let server = MicroHTTPDServer { call in call.whenComplete { call.server.queue("done", on: call.connection) } }
        defer { server.stop() }
        #expect(server.connectionCount == 0)
        let clients = [server.connect(), server.connect()]
        try server.loop.run(until: "two connections") { server.connectionCount == 2 }
        clients[0].close()
        try server.loop.run(until: "one connection") { server.connectionCount == 1 }
        clients[1].close()
        try server.loop.run(until: "no connection") { server.connectionCount == 0 }
    }

    /// Fact: the idle limit does not run while a connection is suspended. A slow model must not cost its client the
    /// connection; the runtime has its own deadlines for that.
    @Test func idleLimitDoesNotRunWhileSuspended() throws {
        let server = MicroHTTPDServer(idleTimeoutSeconds: 1) { call in
            guard call.isFirst else { return call.server.queue("late", on: call.connection) }
            call.markAsSeen()
            call.server.suspend(call.connection)
            return .YES
        }
        defer { server.stop() }
        let waiting = server.connect()
        waiting.send("GET / HTTP/1.1\r\nHost: contract\r\n\r\n")
        try server.loop.run(until: "the suspension") { server.suspended.count == 1 }

        // Connected later, so when it is thrown out the suspended one has been idle for longer than the limit.
        let idle = server.connect()
        try server.loop.run(until: "the idle connection to be closed") { idle.hasEnded }
        #expect(!waiting.hasEnded)
        server.suspended.forEach(server.resume)
        try server.loop.run(until: "the reply") { waiting.body == "late" }
    }

    private func isReadable(_ descriptor: CInt) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&request, 1, 0) == 1
    }

    private func waitUntilReadable(_ descriptor: CInt) throws {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        try #require(poll(&request, 1, 15_000) == 1)
    }
}
