import CCurlShim
import CLinux
import Glibc
import OllamaProxy

/// The connection to OpenRouter: owns libcurl's multi handle and every transfer under way.
final class Upstream {
    struct Settings {
        let baseURL: String
        let apiKey: String
        let userAgent: String
        let connectTimeout: Span
        /// The certificate authorities to believe; nil for the system's.
        let certificatesPath: String?
    }

    /// An abandoned transfer gets this long to end by itself, so that its connection can be used
    /// again; a connection broken off costs the next request a TLS handshake.
    private static let lingerTime = Span.seconds(2)

    /// Idle connections to keep, enough for a household and few enough for a small machine.
    private static let keptConnections = 8

    private let loop: EventLoop
    private let settings: Settings
    private let log: Log
    private let shortage: DescriptorShortage
    private var multi: UnsafeMutableRawPointer
    private let share: UnsafeMutableRawPointer?
    private let headers: UnsafeMutablePointer<curl_slist>?
    private let handles: EasyHandles
    private var transfers: [ObjectIdentifier: Transfer] = [:]
    private var lingering: [ObjectIdentifier: LingeringTransfer] = [:]
    private var sockets: [Int32: WatchedSocket] = [:]
    /// Whether the upstream could not prove who it is when it was last connected to.
    private var isDistrusted = false
    /// Of the transfers that are over.
    private(set) var traffic = Traffic()
    /// When libcurl wants to be called; nil for never.
    private(set) var timer: Instant?

    init(loop: EventLoop, settings: Settings, log: Log, shortage: DescriptorShortage) throws {
        curl_global_init(Int(CURL_GLOBAL_DEFAULT))
        guard let multi = curl_multi_init() else { throw SystemError("curl_multi_init", reason: "out of memory") }
        self.loop = loop
        self.settings = settings
        self.log = log
        self.shortage = shortage
        self.multi = multi
        // One thread only, so the share needs no locks. It saves handshakes: broken-off streams take their
        // connection with them.
        share = curl_share_init()
        if let share { ccurl_share_tls_sessions(share) }
        var headers: UnsafeMutablePointer<curl_slist>?
        for line in [
            "Authorization: Bearer \(settings.apiKey)", "Content-Type: application/json",
            "User-Agent: \(settings.userAgent)",
            // Larger bodies would wait a second for a permission that OpenRouter never sends.
            "Expect:",
        ] {
            headers = curl_slist_append(headers, line)
        }
        self.headers = headers
        handles = EasyHandles(settings: settings, headers: headers, share: share)
        configureMulti()
    }

    deinit {
        for transfer in Array(transfers.values) {
            transfer.owner = nil
            curl_multi_remove_handle(multi, transfer.easy)
            forget(transfer)
        }
        curl_multi_cleanup(multi)
        handles.removeAll()
        curl_slist_free_all(headers)
        guard let share else { return }
        // libcurl refuses, and leaks it, as long as any handle still refers to it.
        let result = curl_share_cleanup(share)
        assert(result == CURLSHE_OK, "a transfer outlives the upstream")
    }

    /// How many transfers are under way.
    var transferCount: Int { transfers.count }

    // MARK: Transfers

    /// Starts a request. To be called from the loop, never from a callback.
    /// - Parameters:
    ///   - path: behind the base URL.
    ///   - body: nil for a GET; it may not change until the transfer is over.
    /// - Returns: nil when there is no memory for it.
    func start(path: String, body: UpstreamBody?, owner: any TransferOwner) -> Transfer? {
        guard let transfer = Transfer(path: path, body: body, handles: handles) else { return nil }
        transfer.owner = owner
        guard curl_multi_add_handle(multi, transfer.easy) == CURLM_OK else {
            transfer.isInDoubt = true
            return nil
        }
        transfers[ObjectIdentifier(transfer)] = transfer
        return transfer
    }

    /// Breaks a transfer off. To be called from the loop, never from a callback.
    func cancel(_ transfer: Transfer) {
        transfer.owner = nil
        guard transfers.removeValue(forKey: ObjectIdentifier(transfer)) != nil else { return }
        count(transfer)
        curl_multi_remove_handle(multi, transfer.easy)
    }

    /// Leaves a transfer to end by itself, within limits. To be called from the loop, never from a callback.
    func release(_ transfer: Transfer) {
        transfer.owner = nil
        guard transfers[ObjectIdentifier(transfer)] != nil else { return }
        let deadline = loop.now.monotonic + Self.lingerTime
        let rest = LingeringTransfer(transfer, upstream: self, deadline: deadline)
        let timer = loop.timers.register(rest)
        rest.timer = timer
        loop.timers.update(timer, deadline: deadline)
        lingering[ObjectIdentifier(transfer)] = rest
        transfer.resume()
    }

    // MARK: Driving libcurl

    func timerReached() {
        timer = nil
        drive(socket: CURL_SOCKET_TIMEOUT, events: 0)
    }

    fileprivate func socketReady(_ socket: Int32, _ events: UInt32) {
        var mask: Int32 = 0
        if events & EPOLLIN.rawValue != 0 { mask |= CURL_CSELECT_IN }
        if events & EPOLLOUT.rawValue != 0 { mask |= CURL_CSELECT_OUT }
        if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { mask |= CURL_CSELECT_ERR }
        drive(socket: socket, events: mask)
    }

    private func drive(socket: curl_socket_t, events: Int32) {
        var running: Int32 = 0
        let code = curl_multi_socket_action(multi, socket, events, &running)
        guard code == CURLM_OK else { return rebuild(after: code) }
        collectEnded()
    }

    private func collectEnded() {
        var queued: Int32 = 0
        while let message = curl_multi_info_read(multi, &queued) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = ccurl_message_easy(message) else { continue }
            // The message dies with the removal, so its result is taken first.
            let result = ccurl_message_result(message)
            let transfer = Transfer.from(easy)
            count(transfer)
            curl_multi_remove_handle(multi, easy)
            forget(transfer)
            let owner = transfer.owner
            transfer.owner = nil
            let end = transfer.end(for: result)
            explain(result, end)
            owner?.transferEnded(end)
        }
    }

    /// Says in the log what can be done about a failure, where it is known, once for as long as it lasts.
    private func explain(_ result: CURLcode, _ end: AttemptReader.TransferEnd) {
        switch result {
        case CURLE_OK: isDistrusted = false
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_FAILED_INIT: _ = shortage.look()
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE:
            guard !isDistrusted, case .unreachable(let reason) = end else { return }
            isDistrusted = true
            log.error(
                "upstream_not_trusted", ["reason": reason, "advice": Self.certificateAdvice])
        default: break
        }
    }

    private static let certificateAdvice =
        "check this machine's clock and OPENROUTER_BASE_URL; if a company proxy re-signs connections, set "
        + "SSL_CERT_FILE to a file with its certificate"

    private func count(_ transfer: Transfer) {
        traffic.receivedBytes += Int(ccurl_received_bytes(transfer.easy))
        guard ccurl_request_size(transfer.easy) > 0 else { return }
        if ccurl_opened_connections(transfer.easy) > 0 {
            traffic.openedConnections += 1
        } else {
            traffic.reusedConnections += 1
        }
    }

    private func forget(_ transfer: Transfer) {
        transfers[ObjectIdentifier(transfer)] = nil
        if let rest = lingering.removeValue(forKey: ObjectIdentifier(transfer)) {
            rest.timer.map(loop.timers.unregister)
        }
    }

    fileprivate func lingeredTooLong(_ transfer: Transfer) {
        count(transfer)
        forget(transfer)
        curl_multi_remove_handle(multi, transfer.easy)
    }

    /// After an error of the whole multi handle the state of all transfers is uncertain: end them and start afresh.
    private func rebuild(after code: CURLMcode) {
        log.error("upstream_rebuilt", ["reason": String(cString: curl_multi_strerror(code))])
        let ended = Array(transfers.values)
        for transfer in ended {
            transfer.isInDoubt = true
            count(transfer)
            curl_multi_remove_handle(multi, transfer.easy)
            forget(transfer)
        }
        curl_multi_cleanup(multi)
        for socket in sockets.values { loop.poller.remove(socket.descriptor, token: socket.token) }
        sockets.removeAll()
        timer = nil
        multi = curl_multi_init()
        configureMulti()
        for transfer in ended {
            let owner = transfer.owner
            transfer.owner = nil
            owner?.transferEnded(.failed("internal error of libcurl"))
        }
    }

    private func configureMulti() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        ccurl_multi_set_socket_callback(multi, socketChanged, context)
        ccurl_multi_set_timer_callback(multi, timerChanged, context)
        ccurl_multi_set_max_connects(multi, Self.keptConnections)
        ccurl_multi_set_no_multiplexing(multi)
    }

    // MARK: Callbacks

    fileprivate func watch(_ socket: Int32, what: Int32) {
        if what == CURL_POLL_REMOVE {
            guard let watched = sockets.removeValue(forKey: socket) else { return }
            loop.poller.remove(socket, token: watched.token)
            return
        }
        var events: UInt32 = 0
        if what & CURL_POLL_IN != 0 { events |= EPOLLIN.rawValue }
        if what & CURL_POLL_OUT != 0 { events |= EPOLLOUT.rawValue }
        if let watched = sockets[socket] {
            guard watched.events != events else { return }
            watched.events = events
            loop.poller.change(socket, token: watched.token, events: events)
        } else {
            let watched = WatchedSocket(socket, events: events, upstream: self)
            guard let token = try? loop.poller.add(socket, events: events, watched) else { return }
            watched.token = token
            sockets[socket] = watched
        }
    }

    fileprivate func setTimer(milliseconds: Int) {
        timer = milliseconds < 0 ? nil : loop.now.monotonic + .milliseconds(milliseconds)
    }
}

/// One socket of libcurl's, as the poller sees it.
private final class WatchedSocket: DescriptorWatcher {
    let descriptor: Int32
    var events: UInt32
    var token: Poller.Token = 0
    private unowned let upstream: Upstream

    init(_ descriptor: Int32, events: UInt32, upstream: Upstream) {
        self.descriptor = descriptor
        self.events = events
        self.upstream = upstream
    }

    func descriptorReady(_ events: UInt32) {
        upstream.socketReady(descriptor, events)
    }
}

/// A transfer on its way out, with the time it has left.
private final class LingeringTransfer: TimerTarget {
    private let transfer: Transfer
    private unowned let upstream: Upstream
    var timer: TimerHandle?
    let deadline: Instant?

    init(_ transfer: Transfer, upstream: Upstream, deadline: Instant) {
        self.transfer = transfer
        self.upstream = upstream
        self.deadline = deadline
    }

    func deadlineReached() {
        upstream.lingeredTooLong(transfer)
    }
}

private func socketChanged(
    _ easy: UnsafeMutableRawPointer?, _ socket: curl_socket_t, _ what: Int32, _ context: UnsafeMutableRawPointer?,
    _ socketContext: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return 0 }
    Unmanaged<Upstream>.fromOpaque(context).takeUnretainedValue().watch(socket, what: what)
    return 0
}

private func timerChanged(
    _ multi: UnsafeMutableRawPointer?, _ milliseconds: Int, _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return 0 }
    Unmanaged<Upstream>.fromOpaque(context).takeUnretainedValue().setTimer(milliseconds: milliseconds)
    return 0
}
