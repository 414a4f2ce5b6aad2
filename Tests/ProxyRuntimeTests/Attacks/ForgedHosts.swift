import TestSupport
import Testing

/// Hosts and origins that look like this machine's and are not. What browsers really send is in `HostNames`
/// and `Origins`.
@Suite(.timeLimit(.minutes(10)))
struct ForgedHosts {
    @Test(arguments: [
        "user@localhost", "localhost@example.com", "user:pass@127.0.0.1", "example.com@127.0.0.1:11434", "localhost.",
        "localhost..", "localhost.:11434", "127.0.0.1.", "localhost:80:80", "localhost:example.com", "localhost:80x",
        "127.0.0.1:80@example.com", "[::1]example.com", "[::1].example.com", "[::1]:80@example.com", "[::1",
        "[example.com]", "[2001:db8::1]", "localhost, example.com", "localhost example.com", "localhost/example.com",
        "localhost#example.com", "localhost?example.com", "localhost\\example.com", "localhost%00.example.com",
        "127.0.0.1.nip.io", "7f000001.example.com", "2130706433", "0x7f000001", "127.1", "0177.0.0.1", "1.1.1.1",
        "example.localhost.com", "localhostx", "internal", "localho\u{17F}t", "\u{FF4C}ocalhost",
    ])
    func areRefused(host: String) throws {
        let stage = try Stage()
        for headers in [[("Host", host)], [("Host", host), ("Origin", "http://\(host)")]] {
            let chat = try stage.client.post("/api/chat", json: Stage.chatBody(), headers: headers)
            #expect(chat.status == 403)
        }
        #expect(try stage.upstream.chatRequests().isEmpty)
    }

    /// The host of a whole URL is the one that counts.
    @Test func areRefusedInTheRequestLineToo() throws {
        let stage = try Stage()
        for (host, status) in [
            ("localhost", 200), ("127.0.0.1:11434", 200), ("example.com", 403), ("example.com:11434", 403),
            ("localhost@example.com", 403), ("[::1]:1", 200),
        ] {
            let client = try stage.client.connect()
            try client.send(raw: "GET http://\(host)/api/tags HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try client.readResponse().status == status, "\(host)")
        }
        let client = try stage.client.connect()
        try client.send(raw: "GET http://localhost/api/tags HTTP/1.1\r\nHost: example.com\r\n\r\n")
        #expect(try client.readResponse().status == 200)
    }

    @Test(arguments: [
        "null", "NULL", "null, http://localhost", "http://localhost.", "http://localhost.example.com:80",
        "http://example.com/http://localhost", "http://example.com#http://localhost", "ttp://localhost",
        "https://localhost.", "http://[::1]@example.com", "http://127.0.0.1.example.com:11434", "localhost",
        "data:text/html", "javascript:0", "http://", "*", "http://*", "http://2130706433", "http://localhos\u{17F}",
    ])
    func originsAreRefused(origin: String) throws {
        let stage = try Stage()
        let headers = [("Origin", origin), ("Access-Control-Request-Method", "POST")]
        let preflight = try stage.client.request("OPTIONS", "/api/chat", headers: headers)
        #expect(preflight.status == 403)
        // A form needs no permission to be sent.
        let form = try stage.client.request(
            "POST", "/api/chat", headers: [("Origin", origin), ("Content-Type", "text/plain")], body: Stage.chatBody())
        #expect(form.status == 403)
        for reply in [preflight, form] { #expect(reply.headers["Access-Control-Allow-Origin"] == nil) }
        #expect(try stage.upstream.chatRequests().isEmpty)
    }
}
