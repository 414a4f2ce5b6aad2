import CCurlShim
import CLinux
import Glibc

/// A multi handle driven through `curl_multi_socket_action`, the way the runtime drives it.
final class CurlTransfers {
    let loop: EventLoop
    let multi: UnsafeMutableRawPointer
    private var transfers: [UnsafeMutableRawPointer: CurlTransfer] = [:]
    private var timerDeadline: ContinuousClock.Instant?
    private(set) var watchedSockets: Set<CInt> = []
    /// Every request of the timer callback, in milliseconds.
    private(set) var timerRequests: [Int] = []
    var onTimerRequest: (Int) -> Void = { _ in }

    /// Once in the process; and no proxy from the environment may come between a test and its upstream.
    static let initializeLibrary: Void = {
        setenv("no_proxy", "*", 1)
        precondition(curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK, "libcurl did not start")
    }()

    init(loop: EventLoop) {
        Self.initializeLibrary
        self.loop = loop
        multi = curl_multi_init()!
        let context = Unmanaged.passUnretained(self).toOpaque()
        precondition(ccurl_multi_set_socket_callback(multi, forwardSocketRequest, context) == CURLM_OK)
        precondition(ccurl_multi_set_timer_callback(multi, forwardTimerRequest, context) == CURLM_OK)
        precondition(ccurl_multi_set_no_multiplexing(multi) == CURLM_OK)
        loop.beforeEachWait { [weak self] in self?.runDueTimer() }
    }

    deinit {
        for easy in transfers.keys { curl_multi_remove_handle(multi, easy) }
        curl_multi_cleanup(multi)
    }

    func start(_ transfer: CurlTransfer) -> CURLMcode {
        transfers[transfer.easy] = transfer
        transfer.begin()
        return curl_multi_add_handle(multi, transfer.easy)
    }

    @discardableResult
    func remove(_ transfer: CurlTransfer) -> CURLMcode {
        transfers[transfer.easy] = nil
        return curl_multi_remove_handle(multi, transfer.easy)
    }

    /// Runs a transfer from its start to its removal.
    func perform(_ transfer: CurlTransfer) throws -> CURLcode? {
        guard start(transfer) == CURLM_OK else { return nil }
        try loop.run(until: "the transfer to finish") { transfer.result != nil }
        remove(transfer)
        return transfer.result
    }

    private func runDueTimer() -> Duration? {
        guard let deadline = timerDeadline else { return nil }
        let remaining = deadline - .now
        guard remaining <= .zero else { return remaining }
        timerDeadline = nil
        act(on: CURL_SOCKET_BAD, events: 0)
        return timerDeadline.map { $0 - .now }
    }

    private func act(on socket: CInt, events: CInt) {
        var runningTransfers: CInt = 0
        let code = curl_multi_socket_action(multi, socket, events, &runningTransfers)
        precondition(code == CURLM_OK, "curl_multi_socket_action failed: \(code)")
        var remainingMessages: CInt = 0
        while let message = curl_multi_info_read(multi, &remainingMessages) {
            let transfer = CurlTransfer.owning(ccurl_message_easy(message))
            transfer.finish(ccurl_message_result(message))
        }
    }

    fileprivate func watch(_ socket: CInt, for what: CInt) {
        guard what != CURL_POLL_REMOVE else {
            watchedSockets.remove(socket)
            loop.unwatch(socket)
            return
        }
        watchedSockets.insert(socket)
        var events: UInt32 = 0
        if what & CURL_POLL_IN != 0 { events |= EPOLLIN.rawValue }
        if what & CURL_POLL_OUT != 0 { events |= EPOLLOUT.rawValue }
        loop.watch(socket, for: events) { [weak self] ready in
            var action: CInt = 0
            if ready & EPOLLIN.rawValue != 0 { action |= CURL_CSELECT_IN }
            if ready & EPOLLOUT.rawValue != 0 { action |= CURL_CSELECT_OUT }
            if ready & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { action |= CURL_CSELECT_ERR }
            self?.act(on: socket, events: action)
        }
    }

    fileprivate func setTimer(_ milliseconds: Int) {
        timerRequests.append(milliseconds)
        timerDeadline = milliseconds < 0 ? nil : .now + .milliseconds(milliseconds)
        onTimerRequest(milliseconds)
    }
}

private let forwardSocketRequest: ccurl_socket_callback = { _, socket, what, context, _ in
    Unmanaged<CurlTransfers>.fromOpaque(context!).takeUnretainedValue().watch(socket, for: what)
    return 0
}

private let forwardTimerRequest: ccurl_timer_callback = { _, milliseconds, context in
    Unmanaged<CurlTransfers>.fromOpaque(context!).takeUnretainedValue().setTimer(milliseconds)
    return 0
}
