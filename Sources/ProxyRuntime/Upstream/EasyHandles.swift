import CCurlShim
import Glibc
import OllamaProxy

/// One of libcurl's easy handles, and the text that it writes errors to.
final class EasyHandle {
    let easy: UnsafeMutableRawPointer
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    /// - Returns: nil when there is no memory for it.
    fileprivate init?() {
        guard let easy = curl_easy_init() else {
            errorText.deallocate()
            return nil
        }
        self.easy = easy
    }

    deinit {
        curl_easy_cleanup(easy)
        errorText.deallocate()
    }

    /// Makes it as good as new. Without the reset libcurl 7.88 would count over all its transfers how often it has repeated
    /// one because a kept connection was dead, and repeat none after the fifth.
    fileprivate func reset() {
        curl_easy_reset(easy)
        errorText[0] = 0
        ccurl_set_error_buffer(easy, errorText)
    }

    /// What libcurl says of the failure; empty when it says nothing.
    var failure: String { String(cString: errorText) }
}

/// Easy handles that wait to be used again: to make one takes longer than all that a transfer sets on it.
final class EasyHandles {
    /// Each holds some ten kilobytes.
    private static let mostIdle = 8

    private let settings: Upstream.Settings
    private let headers: UnsafeMutablePointer<curl_slist>?
    private let share: UnsafeMutableRawPointer?
    private let urls: UpstreamURLs
    private var idle: [EasyHandle] = []

    init(
        settings: Upstream.Settings, headers: UnsafeMutablePointer<curl_slist>?, share: UnsafeMutableRawPointer?
    ) {
        self.settings = settings
        self.headers = headers
        self.share = share
        urls = UpstreamURLs(base: settings.baseURL)
    }

    /// A handle that is set up for one request.
    /// - Parameters:
    ///   - path: behind the base URL.
    ///   - body: nil for a GET. libcurl does not copy it. One that is in pieces is for the transfer to give.
    /// - Returns: nil when there is no memory for one.
    func acquire(path: String, body: UpstreamBody?) -> EasyHandle? {
        guard let handle = idle.popLast() ?? EasyHandle() else { return nil }
        handle.reset()
        let easy = handle.easy
        urls.set(path, on: easy)
        ccurl_set_header_list(easy, headers)
        if let whole = body?.whole { ccurl_set_post(easy, whole.address, whole.count) }
        // docs/decisions/0003: libcurl 7.88's HTTP/2 breaks back-pressure and the detection of broken streams.
        ccurl_set_http_version_1_1(easy)
        // Each stream has a buffer of its own, and a chunk is a few hundred bytes.
        ccurl_set_buffer_size(easy, 4 << 10)
        // Only a body of more than 64 kB goes through one, which libcurl keeps until the answer has ended.
        ccurl_set_upload_buffer_size(easy, 16 << 10)
        ccurl_set_no_signal(easy)
        // Without it, removing a transfer waits for the resolver's thread.
        ccurl_set_quick_exit(easy)
        ccurl_set_tcp_keep_alive(easy)
        // What a proxy on the way answers is not the upstream's reply.
        ccurl_set_suppress_connect_headers(easy)
        ccurl_set_protocols(easy, "http,https")
        ccurl_set_dns_cache_timeout(easy, 300)
        ccurl_set_connect_timeout(easy, settings.connectTimeout.milliseconds)
        if let path = settings.certificatesPath { ccurl_set_ca_file(easy, path) }
        ccurl_set_share(easy, share)
        return handle
    }

    /// To be called when the handle belongs to no multi handle any more.
    func giveBack(_ handle: EasyHandle) {
        if idle.count < Self.mostIdle { idle.append(handle) }
    }

    func removeAll() {
        idle.removeAll()
    }
}
