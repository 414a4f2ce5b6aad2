import CLinux
import CMicroHTTPD
import Glibc

/// One client's TCP connection, which may carry several requests, one after the other.
///
/// libmicrohttpd does not notice that a client has left while its connection is suspended, which for a proxy of
/// slow answers is nearly always. So our own epoll watches the socket for the peer's leaving.
final class ClientConnection: DescriptorWatcher {
    private var descriptor: Int32
    private let poller: Poller
    private unowned let server: HTTPServer
    private var token: Poller.Token = 0
    /// Latched: the event is edge-triggered and may come before the request that has to know is complete.
    private(set) var peerHasLeft = false
    /// The request under way on this connection, which is taken out again when it is completed.
    var request: IncomingRequest?

    init?(_ connection: OpaquePointer, server: HTTPServer, poller: Poller) {
        descriptor = cmhd_connection_socket(connection)
        self.server = server
        self.poller = poller
        guard let token = try? poller.add(descriptor, events: EPOLLRDHUP.rawValue | UInt32(EPOLLET.rawValue), self)
        else { return nil }
        self.token = token
    }

    /// libmicrohttpd closes the socket right after this.
    func close() {
        poller.remove(descriptor, token: token)
        descriptor = -1
    }

    /// Ends a connection that will never bring a whole request any more.
    ///
    /// When the end of a connection is already there as its last bytes are read, libmicrohttpd's edge-triggered
    /// epoll does not report it again, and the connection would be kept until it has been idle for too long.
    /// - Returns: whether it was ended.
    func endIfNothingIsDue() -> Bool {
        guard descriptor >= 0, request.map({ $0.phase == .receiving }) ?? true else { return false }
        return shutdown(descriptor, Int32(SHUT_RDWR)) == 0
    }

    func descriptorReady(_ events: UInt32) {
        // A half-closed connection counts as left, as it does for Go's server, which is Ollama's, and for nginx.
        peerHasLeft = true
        request?.peerLeft()
        server.peerHasLeft(self)
    }
}
