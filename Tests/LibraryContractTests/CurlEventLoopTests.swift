import CCurlShim
import Testing

/// What the loop relies on to drive libcurl.
@Suite(.timeLimit(.minutes(10)))
struct CurlEventLoopTests {
    private let loop = EventLoop()

    /// Fact: the library accepts every option that the runtime sets, and looks names up on a thread of its own.
    @Test func everyOptionIsSupportedAndNamesAreLookedUpInTheBackground() {
        let transfer = CurlTransfer(url: "http://127.0.0.1:1/")
        transfer.addHeader("Expect:")
        #expect(transfer.settingResults.allSatisfy { $0 == CURLE_OK })
        let features = curl_version_info(CURLVERSION_FIRST).pointee.features
        #expect(features & CURL_VERSION_ASYNCHDNS != 0)
    }

    /// Fact: adding a transfer arms the timer, and then the socket and timer callbacks are all it takes to finish it
    /// with `curl_multi_socket_action`: no polling, no first push.
    @Test func socketAndTimerCallbacksDriveTransferToItsEnd() throws {
        let upstream = ScriptedUpstream(loop: loop) { $0.connection.reply("hello") }
        let transfers = CurlTransfers(loop: loop)
        let transfer = CurlTransfer(to: upstream)
        #expect(transfers.start(transfer) == CURLM_OK)
        #expect(!transfers.timerRequests.isEmpty)
        try loop.run(until: "the transfer to finish") { transfer.result != nil }
        #expect(transfer.result == CURLE_OK)
        #expect(transfer.status == 200)
        #expect(transfer.text == "hello")
    }

    /// Fact: a timer of zero asks for a call soon, not inside the callback: there every multi call is refused. The
    /// runtime stores a deadline and nothing else.
    @Test func timerCallbackMayNotCallBackIntoTheMulti() throws {
        let upstream = ScriptedUpstream(loop: loop) { $0.connection.reply("hello") }
        let transfers = CurlTransfers(loop: loop)
        var outcomes: [CURLMcode] = []
        transfers.onTimerRequest = { [unowned transfers] _ in
            var runningTransfers: CInt = 0
            outcomes.append(curl_multi_socket_action(transfers.multi, CURL_SOCKET_BAD, 0, &runningTransfers))
        }
        let transfer = CurlTransfer(to: upstream)
        #expect(transfers.start(transfer) == CURLM_OK)
        #expect(transfers.timerRequests.first == 0)
        #expect(transfers.watchedSockets.isEmpty, "nothing has started yet")
        #expect(!outcomes.isEmpty)
        #expect(outcomes.allSatisfy { $0 == CURLM_RECURSIVE_API_CALL })
        transfers.onTimerRequest = { _ in }
        try loop.run(until: "the transfer to finish") { transfer.result != nil }
        #expect(transfer.result == CURLE_OK)
    }

    /// Fact: inside a write callback transfers can be neither added nor removed. The runtime starts and cancels them
    /// through its deferred queue.
    @Test func transfersCanBeNeitherAddedNorRemovedInsideWriteCallback() throws {
        let upstream = ScriptedUpstream(loop: loop) { $0.connection.reply("hello") }
        let transfers = CurlTransfers(loop: loop)
        let transfer = CurlTransfer(to: upstream)
        let other = CurlTransfer(to: upstream)
        var outcomes: [CURLMcode] = []
        transfer.onBytes = { [unowned transfer] _ in
            outcomes.append(curl_multi_add_handle(transfers.multi, other.easy))
            outcomes.append(curl_multi_remove_handle(transfers.multi, transfer.easy))
            return .everything
        }
        #expect(try transfers.perform(transfer) == CURLE_OK)
        #expect(outcomes == [CURLM_RECURSIVE_API_CALL, CURLM_RECURSIVE_API_CALL])
    }
}
