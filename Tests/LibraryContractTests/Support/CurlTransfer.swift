import CCurlShim
import Glibc

/// One easy handle, set up with the options that the runtime gives every transfer.
final class CurlTransfer {
    enum Consumption {
        case everything
        case pause
    }

    let easy: UnsafeMutableRawPointer
    private(set) var received: [UInt8] = []
    private(set) var result: CURLcode?
    /// The answer of each setter, in order.
    private(set) var settingResults: [CURLcode] = []
    /// Held here because Swift would release, and so close, an upstream after the test's last mention of it.
    private var upstream: ScriptedUpstream?
    private var headerList: UnsafeMutablePointer<curl_slist>?
    /// Called before the bytes count as received.
    var onBytes: (String) -> Consumption = { _ in .everything }

    init(url: String) {
        CurlTransfers.initializeLibrary
        easy = curl_easy_init()!
        setUp(url: url)
    }

    /// Uses the handle for another request, as the runtime does.
    func reset(url: String) {
        curl_easy_reset(easy)
        setUp(url: url)
    }

    private func setUp(url: String) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        settingResults = [
            ccurl_set_url(easy, url),
            ccurl_set_http_version_1_1(easy),
            ccurl_set_no_signal(easy),
            ccurl_set_quick_exit(easy),
            ccurl_set_tcp_keep_alive(easy),
            ccurl_set_connect_timeout(easy, 10_000),
            ccurl_set_protocols(easy, "http,https"),
            ccurl_set_dns_cache_timeout(easy, 300),
            ccurl_set_buffer_size(easy, 16_384),
            ccurl_set_private(easy, context),
            ccurl_set_write(easy, receiveBytes, context),
        ]
    }

    convenience init(to upstream: ScriptedUpstream, path: String = "") {
        self.init(url: upstream.url + path)
        self.upstream = upstream
    }

    deinit {
        // The easy handle refers to the list until its own end.
        curl_easy_cleanup(easy)
        curl_slist_free_all(headerList)
    }

    var text: String { String(decoding: received, as: UTF8.self) }
    var status: Int { ccurl_response_status(easy) }
    var sentBodyCount: Int { Int(ccurl_sent_body_bytes(easy)) }

    static func owning(_ easy: UnsafeMutableRawPointer) -> CurlTransfer {
        Unmanaged.fromOpaque(ccurl_private(easy)).takeUnretainedValue()
    }

    func begin() {
        result = nil
    }

    func finish(_ result: CURLcode) {
        self.result = result
    }

    func addHeader(_ line: String) {
        headerList = curl_slist_append(headerList, line)
        settingResults.append(ccurl_set_header_list(easy, headerList))
    }

    /// The bytes are the caller's, and libcurl reads them when it sends.
    func post(_ body: UnsafeRawBufferPointer) {
        settingResults.append(ccurl_set_post(easy, body.baseAddress, body.count))
    }

    func trustOnly(certificateAt path: String) {
        settingResults.append(ccurl_set_ca_file(easy, path))
    }

    func share(_ share: UnsafeMutableRawPointer) {
        settingResults.append(ccurl_set_share(easy, share))
    }

    func unpause() -> CURLcode {
        curl_easy_pause(easy, CURLPAUSE_CONT)
    }

    fileprivate func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
        switch onBytes(String(decoding: bytes, as: UTF8.self)) {
        case .pause: return Int(CURL_WRITEFUNC_PAUSE)
        case .everything:
            received += bytes
            return bytes.count
        }
    }
}

private let receiveBytes: ccurl_data_callback = { bytes, size, count, context in
    let transfer = Unmanaged<CurlTransfer>.fromOpaque(context!).takeUnretainedValue()
    return transfer.receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
}

extension UnsafeMutableRawBufferPointer {
    /// A request's body of so many bytes, to be deallocated by the test.
    static func body(of count: Int) -> Self {
        let body = allocate(byteCount: count, alignment: 1)
        body.initializeMemory(as: UInt8.self, repeating: UInt8(ascii: "x"))
        return body
    }
}
