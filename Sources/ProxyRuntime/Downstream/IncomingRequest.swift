import CMicroHTTPD
import Glibc
import OllamaProxy

/// Answers a request later than it came.
protocol RequestOwner: AnyObject {
    /// The client has gone, or its connection broke.
    func requestAbandoned()
    /// The client has taken output, and less than the low-water mark is left.
    func outputDrained()
}

/// One request of one client, from its first byte to the last of its reply.
///
/// A reply is either whole, or a stream that libmicrohttpd pulls through a content reader whenever the client can
/// take more.
final class IncomingRequest {
    /// A refused body is read this far all the same: many clients only look at the answer once they have sent all.
    private static let drainLimit = 128 << 20
    /// With less than this in the output, more is asked for.
    static let lowWaterMark = 16 << 10

    enum BodyRefusal {
        case tooLarge
        /// Too much is held for others.
        case noRoom
        /// It cannot be read in a short time.
        case unreadable
        /// No route wants it.
        case unwanted
    }

    enum Phase {
        case receiving
        /// The request is complete and its owner at work; the connection is suspended.
        case waiting
        /// A reply is queued.
        case replying
    }

    /// Names the request in the log, in `X-Request-Id` and on the status page.
    let id: String
    let method: String
    /// Without the key that a client may have put before it.
    let path: String
    let pathKey: String?
    /// The host that the request line names; nil for most.
    let targetHost: String?
    let head: RequestHead
    let started: Moment
    /// What the handler has found the request to ask for, or why it asks for nothing.
    var route: Result<Route, Route.Mismatch> = .failure(.unknownPath)
    /// Whether the client may ask for anything at all.
    var isAdmitted = true
    private let connection: OpaquePointer
    private unowned let server: HTTPServer
    unowned let client: ClientConnection
    private(set) var phase = Phase.receiving
    private(set) var body = ByteBuffer()
    /// Bytes of the body that have come, kept or not.
    private(set) var receivedCount = 0
    /// What had come when it was last looked at whether the connection is stuck.
    var lastLook: (look: Int, receivedCount: Int)?
    private var heldBodyBytes = 0
    private var intake = BodyIntake()
    /// Why the body was not kept; nil when it was.
    private(set) var bodyRefusal: BodyRefusal?
    /// libmicrohttpd's view: a resume without a suspend, or a second one, is undefined behaviour.
    private(set) var isSuspended = false
    /// Nobody reads the reply: the connection is to be closed without one.
    private var isAbandoned = false

    /// Who answers, as long as the answer is not complete.
    var owner: (any RequestOwner)?
    private var output: ByteBuffer?
    private var outputHasEnded = false

    /// Headers that the reply gets, whatever it is.
    var commonHeaders: [(name: String, value: String)] = []

    /// For the log.
    private(set) var status = 0
    var report: ExchangeRecord?

    init(
        id: String, method: String, target: RequestTarget, head: RequestHead, connection: OpaquePointer,
        client: ClientConnection,
        server: HTTPServer, now: Moment
    ) {
        self.id = id
        self.method = method
        path = target.path
        pathKey = target.key
        targetHost = target.host
        self.head = head
        self.connection = connection
        self.client = client
        self.server = server
        started = now
    }

    /// The client's leaving concerns this request from now on.
    func attach() {
        client.began(self)
    }

    /// The value of a header, without the blanks behind it, which libmicrohttpd 0.9.75 keeps; nil when the request has none of
    /// that name. For the access handler's time only.
    func header(_ name: String) -> String? {
        guard let value = MHD_lookup_connection_value(connection, .HEADER_KIND, name) else { return nil }
        var bytes = UnsafeRawBufferPointer(start: value, count: strlen(value))
        while let last = bytes.last, last == 0x20 || last == 0x09 { bytes = .init(rebasing: bytes.dropLast()) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The value of a parameter behind the path; nil when there is none of that name. For the access handler's time
    /// only.
    func queryValue(_ name: String) -> String? {
        MHD_lookup_connection_value(connection, .GET_ARGUMENT_KIND, name).map { String(cString: $0) }
    }

    // MARK: Receiving

    /// - Returns: false when so much has come that the connection is better closed.
    func receive(_ bytes: Bytes) -> Bool {
        receivedCount += bytes.count
        if receivedCount > server.largestBody { refuseBody(.tooLarge) }
        if bodyRefusal == nil { keep(bytes) }
        return bodyRefusal == nil || receivedCount <= Self.drainLimit
    }

    private func keep(_ bytes: Bytes) {
        guard server.bodies.hold(bytes.count, total: receivedCount) else { return refuseBody(.noRoom) }
        heldBodyBytes += bytes.count
        body.append(bytes)
        intake.accept(bytes)
        if intake.fault != nil { refuseBody(.unreadable) }
    }

    /// What speaks against reading the body, when all of it has come; nil for nothing.
    var bodyFault: BodyIntake.Fault? { intake.faultAtEnd }

    /// Lets go of the body; what is still to come of it is read and dropped.
    func refuseBody(_ refusal: BodyRefusal) {
        bodyRefusal = refusal
        body = ByteBuffer()
        forgetBody()
    }

    /// Nothing is held of the body any more.
    func forgetBody() {
        server.bodies.release(heldBodyBytes)
        heldBodyBytes = 0
    }

    /// Hands the body over, as valid UTF-8: as much of it as Go's decoder makes of it, and Ollama's.
    private func removeText() -> ByteBuffer {
        let text = intake.isWellFormed ? nil : body.withBytes { UTF8Repair.repaired($0) }
        defer { body = ByteBuffer() }
        return text ?? body
    }

    /// Hands the body over. Its bytes, and where its long strings are, are lent for the length of the call.
    func withText<Result>(
        _ read: (Bytes, LongStrings, ByteBuffer) throws(RequestError) -> Result
    ) throws(RequestError) -> Result {
        let text = removeText()
        return try text.withBytes { bytes throws(RequestError) in
            try intake.withLongStrings(of: bytes) { strings throws(RequestError) in try read(bytes, strings, text) }
        }
    }

    /// Keeps the connection waiting for `owner`. Only to be called from the access handler.
    func wait(for owner: any RequestOwner) {
        self.owner = owner
        phase = .waiting
        isSuspended = true
        MHD_suspend_connection(connection)
        // The event came before there was anyone to tell.
        if client.peerHasLeft { peerLeft() }
    }

    // MARK: Replying

    struct Head {
        var status: Int
        /// nil for a reply without a body.
        var contentType: StaticString?
        var headers: [(name: String, value: String)] = []
    }

    /// Queues a whole reply.
    func reply(_ head: Head, body: ByteBuffer) {
        if method != "HEAD" { server.sentBytes += body.count }
        // The response holds the buffer until libmicrohttpd has no more use for it.
        let response = MHD_create_response_from_buffer_with_free_callback_cls(
            body.count, body.address,
            { _ = Unmanaged<ByteBuffer>.fromOpaque($0!).takeRetainedValue() },
            Unmanaged.passRetained(body).toOpaque())
        queue(response, head)
    }

    /// Queues a reply that is taken from `output` as it grows, until `endStream`.
    func beginStream(_ head: Head, output: ByteBuffer) {
        self.output = output
        // Chunks are written into the connection's own memory. Only HTTP/1.0, which has none, uses a block of the reply's,
        // and every open stream would keep one.
        let response = MHD_create_response_from_callback(
            cmhd_size_unknown, self.head.knowsChunks ? 1 : 4096, readContent, Unmanaged.passRetained(self).toOpaque(),
            { Unmanaged<IncomingRequest>.fromOpaque($0!).release() })
        queue(response, head)
    }

    /// There is more in the output, or the stream has ended.
    func outputChanged() {
        resume()
    }

    /// Nothing comes into the output any more: when it is empty, the reply is complete.
    func endStream() {
        outputHasEnded = true
        resume()
    }

    /// Closes the connection: nobody is there to read a reply.
    func abandon() {
        isAbandoned = true
        resume()
    }

    private func queue(_ response: OpaquePointer?, _ head: Head) {
        guard let response else { return abandon() }
        status = head.status
        if let type = head.contentType { Self.add("Content-Type", type.description, to: response) }
        Self.add("X-Request-Id", id, to: response)
        for header in commonHeaders { Self.add(header.name, header.value, to: response) }
        for header in head.headers { Self.add(header.name, header.value, to: response) }
        // libmicrohttpd is as lenient with chunks as with heads, so what comes behind them is not to be trusted either.
        if self.head.fault != nil || self.head.isChunked {
            Self.add("Connection", "close", to: response)
            client.lingers = true
        }
        phase = .replying
        let isQueued = MHD_queue_response(connection, UInt32(head.status), response) == .YES
        MHD_destroy_response(response)
        if isQueued { resume() } else { abandon() }
    }

    /// Lends the texts: those that are passed as they are would be copied first.
    private static func add(_ name: String, _ value: String, to response: OpaquePointer) {
        name.withCString { name in
            value.withCString { value in _ = MHD_add_response_header(response, name, value) }
        }
    }

    private func resume() {
        guard isSuspended else { return }
        isSuspended = false
        MHD_resume_connection(connection)
        server.hasResumed()
    }

    /// A reply was written past libmicrohttpd.
    func wasAnswered(status: Int) {
        self.status = status
    }

    // MARK: Events

    func peerLeft() {
        guard phase != .receiving else { return }
        owner?.requestAbandoned()
    }

    /// The access handler is called again after a resume.
    /// - Returns: whether the connection goes on.
    var continues: Bool { !isAbandoned }

    /// libmicrohttpd is done with the request, for whichever reason.
    func completed() {
        let owner = owner
        self.owner = nil
        output = nil
        forgetBody()
        client.completed(self)
        if client.peerHasLeft { server.peerHasLeft(client) }
        owner?.requestAbandoned()
    }

    /// The content reader: fills libmicrohttpd's buffer with what is there.
    fileprivate func read(into buffer: UnsafeMutablePointer<CChar>, _ capacity: Int) -> Int {
        guard let output, !isAbandoned else { return endConnection(by: buffer) }
        guard output.isEmpty else {
            let count = min(capacity, output.count)
            memcpy(buffer, output.address, count)
            output.removeFirst(count)
            server.sentBytes += count
            if output.count <= Self.lowWaterMark { owner?.outputDrained() }
            return count
        }
        guard !outputHasEnded else {
            // To HTTP/1.0 a stream's end shows in the connection's.
            return head.knowsChunks ? Int(MHD_CONTENT_READER_END_OF_STREAM) : endConnection(by: buffer)
        }
        // To return 0 without suspending would make libmicrohttpd ask again at once, for ever.
        isSuspended = true
        MHD_suspend_connection(connection)
        return 0
    }

    /// Ends the connection by a byte that cannot be sent any more.
    ///
    /// A connection that its content reader ends is closed for libmicrohttpd, but it does not come back to clean it up
    /// before every connection on which something has moved less lately is gone. A write that fails it cleans up at
    /// once.
    private func endConnection(by buffer: UnsafeMutablePointer<CChar>) -> Int {
        client.shutDown()
        buffer.pointee = 0
        return 1
    }
}

private func readContent(
    _ context: UnsafeMutableRawPointer?, _ position: UInt64, _ buffer: UnsafeMutablePointer<CChar>?, _ capacity: Int
) -> Int {
    guard let context, let buffer else { return Int(MHD_CONTENT_READER_END_WITH_ERROR) }
    return Unmanaged<IncomingRequest>.fromOpaque(context).takeUnretainedValue().read(into: buffer, capacity)
}
