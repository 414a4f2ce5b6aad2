import CCurlShim
import Testing

/// What the loop relies on when it cancels a transfer whose host name is still being looked up.
@Suite(.timeLimit(.minutes(1)))
struct CurlCancellationTests {
    /// Fact: with QUICK_EXIT, removing a transfer does not wait for the resolver's thread. Without it, one client that
    /// leaves during a slow look-up would stop every other client's stream.
    @Test func removingTransferDoesNotWaitForItsNameToBeLookedUp() {
        let loop = EventLoop()
        let transfers = CurlTransfers(loop: loop)
        let transfer = CurlTransfer(url: "http://\(HeldLookup.name)/")
        #expect(transfers.start(transfer) == CURLM_OK)
        loop.settle()
        #expect(HeldLookup.waitForBeginning(), "libcurl must look the name up through the function that holds it")

        #expect(transfers.remove(transfer) == CURLM_OK)
        #expect(!HeldLookup.hasEnded, "the look-up was still going on when the call returned")
        #expect(transfers.watchedSockets.isEmpty)
        #expect(HeldLookup.letGo())
        #expect(transfer.result == nil)
    }
}
