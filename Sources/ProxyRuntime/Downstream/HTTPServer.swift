import CLinux
import CMicroHTTPD
import Glibc
import OllamaProxy

/// Answers requests.
protocol RequestHandler: AnyObject {
    /// The request's head has come.
    func requestBegan(_ request: IncomingRequest)
    /// The request is complete: reply to it, or make it wait.
    func handle(_ request: IncomingRequest)
    /// The request is over and its reply sent, or given up.
    func requestEnded(_ request: IncomingRequest)
}

/// The server towards the clients: owns libmicrohttpd's daemon and every connection.
final class HTTPServer: DescriptorWatcher {
    struct Settings {
        var connectionLimit: Int
        var limits: ServerLimits
        /// Memory that the process may still take, in bytes.
        var availableMemory = ProcessMemory.available()
        /// What no reply may tell.
        var secret: Secret
    }

    /// A connection on which nothing moves for so long is closed. Does not run while we make a client wait.
    static let idleTime = Span.seconds(300)

    /// After so many connections their memory is given back when most of them are gone.
    private static let crowd = 1000

    /// However busy the clients are, the upstream gets its turn.
    private static let runsPerIteration = 64

    /// Each takes a descriptor.
    private static let mostLingering = 256

    /// How long no connection is accepted while there is no descriptor left.
    private static let shortagePause = Span.seconds(1)

    let settings: Settings
    private let loop: EventLoop
    private let log: Log
    private let shortage: DescriptorShortage
    private unowned let handler: any RequestHandler
    private var daemon: OpaquePointer!
    private let logTarget = UnsafeMutablePointer<cmhd_log_target>.allocate(capacity: 1)
    private var pollerToken: Poller.Token = 0
    private var descriptor: Int32 = -1
    private var requests: [ObjectIdentifier: IncomingRequest] = [:]
    private var needsRun = true
    /// Clients that have left since the daemon last ran.
    private var departed: [ClientConnection] = []
    /// Connections that have ended for us and not for their clients.
    private var lingering: [ObjectIdentifier: LingeringClose] = [:]
    /// How many times in a row the daemon still had work to do.
    private var restlessness = 0
    /// Since memory was last given back.
    private var mostConnections = 0
    private var isQuiesced = false
    /// Whether libmicrohttpd has stopped accepting because there was no descriptor for one more.
    private var wasShort = false
    /// When connections are accepted again; nil while they are.
    private var acceptsAgain: Instant?
    private var connections: ConnectionCounts
    /// When it was last said that an address has too many connections.
    private var refusalLogged: Instant?
    private var identities: RequestIdentities
    /// Bytes of all replies' bodies so far.
    var sentBytes = 0
    var bodies: BodyBudget

    init(
        _ socket: consuming ListeningSocket, loop: EventLoop, settings: Settings, log: Log,
        shortage: DescriptorShortage, handler: any RequestHandler
    ) throws {
        self.settings = settings
        self.loop = loop
        self.log = log
        self.shortage = shortage
        self.handler = handler
        identities = RequestIdentities(secret: settings.secret)
        bodies = BodyBudget(available: settings.availableMemory)
        connections = ConnectionCounts(limit: settings.limits.connectionsPerAddress)
        let context = Unmanaged.passUnretained(self).toOpaque()
        logTarget.initialize(to: cmhd_log_target(write: logMicroHTTPD, context: context))
        var daemonSettings = cmhd_daemon_settings()
        // From here on libmicrohttpd closes the socket, until `quiesce` takes it back.
        daemonSettings.listen_socket = socket.descriptor.release()
        daemonSettings.connection_limit = UInt32(settings.connectionLimit)
        daemonSettings.connection_memory = settings.limits.header
        daemonSettings.idle_timeout_seconds = UInt32(Self.idleTime.secondsRoundedUp)
        daemonSettings.accept = admitConnection
        daemonSettings.accept_context = context
        daemonSettings.target = targetCame
        daemonSettings.target_context = context
        daemonSettings.handler = handleAccess
        daemonSettings.handler_context = context
        daemonSettings.request_completed = requestCompleted
        daemonSettings.request_completed_context = context
        daemonSettings.connection_changed = connectionChanged
        daemonSettings.connection_changed_context = context
        daemonSettings.log = logTarget
        guard let daemon = cmhd_start_daemon(&daemonSettings) else {
            // As a rule it is that.
            _ = shortage.look()
            throw SystemError("MHD_start_daemon", reason: "libmicrohttpd does not start")
        }
        self.daemon = daemon
        descriptor = cmhd_epoll_descriptor(daemon)
        pollerToken = try loop.poller.add(descriptor, events: EPOLLIN.rawValue, self)
    }

    deinit {
        logTarget.deallocate()
    }

    /// How many clients are connected. Counted here, because libmicrohttpd, when it is asked, first cleans up what has ended
    /// and tells of each: out of that very callback it would be asked again, once deeper for each connection of a crowd.
    private(set) var connectionCount = 0

    /// Requests that are not over yet.
    var activeRequests: [IncomingRequest] { Array(requests.values) }

    var requestCount: Int { requests.count }

    /// The most bytes that a request's body may have, with the memory that there is.
    var largestBody: Int { min(settings.limits.body, bodies.limit) }

    /// A connection was resumed, which takes effect only when the daemon runs.
    func hasResumed() {
        needsRun = true
    }

    func descriptorReady(_ events: UInt32) {
        needsRun = true
    }

    func peerHasLeft(_ client: ClientConnection) {
        departed.append(client)
        needsRun = true
    }

    /// A client was too slow and its connection is shut down.
    func requestTookTooLong(_ client: ClientConnection) {
        log.info("request_too_slow", ["received_body_bytes": client.request?.receivedCount])
        needsRun = true
    }

    /// Lets the daemon work while it has something to do.
    /// - Returns: when it wants to be called again.
    func serve() -> Instant? {
        if let acceptsAgain {
            guard acceptsAgain <= loop.now.monotonic else { return acceptsAgain }
            self.acceptsAgain = nil
            loop.poller.change(descriptor, token: pollerToken, events: EPOLLIN.rawValue)
            needsRun = true
        }
        for _ in 0..<Self.runsPerIteration {
            if needsRun {
                needsRun = false
                MHD_run(daemon)
                if acceptsAgain != nil { return acceptsAgain }
            }
            // Its sockets are edge-triggered inside, so what one run leaves undone shows only in its timeout.
            var timeout: UInt64 = 0
            let hasTimeout = MHD_get_timeout(daemon, &timeout) == .YES
            if hasTimeout, timeout == 0 { needsRun = true }
            if !needsRun { endDeparted() }
            if needsRun { continue }
            restlessness = 0
            return hasTimeout ? loop.now.monotonic + .milliseconds(Int(clamping: timeout)) : nil
        }
        endStuck()
        return loop.now.monotonic
    }

    /// The daemon always has more work to do. A client of whom it has read nothing in so many runs, although there is
    /// something to read, keeps it from it.
    private func endStuck() {
        restlessness += 1
        for client in requests.values.map(\.client) where client.isStuck(look: restlessness) { client.endStuck() }
    }

    /// The daemon has read what there was to read of those who have left: a request that is not whole now never is.
    private func endDeparted() {
        guard !departed.isEmpty else { return }
        for client in departed where client.endIfNothingIsDue() { needsRun = true }
        departed.removeAll(keepingCapacity: true)
    }

    /// Stops accepting; connections that exist go on.
    func quiesce() {
        guard !isQuiesced else { return }
        isQuiesced = true
        let socket = MHD_quiesce_daemon(daemon)
        if socket >= 0 { close(socket) }
    }

    /// Closes every connection and ends. The daemon aborts the process if one is still suspended.
    func stop() {
        quiesce()
        lingering.removeAll()
        for request in activeRequests { request.abandon() }
        MHD_run(daemon)
        loop.poller.remove(descriptor, token: pollerToken)
        MHD_stop_daemon(daemon)
    }

    // MARK: Callbacks

    /// - Parameter context: where libmicrohttpd keeps what belongs to the connection. To be filled here and nowhere else.
    func connected(
        _ connection: OpaquePointer, context: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    ) {
        wasShort = false
        connectionCount += 1
        guard let client = ClientConnection(connection, server: self, loop: loop) else { return }
        connections.opened(client.address)
        mostConnections = max(mostConnections, connectionCount)
        context.pointee = Unmanaged.passRetained(client).toOpaque()
    }

    func disconnected(context: UnsafeMutablePointer<UnsafeMutableRawPointer?>) {
        // At its limit libmicrohttpd stops listening, and it begins again only when it runs once more.
        if wasShort || connectionCount >= settings.connectionLimit { needsRun = true }
        connectionCount -= 1
        guard let existing = context.pointee else { return }
        context.pointee = nil
        let client = Unmanaged<ClientConnection>.fromOpaque(existing).takeRetainedValue()
        // It has usually completed before. If libmicrohttpd did not report that, it would be kept for ever.
        if let request = client.request { end(request) }
        connections.closed(client.address)
        linger(client)
        client.close()
        // Each had a buffer, and what a crowd of them took would be kept for the next one.
        if mostConnections >= Self.crowd, connectionCount < mostConnections / 10 {
            mostConnections = 0
            malloc_trim(0)
        }
    }

    private func linger(_ client: ClientConnection) {
        guard !isQuiesced, lingering.count < Self.mostLingering else { return }
        let close = client.linger { [unowned self] ended in lingering[ObjectIdentifier(ended)] = nil }
        if let close { lingering[ObjectIdentifier(close)] = close }
    }

    /// - Returns: whether one more connection from this address is accepted; it is closed otherwise.
    func admits(_ address: IPAddress?) -> Bool {
        guard !connections.admits(address) else { return true }
        // A client that floods the server must not flood the log as well.
        let now = loop.now.monotonic
        if refusalLogged.map({ now - $0 > .minutes(1) }) ?? true {
            refusalLogged = now
            log.warn(
                "too_many_connections", ["per_address": settings.limits.connectionsPerAddress, "then": "closed"])
        }
        return false
    }

    func setTarget(_ target: RequestLineTarget, _ connection: OpaquePointer) {
        client(of: connection)?.target = target
    }

    private func client(of connection: OpaquePointer) -> ClientConnection? {
        guard let context = cmhd_socket_context(connection) else { return nil }
        return Unmanaged<ClientConnection>.fromOpaque(context).takeUnretainedValue()
    }

    /// The head of a request has come.
    func began(
        _ connection: OpaquePointer, method: UnsafePointer<CChar>, path: String, version: UnsafePointer<CChar>,
        context: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    ) -> MHD_Result {
        guard let client = client(of: connection) else { return .NO }
        let given = MHD_lookup_connection_value(connection, .HEADER_KIND, "X-Request-Id").map { String(cString: $0) }
        let request = IncomingRequest(
            id: identities.next(given: given), method: String(cString: method), target: RequestTarget(path),
            head: RequestHead(connection, target: client.target, method: method, version: version),
            connection: connection, client: client, server: self, now: loop.now)
        request.attach()
        requests[ObjectIdentifier(request)] = request
        context.pointee = Unmanaged.passUnretained(request).toOpaque()
        handler.requestBegan(request)
        return .YES
    }

    /// The next piece of a request's body has come, or its end.
    func continued(_ existing: UnsafeMutableRawPointer, upload: Bytes) -> MHD_Result {
        let request = Unmanaged<IncomingRequest>.fromOpaque(existing).takeUnretainedValue()
        guard upload.isEmpty else { return request.receive(upload) ? .YES : .NO }
        if request.phase == .receiving { handler.handle(request) }
        return request.continues ? .YES : .NO
    }

    func completed(_ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>) {
        guard let existing = context.pointee else { return }
        context.pointee = nil
        end(Unmanaged<IncomingRequest>.fromOpaque(existing).takeUnretainedValue())
    }

    /// The one place where a request ends.
    private func end(_ request: IncomingRequest) {
        request.completed()
        handler.requestEnded(request)
        requests[ObjectIdentifier(request)] = nil
    }

    func logged(_ line: String) {
        log.debug("libmicrohttpd", ["message": line.trimmingSpaces])
        // While it starts there is none to complain of connections.
        guard daemon != nil, shortage.look() else { return }
        wasShort = true
        guard connectionCount == 0 else { return }
        // While it has connections, libmicrohttpd accepts no more until one of them ends. Without any it would try
        // again at once, for ever.
        acceptsAgain = loop.now.monotonic + Self.shortagePause
        loop.poller.change(descriptor, token: pollerToken, events: 0)
    }
}
