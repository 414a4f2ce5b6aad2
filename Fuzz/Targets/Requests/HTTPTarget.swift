import OllamaProxy

/// Whole requests, as bytes on a connection: every reply is one of HTTP's, with a status that is meant, and tells no key;
/// and whatever came before, the next client is served.
enum HTTPTarget {
    private static let server = FuzzedServer()
    private nonisolated(unsafe) static var count = 0

    private static let statuses: Set = [
        "200", "204", "400", "401", "403", "404", "405", "408", "411", "413", "414", "417", "422", "431", "501", "502",
        "503", "505",
    ]

    static func run(_ bytes: Bytes) {
        check(server.exchange(bytes))
        count += 1
        guard count % 64 == 0 else { return }
        let health = server.exchange("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", patience: 2000)
        expect(health.hasPrefix("HTTP/1.1 200"), "after this nobody is served: \(health)")
    }

    private static func check(_ reply: String) {
        guard !reply.isEmpty else { return }
        let words = reply.prefix(while: { $0 != "\r\n" }).split(separator: " ")
        expect(words.first == "HTTP/1.1" || words.first == "HTTP/1.0", "no reply of HTTP's: \(reply.prefix(200))")
        expect(words.count > 1 && statuses.contains(String(words[1])), "an odd status: \(reply.prefix(200))")
        expect(!reply.contains(Examples.key), "the reply tells the key")
    }
}
