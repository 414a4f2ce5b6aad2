import CCurlShim
import Glibc
import Testing

/// What the loop relies on when it cancels a transfer whose host name is still being looked up.
@Suite(.timeLimit(.minutes(10)))
struct CurlCancellationTests {
    /// Fact: with QUICK_EXIT, removing a transfer does not wait for the resolver's thread. Without it, one client that
    /// leaves during a slow look-up would stop every other client's stream.
    @Test(.enabled(if: HeldLookup.isPossible, "names are not looked up by \"files dns\" alone"))
    func removingTransferDoesNotWaitForItsNameToBeLookedUp() async {
        await #expect(processExitsWith: .success) {
            // A library that waits for the look-up waits for ever: then this ends the process, and so fails the test.
            alarm(15)
            let lookup = HeldLookup()
            let loop = EventLoop()
            let transfers = CurlTransfers(loop: loop)
            let transfer = CurlTransfer(url: "http://\(HeldLookup.name)/")
            #expect(transfers.start(transfer) == CURLM_OK)
            loop.settle()
            let hold = lookup.waitUntilBegun()

            #expect(transfers.remove(transfer) == CURLM_OK)
            #expect(transfers.watchedSockets.isEmpty)
            #expect(transfer.result == nil)
            close(hold)
        }
    }
}
