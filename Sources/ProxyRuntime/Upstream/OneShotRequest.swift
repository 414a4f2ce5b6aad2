import CCurlShim
import Glibc
import OllamaProxy

/// One request that a command waits for. The server, whose loop must never wait, uses `Fetch` instead.
struct OneShotRequest {
    enum Outcome {
        case reply(status: Int, ByteBuffer)
        case failed(String)
    }

    var method = "GET"
    let url: String
    /// `Name: value`.
    var headers: [String] = []
    var timeout = Span.seconds(15)
    var certificatesPath: String?
    /// Whether HTTPS_PROXY and its like count; not for what runs on this machine.
    var usesProxy = true

    /// Sends it and waits for the whole reply.
    func perform() -> Outcome {
        curl_global_init(Int(CURL_GLOBAL_DEFAULT))
        guard let easy = curl_easy_init() else { return .failed("out of memory") }
        defer { curl_easy_cleanup(easy) }
        var list: UnsafeMutablePointer<curl_slist>?
        for header in headers { list = curl_slist_append(list, header) }
        defer { curl_slist_free_all(list) }
        let body = ByteBuffer()
        ccurl_set_url(easy, url)
        ccurl_set_method(easy, method)
        ccurl_set_header_list(easy, list)
        ccurl_set_no_signal(easy)
        ccurl_set_protocols(easy, "http,https")
        ccurl_set_timeout(easy, timeout.secondsRoundedUp)
        ccurl_set_write(easy, gatherBody, Unmanaged.passUnretained(body).toOpaque())
        if let certificatesPath { ccurl_set_ca_file(easy, certificatesPath) }
        if !usesProxy { ccurl_set_no_proxy(easy, "*") }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(CURL_ERROR_SIZE)) { text in
            text.initialize(repeating: 0)
            ccurl_set_error_buffer(easy, text.baseAddress)
            let result = curl_easy_perform(easy)
            guard result != CURLE_OK else { return .reply(status: ccurl_response_status(easy), body) }
            let detail = text[0] == 0 ? curl_easy_strerror(result)! : UnsafePointer(text.baseAddress!)
            return .failed(String(cString: detail))
        }
    }

    /// No reply that a command waits for is larger, in bytes.
    fileprivate static let largestBody = 64 << 20
}

private func gatherBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return 0 }
    let body = Unmanaged<ByteBuffer>.fromOpaque(context).takeUnretainedValue()
    guard body.count + size * count <= OneShotRequest.largestBody else { return 0 }
    return UnsafeRawPointer(bytes).withMemoryRebound(to: UInt8.self, capacity: size * count) { start in
        body.append(Bytes(start: start, count: size * count))
        return size * count
    }
}
