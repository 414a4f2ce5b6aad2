import CCurlShim

/// The URLs that the upstream is asked for, each taken apart once. From its text alone libcurl would take a URL apart and
/// put it together again for every request.
final class UpstreamURLs {
    private struct Entry {
        let text: String
        /// nil when libcurl cannot read the text; it says so when it is to ask for it.
        let parts: OpaquePointer?
    }

    private let base: String
    private var entries: [String: Entry] = [:]

    init(base: String) {
        self.base = base
    }

    deinit {
        for entry in entries.values { curl_url_cleanup(entry.parts) }
    }

    /// Lets the handle's next transfer ask for `path`, behind the base URL. There are only a few paths, all of them ours.
    ///
    /// The parts must outlive the transfer, which holds the handles, which hold these.
    func set(_ path: String, on easy: UnsafeMutableRawPointer) {
        let entry = entries[path] ?? add(path)
        // Both: where only the parts are set, libcurl puts the text together from them.
        entry.text.withCString { _ = ccurl_set_url(easy, $0) }
        if let parts = entry.parts { ccurl_set_url_parts(easy, parts) }
    }

    private func add(_ path: String) -> Entry {
        let text = base + path
        var parts = curl_url()
        if curl_url_set(parts, CURLUPART_URL, text, UInt32(CURLU_GUESS_SCHEME)) != CURLUE_OK {
            curl_url_cleanup(parts)
            parts = nil
        }
        let entry = Entry(text: text, parts: parts)
        entries[path] = entry
        return entry
    }
}
