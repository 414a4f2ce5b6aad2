import CCurlShim
import Testing

/// What goes over the wire as a request, and what the result says about the reply.
@Suite(.timeLimit(.minutes(10)))
struct CurlMessageTests {
    private let loop = EventLoop()

    /// Fact: a chunked reply that is broken off is an error. The bytes before the break have been delivered.
    @Test func chunkedReplyThatIsBrokenOffIsAnError() throws {
        let upstream = ScriptedUpstream(loop: loop) {
            $0.connection.beginChunkedReply("first")
            $0.connection.close()
        }
        let transfer = CurlTransfer(to: upstream)
        #expect(try CurlTransfers(loop: loop).perform(transfer) == CURLE_PARTIAL_FILE)
        #expect(transfer.text == "first")
    }

    /// Fact: so is a reply shorter than its Content-Length.
    @Test func replyShorterThanItsContentLengthIsAnError() throws {
        let upstream = ScriptedUpstream(loop: loop) {
            $0.connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfirst")
            $0.connection.close()
        }
        let transfer = CurlTransfer(to: upstream)
        #expect(try CurlTransfers(loop: loop).perform(transfer) == CURLE_PARTIAL_FILE)
        #expect(transfer.text == "first")
    }

    /// Fact: a reply delimited by the end of its connection is CURLE_OK wherever it is broken off. The runtime never
    /// concludes from the result that a reply is complete; it waits for the protocol's own end.
    @Test func replyDelimitedByTheEndOfTheConnectionIsNeverAnError() throws {
        let upstream = ScriptedUpstream(loop: loop) {
            $0.connection.send("HTTP/1.1 200 OK\r\n\r\nfirst half of")
            $0.connection.close()
        }
        let transfer = CurlTransfer(to: upstream)
        #expect(try CurlTransfers(loop: loop).perform(transfer) == CURLE_OK)
        #expect(transfer.text == "first half of")
    }

    /// Fact: an upstream that ends a new connection without any byte is an error of its own.
    @Test func connectionThatEndsWithoutReplyIsAnError() throws {
        let upstream = ScriptedUpstream(loop: loop) { $0.connection.close() }
        #expect(try CurlTransfers(loop: loop).perform(CurlTransfer(to: upstream)) == CURLE_GOT_NOTHING)
        #expect(upstream.requests.count == 1, "only a kept connection is replaced and tried again")
    }

    /// Fact: where a URL is given as text and in parts, the parts are what is asked for, and stay as they are. The runtime
    /// gives both, and the same parts to all transfers, also to several at once.
    @Test func partsOfAURLAreAskedForAndStay() throws {
        let upstream = ScriptedUpstream(loop: loop) { $0.connection.reply("hello") }
        let transfers = CurlTransfers(loop: loop)
        let parts = curl_url()
        defer { curl_url_cleanup(parts) }
        #expect(curl_url_set(parts, CURLUPART_URL, upstream.url + "a/b?c=d", 0) == CURLUE_OK)
        let both = [CurlTransfer(to: upstream, path: "text"), CurlTransfer(to: upstream, path: "text")]
        for transfer in both {
            #expect(ccurl_set_url_parts(transfer.easy, parts) == CURLE_OK)
            #expect(transfers.start(transfer) == CURLM_OK)
        }
        try loop.run(until: "both to finish") { both.allSatisfy { $0.result == CURLE_OK } }
        for transfer in both {
            transfers.remove(transfer)
            transfer.reset(url: upstream.url + "text")
            #expect(ccurl_set_url_parts(transfer.easy, parts) == CURLE_OK)
            #expect(try transfers.perform(transfer) == CURLE_OK)
        }
        #expect(upstream.requests.count == 4)
        for request in upstream.requests { #expect(request.head.hasPrefix("GET /a/b?c=d HTTP/1.1\r\n")) }
    }

    /// Fact: libcurl does not copy POSTFIELDS but reads them when it sends. The runtime keeps the request's bytes until
    /// the transfer is removed, and can send the same ones again to the next model.
    @Test func postFieldsAreReadWhenTheyAreSent() throws {
        let upstream = ScriptedUpstream(loop: loop) { $0.connection.reply("hello") }
        let transfers = CurlTransfers(loop: loop)
        let body = UnsafeMutableRawBufferPointer.allocate(byteCount: 6, alignment: 1)
        defer { body.deallocate() }
        body.copyBytes(from: "before".utf8)
        let transfer = CurlTransfer(to: upstream)
        transfer.post(UnsafeRawBufferPointer(body))
        body.copyBytes(from: "after!".utf8)
        #expect(try transfers.perform(transfer) == CURLE_OK)
        #expect(upstream.requests.first?.body == "after!")
    }

    /// Fact: once the last byte of a body has been sent, libcurl says so, whether the body went with the head or in pieces, and
    /// does not read it again while the answer comes. The runtime gives a prompt's memory back while its answer streams.
    @Test(arguments: [6, 1_200_000])
    func sentBodyIsReadNoMore(size: Int) throws {
        let upstream = ScriptedUpstream(loop: loop) { $0.connection.beginChunkedReply("first") }
        let transfers = CurlTransfers(loop: loop)
        let body = UnsafeMutableRawBufferPointer.body(of: size)
        let transfer = CurlTransfer(to: upstream)
        transfer.addHeader("Expect:")
        transfer.post(UnsafeRawBufferPointer(body))
        #expect(transfers.start(transfer) == CURLM_OK)
        try loop.run(until: "the first bytes") { transfer.text == "first" }
        #expect(transfer.sentBodyCount == size)
        // AddressSanitizer reports any read of it now.
        body.deallocate()
        upstream.connections[0].sendChunk("second")
        upstream.connections[0].endChunkedReply()
        try loop.run(until: "the transfer to finish") { transfer.result != nil }
        #expect(transfer.result == CURLE_OK)
        #expect(transfer.text == "firstsecond")
    }

    /// Fact: an answer may come before the body has been sent, and the count says that too.
    @Test func bodyIsStillReadWhileAnEarlyAnswerComes() throws {
        let body = UnsafeMutableRawBufferPointer.body(of: 64 << 20)
        defer { body.deallocate() }
        let upstream = ScriptedUpstream(loop: loop)
        let transfers = CurlTransfers(loop: loop)
        let transfer = CurlTransfer(to: upstream)
        transfer.addHeader("Expect:")
        transfer.post(UnsafeRawBufferPointer(body))
        var sentCount: Int?
        transfer.onBytes = { _ in
            sentCount = sentCount ?? transfer.sentBodyCount
            return .everything
        }
        #expect(transfers.start(transfer) == CURLM_OK)
        try loop.run(until: "the header block") { upstream.firstHead != nil }
        upstream.connections[0].beginChunkedReply("first")
        try loop.run(until: "the first bytes") { transfer.text == "first" }
        #expect(try #require(sentCount) < body.count)
        transfers.remove(transfer)
    }

    /// Fact: a body of more than 1 MB is sent at once if the Expect header is emptied; otherwise libcurl first asks for
    /// 100-continue, which costs a round trip or, with a server that does not answer it, a second.
    @Test(arguments: [true, false])
    func largeBodyIsAnnouncedWithExpectUnlessTheHeaderIsEmptied(headerIsEmptied: Bool) throws {
        let upstream = ScriptedUpstream(loop: loop) { $0.connection.reply("hello") }
        let transfers = CurlTransfers(loop: loop)
        let body = UnsafeMutableRawBufferPointer.body(of: 1_200_000)
        defer { body.deallocate() }
        let transfer = CurlTransfer(to: upstream)
        if headerIsEmptied { transfer.addHeader("Expect:") }
        transfer.post(UnsafeRawBufferPointer(body))
        #expect(transfers.start(transfer) == CURLM_OK)
        try loop.run(until: "the header block") { upstream.firstHead != nil }
        let announces = try #require(upstream.firstHead).lowercased().contains("expect: 100-continue")
        #expect(announces != headerIsEmptied)
        if headerIsEmptied {
            try loop.run(until: "the transfer to finish") { transfer.result == CURLE_OK }
            #expect(upstream.requests[0].body.utf8.count == body.count)
        } else {
            transfers.remove(transfer)
        }
    }

    /// Fact: no Accept-Encoding is sent unless asked for. A compressed stream could not be paused with flat memory.
    @Test func noCompressionIsAskedFor() throws {
        let upstream = ScriptedUpstream(loop: loop) { $0.connection.reply("hello") }
        #expect(try CurlTransfers(loop: loop).perform(CurlTransfer(to: upstream)) == CURLE_OK)
        #expect(upstream.requests.first?.head.lowercased().contains("accept-encoding") == false)
    }
}
