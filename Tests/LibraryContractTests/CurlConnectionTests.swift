import CCurlShim
import Testing

/// What the runtime relies on about the connections that libcurl keeps, closes and opens by itself.
@Suite(.timeLimit(.minutes(10)))
struct CurlConnectionTests {
    private let loop = EventLoop()

    /// Fact: requests one after another use one connection of the multi, so only the first pays for TCP and TLS.
    @Test func requestsOneAfterAnotherUseOneConnection() throws {
        let upstream = ScriptedUpstream(loop: loop) { $0.connection.reply("hello") }
        let transfers = CurlTransfers(loop: loop)
        for _ in 0..<3 {
            #expect(try transfers.perform(CurlTransfer(to: upstream)) == CURLE_OK)
        }
        #expect(upstream.requests.count == 3)
        #expect(upstream.connections.count == 1)
    }

    /// Fact: a handle that was reset counts from 0, also before its next transfer begins, and a GET after a POST has no
    /// body. What the runtime tells of a failure and adds to its figures goes by these counts.
    @Test func handleThatWasResetCountsAnew() throws {
        let upstream = ScriptedUpstream(loop: loop) { $0.connection.reply("hello") }
        let transfers = CurlTransfers(loop: loop)
        let transfer = CurlTransfer(to: upstream)
        let body = UnsafeMutableRawBufferPointer.body(of: 8)
        defer { body.deallocate() }
        transfer.post(UnsafeRawBufferPointer(body))
        #expect(try transfers.perform(transfer) == CURLE_OK)
        #expect(ccurl_received_bytes(transfer.easy) == 5)
        #expect(ccurl_opened_connections(transfer.easy) == 1)
        #expect(ccurl_request_size(transfer.easy) > 0)

        transfer.reset(url: upstream.url)
        #expect(ccurl_received_bytes(transfer.easy) == 0)
        #expect(ccurl_opened_connections(transfer.easy) == 0)
        #expect(ccurl_request_size(transfer.easy) == 0)
        #expect(try transfers.perform(transfer) == CURLE_OK)
        #expect(upstream.requests.last?.head.hasPrefix("GET ") == true)
        #expect(upstream.connections.count == 1, "the handle's connections belong to the multi")
    }

    /// Fact: a handle that was reset repeats requests on dead connections as often as a new one. libcurl 7.88 would
    /// otherwise count the repeats of all its transfers, and fail after the fifth.
    @Test func handleThatWasResetSendsAgainAsOftenAsNew() throws {
        var served: Set<ObjectIdentifier> = []
        let upstream = ScriptedUpstream(loop: loop) { request in
            // The second request on a connection finds it dead.
            if served.insert(ObjectIdentifier(request.connection)).inserted {
                request.connection.reply("hello")
            } else {
                request.connection.close()
            }
        }
        let transfers = CurlTransfers(loop: loop)
        let transfer = CurlTransfer(to: upstream)
        for _ in 0..<10 {
            #expect(try transfers.perform(transfer) == CURLE_OK)
            transfer.reset(url: upstream.url)
        }
        #expect(upstream.connections.count == 10)
    }

    /// Fact: MAXCONNECTS limits how many idle connections stay open after a burst.
    @Test func idleConnectionsAreLimited() throws {
        let upstream = ScriptedUpstream(loop: loop)
        let transfers = CurlTransfers(loop: loop)
        #expect(ccurl_multi_set_max_connects(transfers.multi, 2) == CURLM_OK)
        let burst = (0..<5).map { _ in CurlTransfer(to: upstream) }
        for transfer in burst { #expect(transfers.start(transfer) == CURLM_OK) }
        try loop.run(until: "five requests at once") { upstream.requests.count == 5 }
        #expect(upstream.connections.count == 5)

        for connection in upstream.connections { connection.reply("hello") }
        try loop.run(until: "the transfers to finish") { burst.allSatisfy { $0.result == CURLE_OK } }
        for transfer in burst { transfers.remove(transfer) }
        try loop.run(until: "all but two connections to end") { upstream.openConnections == 2 }
        loop.settle()
        #expect(upstream.openConnections == 2)
    }

    /// Fact: a kept connection that ends before any byte of the reply is replaced, and the request sent again, without
    /// a word. An upstream may thus see one request of the runtime twice.
    @Test func requestOnKeptConnectionThatDiesIsSentAgain() throws {
        let upstream = ScriptedUpstream(loop: loop) { request in
            if !request.head.contains("dies-once") { request.connection.reply("hello") }
        }
        let transfers = CurlTransfers(loop: loop)
        #expect(try transfers.perform(CurlTransfer(to: upstream)) == CURLE_OK)

        let transfer = CurlTransfer(to: upstream, path: "dies-once")
        #expect(transfers.start(transfer) == CURLM_OK)
        try loop.run(until: "the request on the kept connection") { upstream.requests.count == 2 }
        #expect(upstream.connections.count == 1)
        upstream.connections[0].close()
        try loop.run(until: "the request on a new connection") { upstream.requests.count == 3 }
        upstream.connections[1].reply("hello again")
        try loop.run(until: "the transfer to finish") { transfer.result != nil }
        #expect(transfer.result == CURLE_OK)
        #expect(transfer.text == "hello again")
    }

    /// Fact: removing a running transfer closes its connection and leaves no socket watched. The upstream thus learns
    /// that nobody wants the rest of the tokens.
    @Test func removingRunningTransferClosesItsConnection() throws {
        let upstream = ScriptedUpstream(loop: loop) { $0.connection.beginChunkedReply("first") }
        let transfers = CurlTransfers(loop: loop)
        let transfer = CurlTransfer(to: upstream)
        #expect(transfers.start(transfer) == CURLM_OK)
        try loop.run(until: "the first bytes") { transfer.text == "first" }
        #expect(transfers.watchedSockets.count == 1)

        #expect(transfers.remove(transfer) == CURLM_OK)
        #expect(transfers.watchedSockets.isEmpty)
        try loop.run(until: "the upstream connection to end") { upstream.openConnections == 0 }
        #expect(transfer.result == nil, "a removed transfer reports no result")
    }

    /// Fact: the same holds before the first byte of the reply.
    @Test func removingTransferThatWaitsForItsReplyClosesItsConnection() throws {
        let upstream = ScriptedUpstream(loop: loop)
        let transfers = CurlTransfers(loop: loop)
        let transfer = CurlTransfer(to: upstream)
        #expect(transfers.start(transfer) == CURLM_OK)
        try loop.run(until: "the request") { upstream.requests.count == 1 }
        #expect(transfers.remove(transfer) == CURLM_OK)
        #expect(transfers.watchedSockets.isEmpty)
        try loop.run(until: "the upstream connection to end") { upstream.openConnections == 0 }
        #expect(transfer.result == nil)
    }
}
