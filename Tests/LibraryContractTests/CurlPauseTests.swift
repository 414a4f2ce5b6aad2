import CCurlShim
import Testing

/// What back-pressure relies on: a slow client slows the upstream down, and memory stays flat.
@Suite(.timeLimit(.minutes(10)))
struct CurlPauseTests {
    private let loop = EventLoop()

    /// Fact: CURL_WRITEFUNC_PAUSE consumes nothing, and `curl_easy_pause(CONT)` delivers the same bytes again before it
    /// returns. The runtime unpauses only from its deferred queue, where a write callback is welcome.
    @Test func pausedBytesAreDeliveredAgainInsideTheUnpausingCall() throws {
        let upstream = ScriptedUpstream(loop: loop) { $0.connection.beginChunkedReply("first") }
        let transfers = CurlTransfers(loop: loop)
        let transfer = CurlTransfer(to: upstream)
        var offered: [String] = []
        var isPausing = true
        transfer.onBytes = { bytes in
            offered.append(bytes)
            return isPausing ? .pause : .everything
        }
        #expect(transfers.start(transfer) == CURLM_OK)
        try loop.run(until: "the first bytes") { offered == ["first"] }
        #expect(transfer.received.isEmpty)

        isPausing = false
        #expect(transfer.unpause() == CURLE_OK)
        #expect(offered == ["first", "first"])
        #expect(transfer.text == "first")

        upstream.connections[0].sendChunk("second")
        upstream.connections[0].endChunkedReply()
        try loop.run(until: "the transfer to finish") { transfer.result != nil }
        #expect(transfer.result == CURLE_OK)
        #expect(transfer.text == "firstsecond")
    }

    /// Fact: while a transfer is paused its socket is not watched, so TCP holds the upstream back, nothing wakes the
    /// loop, and an upstream that dies is noticed only after unpausing.
    @Test func pausedTransferIsNotWatchedAndNoticesTheEndOnlyAfterUnpausing() throws {
        let upstream = ScriptedUpstream(loop: loop) { $0.connection.beginChunkedReply("first") }
        let transfers = CurlTransfers(loop: loop)
        let transfer = CurlTransfer(to: upstream)
        var isPausing = true
        var offers = 0
        transfer.onBytes = { _ in
            offers += 1
            return isPausing ? .pause : .everything
        }
        #expect(transfers.start(transfer) == CURLM_OK)
        try loop.run(until: "the pause") { offers == 1 && transfers.watchedSockets.isEmpty }

        upstream.connections[0].sendChunk("second")
        upstream.connections[0].close()
        loop.settle()
        #expect(offers == 1)
        #expect(transfers.watchedSockets.isEmpty)
        #expect(transfer.result == nil)

        isPausing = false
        #expect(transfer.unpause() == CURLE_OK)
        try loop.run(until: "the transfer to finish") { transfer.result != nil }
        #expect(transfer.result == CURLE_PARTIAL_FILE)
        #expect(transfer.text == "firstsecond")
    }

    /// Fact: a paused transfer can be removed. A client that leaves while the upstream is held back cancels this way.
    @Test func pausedTransferCanBeRemoved() throws {
        let upstream = ScriptedUpstream(loop: loop) { $0.connection.beginChunkedReply("first") }
        let transfers = CurlTransfers(loop: loop)
        let transfer = CurlTransfer(to: upstream)
        var offers = 0
        transfer.onBytes = { _ in
            offers += 1
            return .pause
        }
        #expect(transfers.start(transfer) == CURLM_OK)
        try loop.run(until: "the pause") { offers == 1 && transfers.watchedSockets.isEmpty }
        #expect(transfers.remove(transfer) == CURLM_OK)
        try loop.run(until: "the upstream connection to end") { upstream.openConnections == 0 }
        #expect(offers == 1)
        #expect(transfer.result == nil)
    }
}
