import CLinux
import CMicroHTTPD
import Glibc

/// One call of the access handler.
struct HandlerCall {
    let server: MicroHTTPDServer
    let connection: OpaquePointer
    let url: String
    /// The next piece of the body; nil when there is none.
    let upload: String?
    let uploadSize: UnsafeMutablePointer<Int>
    let requestContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>

    /// The header block is complete, the body has not been looked at.
    var isFirst: Bool { requestContext.pointee == nil }

    /// Answers in the last call of a request: a reply queued in the first one costs the client its connection.
    func whenComplete(_ answer: () -> MHD_Result) -> MHD_Result {
        guard !isFirst else {
            markAsSeen()
            return .YES
        }
        return answer()
    }

    /// Any value will do: libmicrohttpd only hands it back.
    func markAsSeen(as number: Int = 1) {
        requestContext.pointee = UnsafeMutableRawPointer(bitPattern: number)
    }
}

/// libmicrohttpd driven the way the runtime drives it, with a record of every notification.
final class MicroHTTPDServer {
    enum Event: Equatable {
        case connectionStarted
        case requestCompleted(MHD_RequestTerminationCode)
        case contentReaderFreed
        case connectionClosed(descriptorWasOpen: Bool)
    }

    let loop: EventLoop
    let listener = LoopbackListener()
    private(set) var daemon: OpaquePointer!
    private(set) var events: [Event] = []
    private(set) var handlerCallCount = 0
    private(set) var suspended: Set<OpaquePointer> = []
    private(set) var logLines: [String] = []
    private(set) var isStopping = false
    private var resumedSinceLastRun = false
    /// Held here because Swift would release, and so disconnect, a client after the test's last mention of it.
    private var clients: [RawPeer] = []
    private var handler: (HandlerCall) -> MHD_Result
    private let logTarget = UnsafeMutablePointer<cmhd_log_target>.allocate(capacity: 1)
    /// Told with the place for the connection's own context.
    var onConnectionStarted: (OpaquePointer, UnsafeMutablePointer<UnsafeMutableRawPointer?>) -> Void = { _, _ in }
    var onConnectionClosed: (OpaquePointer, UnsafeMutablePointer<UnsafeMutableRawPointer?>) -> Void = { _, _ in }

    init(
        loop: EventLoop = EventLoop(), connectionMemory: Int = 32 * 1024, idleTimeoutSeconds: UInt32 = 0,
        handler: @escaping (HandlerCall) -> MHD_Result
    ) {
        self.loop = loop
        self.handler = handler
        let context = Unmanaged.passUnretained(self).toOpaque()
        logTarget.initialize(to: cmhd_log_target(write: recordLogLine, context: context))
        var settings = cmhd_daemon_settings()
        settings.listen_socket = listener.descriptor
        settings.connection_limit = 64
        settings.connection_memory = connectionMemory
        settings.idle_timeout_seconds = idleTimeoutSeconds
        settings.handler = callHandler
        settings.handler_context = context
        settings.request_completed = recordCompletedRequest
        settings.request_completed_context = context
        settings.connection_changed = recordConnectionChange
        settings.connection_changed_context = context
        settings.log = logTarget
        daemon = cmhd_start_daemon(&settings)
        precondition(daemon != nil, "libmicrohttpd did not start")
        loop.watch(epollDescriptor, for: EPOLLIN.rawValue) { [weak self] _ in self?.runWhileDue() }
        loop.beforeEachWait { [weak self] in self?.runWhatEpollCannotAnnounce() }
    }

    deinit {
        precondition(isStopping, "a test forgot to stop its server")
        logTarget.deallocate()
    }

    var epollDescriptor: CInt { cmhd_epoll_descriptor(daemon) }
    var connectionCount: UInt32 { cmhd_current_connections(daemon) }

    /// Zero means that libmicrohttpd wants another `MHD_run` at once; nil that it has no deadline.
    var timeout: Duration? {
        var milliseconds: CUnsignedLongLong = 0
        return MHD_get_timeout(daemon, &milliseconds) == .YES ? .milliseconds(Int64(clamping: milliseconds)) : nil
    }

    func connect() -> RawPeer {
        let client = RawPeer(connectingTo: listener.port, loop: loop)
        clients.append(client)
        return client
    }

    func runOnce() {
        resumedSinceLastRun = false
        MHD_run(daemon)
    }

    func runWhileDue() {
        // Bounded, so that a library that always asks for more fails a test instead of hanging it.
        for _ in 0..<10_000 {
            runOnce()
            if timeout != .zero { return }
        }
    }

    func suspend(_ connection: OpaquePointer) {
        suspended.insert(connection)
        MHD_suspend_connection(connection)
    }

    func resume(_ connection: OpaquePointer) {
        guard suspended.remove(connection) != nil else { return }
        resumedSinceLastRun = true
        MHD_resume_connection(connection)
    }

    /// Resumes first: `MHD_stop_daemon` aborts the process if a connection is suspended.
    func stop() {
        guard !isStopping else { return }
        isStopping = true
        suspended.forEach(resume)
        runWhileDue()
        loop.unwatch(epollDescriptor)
        MHD_stop_daemon(daemon)
        daemon = nil
        handler = { _ in .NO }
        onConnectionStarted = { _, _ in }
        onConnectionClosed = { _, _ in }
    }

    func record(_ event: Event) {
        events.append(event)
    }

    private func runWhatEpollCannotAnnounce() -> Duration? {
        guard !isStopping else { return nil }
        if resumedSinceLastRun || timeout == .zero { runWhileDue() }
        return timeout
    }

    fileprivate func handle(_ call: HandlerCall) -> MHD_Result {
        handlerCallCount += 1
        return isStopping ? .NO : handler(call)
    }

    fileprivate func recordLog(_ line: String) {
        logLines.append(line)
    }
}

private func server(from context: UnsafeMutableRawPointer?) -> MicroHTTPDServer {
    Unmanaged<MicroHTTPDServer>.fromOpaque(context!).takeUnretainedValue()
}

private let callHandler: MHD_AccessHandlerCallback = {
    context, connection, url, _, _, upload, uploadSize, requestContext in
    let server = server(from: context)
    let piece = upload.map { UnsafeRawBufferPointer(start: $0, count: uploadSize!.pointee) }
    return server.handle(
        HandlerCall(
            server: server, connection: connection!, url: String(cString: url!),
            upload: piece.flatMap { $0.isEmpty ? nil : String(decoding: $0, as: UTF8.self) },
            uploadSize: uploadSize!, requestContext: requestContext!))
}

private let recordCompletedRequest: MHD_RequestCompletedCallback = { context, _, _, termination in
    server(from: context).record(.requestCompleted(termination))
}

private let recordConnectionChange: MHD_NotifyConnectionCallback = { context, connection, socketContext, change in
    let server = server(from: context)
    if change == .CONNECTION_NOTIFY_STARTED {
        server.record(.connectionStarted)
        server.onConnectionStarted(connection!, socketContext!)
    } else {
        let isOpen = fcntl(cmhd_connection_socket(connection), F_GETFD) >= 0
        server.record(.connectionClosed(descriptorWasOpen: isOpen))
        server.onConnectionClosed(connection!, socketContext!)
    }
}

private let recordLogLine: cmhd_log_line = { context, line in
    server(from: context).recordLog(String(cString: line!))
}
