import CLinux
import CMicroHTTPD

/// One client's TCP connection, which may carry several requests, one after the other.
///
/// libmicrohttpd does not notice that a client has left while its connection is suspended, which for a proxy of
/// slow answers is nearly always. So our own epoll watches the socket for the peer's leaving.
final class ClientConnection: DescriptorWatcher {
    private let descriptor: Int32
    private let poller: Poller
    private var token: Poller.Token = 0
    /// Latched: the event is edge-triggered and may come before the request that has to know is complete.
    private(set) var peerHasLeft = false
    /// The request under way on this connection.
    weak var request: IncomingRequest?

    init?(_ connection: OpaquePointer, poller: Poller) {
        descriptor = cmhd_connection_socket(connection)
        self.poller = poller
        guard let token = try? poller.add(descriptor, events: EPOLLRDHUP.rawValue | UInt32(EPOLLET.rawValue), self)
        else { return nil }
        self.token = token
    }

    /// libmicrohttpd closes the socket right after this.
    func close() {
        poller.remove(descriptor, token: token)
    }

    func descriptorReady(_ events: UInt32) {
        // A half-closed connection counts as left, as it does for Go's server, which is Ollama's, and for nginx.
        peerHasLeft = true
        request?.peerLeft()
    }
}
