import CCurlShim
import Glibc
import OllamaProxy

/// Receives a transfer's response.
protocol TransferOwner: AnyObject {
    /// Status line and headers have come. `contentType` is in lower case.
    func transferHead(status: Int, contentType: String, hints: FailureRules.RetryHints)
    /// - Returns: false when there is no room for them: the transfer pauses until `resume` is called on it, and brings
    ///   them again.
    func transferBytes(_ bytes: Bytes) -> Bool
    /// The transfer is over and gone from the upstream.
    func transferEnded(_ end: AttemptReader.TransferEnd)
}

/// One request to the upstream and its reply: has the use of an easy handle, and owns the bytes that libcurl only points
/// to.
final class Transfer {
    private let handle: EasyHandle
    private let handles: EasyHandles
    /// nil once the reply is no longer wanted: what still arrives is read and dropped. Owner and transfer hold each other, so
    /// ending a transfer includes setting this to nil.
    var owner: (any TransferOwner)?
    private(set) var isPaused = false
    /// libcurl does not copy the body; it must live until all of it has been sent and none can be asked for again.
    private var body: UpstreamBody?
    private var status = 0
    private var contentType = ""
    private var hints = FailureRules.RetryHints()
    private var headerBytes = 0
    /// Whether libcurl has refused something, so that the handle's state is unknown.
    var isInDoubt = false

    /// A handle is not kept for another transfer when its last head was longer, in bytes.
    private static let keptHeaderLimit = 16 << 10

    /// The most that heads and trailers of one reply may take together, in bytes: libcurl keeps every line of them, and
    /// limits a head but neither how many interim replies come before it nor its trailers.
    private static let headerLimit = 256 << 10

    /// What a folded line counts for more than it holds, in bytes: libcurl joins it to those before it by copying all.
    private static let foldedLineCost = 1 << 10

    /// - Parameters:
    ///   - path: behind the base URL.
    ///   - body: nil for a GET.
    /// - Returns: nil when there is no memory for it.
    init?(path: String, body: UpstreamBody?, handles: EasyHandles) {
        guard let handle = handles.acquire(path: path, body: body) else { return nil }
        self.handle = handle
        self.handles = handles
        self.body = body
        let context = Unmanaged.passUnretained(self).toOpaque()
        if let body, body.whole == nil {
            ccurl_set_post_in_pieces(handle.easy, body.count, readBody, seekBody, context)
        }
        ccurl_set_private(handle.easy, context)
        ccurl_set_write(handle.easy, receiveBody, context)
        ccurl_set_header_callback(handle.easy, receiveHeaderLine, context)
    }

    deinit {
        // libcurl keeps the lines of a head until the handle's next transfer.
        if !isInDoubt, headerBytes <= Self.keptHeaderLimit { handles.giveBack(handle) }
    }

    var easy: UnsafeMutableRawPointer { handle.easy }

    static func from(_ easy: UnsafeMutableRawPointer) -> Transfer {
        Unmanaged<Transfer>.fromOpaque(ccurl_private(easy)).takeUnretainedValue()
    }

    /// Reads on. What libcurl has kept comes in at once, before this returns.
    func resume() {
        guard isPaused else { return }
        isPaused = false
        curl_easy_pause(easy, CURLPAUSE_CONT)
    }

    /// Lets go of the request's body, once its answer is so far that it will not be sent again.
    /// - Returns: false when libcurl still has some of it to send: an upstream may answer before it has read all.
    func forgetBody() -> Bool {
        if let body, ccurl_sent_body_bytes(easy) < body.count { return false }
        body = nil
        return true
    }

    /// What a result means.
    func end(for result: CURLcode) -> AttemptReader.TransferEnd {
        guard result != CURLE_OK else { return .complete }
        if headerBytes > Self.headerLimit { return .failed("its headers take more than \(Self.headerLimit >> 10) kB") }
        let detail = handle.failure
        let reason = detail.isEmpty ? String(cString: curl_easy_strerror(result)) : detail
        // Nothing was sent, so whatever is wrong lies before the upstream.
        return ccurl_request_size(easy) == 0 ? .unreachable(reason) : .failed(reason)
    }

    // MARK: Callbacks

    /// - Returns: nil when the body is forgotten, after which none is to be sent.
    fileprivate func read(into target: UnsafeMutableRawBufferPointer) -> Int? { body?.read(into: target) }

    fileprivate func seek(to offset: Int) -> Bool { body?.seek(to: offset) ?? false }

    fileprivate func receive(_ bytes: Bytes) -> Int {
        guard let owner else { return bytes.count }
        if owner.transferBytes(bytes) { return bytes.count }
        isPaused = true
        return Int(CURL_WRITEFUNC_PAUSE)
    }

    /// - Returns: how many bytes were taken; fewer than came end the transfer.
    fileprivate func receiveHeader(_ received: Bytes) -> Int {
        headerBytes += received.count
        if let first = received.first, first == 0x20 || first == 0x09 { headerBytes += Self.foldedLineCost }
        guard headerBytes <= Self.headerLimit else { return 0 }
        readHeader(received.trimmed)
        return received.count
    }

    /// - Returns: 0 when the line has none.
    private static func status(in line: Bytes) -> Int {
        guard let space = line.firstIndex(of: 0x20) else { return 0 }
        let rest = line.part(space..<line.count).trimmedAtStart
        return Int(rest.part(0..<(rest.firstIndex(of: 0x20) ?? rest.count)).text) ?? 0
    }

    private func readHeader(_ line: Bytes) {
        if line.starts(with: "HTTP/") {
            // A reply of its own, such as 100 Continue, may come before the one that counts.
            status = Self.status(in: line)
            contentType = ""
            hints = FailureRules.RetryHints()
        } else if line.isEmpty {
            if status >= 200 { owner?.transferHead(status: status, contentType: contentType, hints: hints) }
        } else if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
            let name = line.part(0..<colon)
            let value = line.part(colon + 1..<line.count).trimmed
            if name.equalsIgnoringCase("content-type") {
                contentType = value.text.lowercased()
            } else {
                hints.read(name, value)
            }
        }
    }
}

private func readBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return Int(CURL_READFUNC_ABORT) }
    let target = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
    return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().read(into: target)
        ?? Int(CURL_READFUNC_ABORT)
}

private func seekBody(_ context: UnsafeMutableRawPointer?, _ offset: curl_off_t, _ origin: Int32) -> Int32 {
    guard let context, origin == SEEK_SET else { return CURL_SEEKFUNC_CANTSEEK }
    let isThere = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().seek(to: Int(offset))
    return isThere ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
}

private func receiveBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return 0 }
    return UnsafeRawPointer(bytes).withMemoryRebound(to: UInt8.self, capacity: size * count) { start in
        Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().receive(Bytes(start: start, count: size * count))
    }
}

private func receiveHeaderLine(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return 0 }
    return UnsafeRawPointer(bytes).withMemoryRebound(to: UInt8.self, capacity: size * count) { start in
        Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            .receiveHeader(Bytes(start: start, count: size * count))
    }
}
