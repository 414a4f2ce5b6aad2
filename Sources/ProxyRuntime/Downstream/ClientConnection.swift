import CLinux
import CMicroHTTPD
import Glibc
import OllamaProxy

/// One client's TCP connection, which may carry several requests, one after the other.
///
/// libmicrohttpd does not notice that a client has left while its connection is suspended, which for a proxy of
/// slow answers is nearly always. So our own epoll watches the socket for the peer's leaving. Nor does it bound the time
/// that a request takes to come as long as now and then a byte does, so that is done here as well.
final class ClientConnection: DescriptorWatcher, TimerTarget {
    private var descriptor: Int32
    private let loop: EventLoop
    private unowned let server: HTTPServer
    private var token: Poller.Token = 0
    let address: IPAddress?
    /// Of the request whose head is coming.
    var target: RequestLineTarget?
    private var timer: TimerHandle!
    /// When the head of the next request must have come.
    private var headDeadline: Instant
    private var isFirstRequest = true
    /// When it was last seen that a body comes fast enough, and how many bytes of it had come by then.
    private var pace = (begun: Instant.never, received: 0)
    /// Whether the connection ends with a reply although its client may be sending still.
    var lingers = false
    /// Latched: the event is edge-triggered and may come before the request that has to know is complete.
    private(set) var peerHasLeft = false
    /// The request under way on this connection, which is taken out again when it is completed.
    private(set) var request: IncomingRequest?

    /// - Returns: nil when the system can watch no more sockets.
    init?(_ connection: OpaquePointer, server: HTTPServer, loop: EventLoop) {
        descriptor = cmhd_connection_socket(connection)
        address = IPAddress(cmhd_client_address(connection))
        self.server = server
        self.loop = loop
        headDeadline = loop.now.monotonic + server.settings.limits.headerTimeout
        let events = EPOLLRDHUP.rawValue | UInt32(EPOLLET.rawValue)
        guard let token = try? loop.poller.add(descriptor, events: events, self) else { return nil }
        self.token = token
        timer = loop.timers.register(self)
        loop.timers.update(timer, deadline: deadline)
    }

    /// libmicrohttpd closes the socket right after this.
    func close() {
        loop.timers.unregister(timer)
        loop.poller.remove(descriptor, token: token)
        descriptor = -1
    }

    /// Lets the client read its last reply to the end, where it may be sending still. To be called before `close`.
    /// - Parameter ended: told once, when nothing is to be waited for any more.
    func linger(ended: @escaping (LingeringClose) -> Void) -> LingeringClose? {
        guard lingers, descriptor >= 0, !peerHasLeft else { return nil }
        return LingeringClose(descriptor, loop: loop, ended: ended)
    }

    /// The head of a request has come.
    func began(_ request: IncomingRequest) {
        self.request = request
        pace = (loop.now.monotonic, 0)
        loop.timers.update(timer, deadline: deadline)
    }

    /// The request and its reply are over; another may follow on the same connection.
    func completed(_ request: IncomingRequest) {
        guard self.request === request else { return }
        self.request = nil
        isFirstRequest = false
        headDeadline = loop.now.monotonic + Self.longestPause
        loop.timers.update(timer, deadline: deadline)
    }

    // MARK: Slow requests

    /// From the end of one request to the head of the next: the time that libmicrohttpd lets a silent connection live, and
    /// one minute.
    private static let longestPause = HTTPServer.idleTime + .minutes(1)

    /// The latest moment for what is still to come of a request; nil while nothing is.
    var deadline: Instant? {
        guard let request else { return headDeadline }
        guard request.phase == .receiving else { return nil }
        return pace.begun + server.settings.limits.bodyTimeout
    }

    /// The client is told, where it may be waiting for an answer, and the connection ends. libmicrohttpd takes no reply
    /// while a request is still coming, and has written nothing, so these bytes are the only ones.
    func deadlineReached() {
        guard descriptor >= 0 else { return }
        if let request, keepsPace(request) { return loop.timers.update(timer, deadline: deadline) }
        if request != nil || isFirstRequest {
            send(status: 408, reason: "Request Timeout", message: "the request took too long to come")
        }
        server.requestTookTooLong(self)
        shutDown()
    }

    /// Whether enough has come since the last look for the body to be let go on. What a client has sent before earns it no
    /// time: a large upload that stalls holds its memory no longer than a small one.
    private func keepsPace(_ request: IncomingRequest) -> Bool {
        let due = server.settings.limits.bodyTimeout.secondsRoundedUp * ServerLimits.slowestBody
        guard request.receivedCount - pace.received >= due else { return false }
        pace = (loop.now.monotonic, request.receivedCount)
        return true
    }

    private func send(status: Int, reason: String, message: String) {
        let path = request?.path ?? ""
        let body = Route.errors(ofPath: path).body(status: status, message: message).text
        request?.wasAnswered(status: status)
        let identity = request.map { "X-Request-Id: \($0.id)\r\n" } ?? ""
        let reply =
            "HTTP/1.1 \(status) \(reason)\r\nContent-Type: \(MediaType.json)\r\n\(identity)"
            + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
        _ = reply.withCString { Glibc.send(descriptor, $0, strlen($0), Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)) }
    }

    /// A line between two chunks that fills the whole buffer is one that libmicrohttpd can neither read nor refuse.
    /// It is then called again at once, for ever.
    /// - Parameter look: one more than at the look before, if nothing has come to rest since.
    /// - Returns: whether there was something to read at both, and nothing was read between them.
    func isStuck(look: Int) -> Bool {
        guard descriptor >= 0, let request, request.phase == .receiving, request.head.isChunked else { return false }
        var byte: UInt8 = 0
        guard recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) > 0 else { return false }
        let before = request.lastLook
        request.lastLook = (look, request.receivedCount)
        return before?.look == look - 1 && before?.receivedCount == request.receivedCount
    }

    /// Ends a connection that is stuck.
    func endStuck() {
        send(status: 400, reason: "Bad Request", message: "a line between two chunks is too long")
        shutDown()
    }

    // MARK: Leaving

    /// Ends a connection that will never bring a whole request any more.
    ///
    /// When the end of a connection is already there as its last bytes are read, libmicrohttpd's edge-triggered
    /// epoll does not report it again, and the connection would be kept until it has been idle for too long.
    /// - Returns: whether it was ended.
    func endIfNothingIsDue() -> Bool {
        guard descriptor >= 0, request.map({ $0.phase == .receiving }) ?? true else { return false }
        return shutdown(descriptor, Int32(SHUT_RDWR)) == 0
    }

    /// Makes the connection one over which nothing goes any more, in either direction.
    func shutDown() {
        if descriptor >= 0 { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    func descriptorReady(_ events: UInt32) {
        // Shutting down a socket that is not connected any more is an event of its own, and would lead here for ever.
        guard !peerHasLeft else { return }
        // A half-closed connection counts as left, as it does for Go's server, which is Ollama's, and for nginx.
        peerHasLeft = true
        request?.peerLeft()
        server.peerHasLeft(self)
    }
}
