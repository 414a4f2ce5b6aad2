import Foundation
import ProxyRuntime
import TestSupport
import Testing

/// More than the server is allowed to take on.
@Suite(.timeLimit(.minutes(10)))
struct TooMuchAtOnce {
    @Test func moreRequestsThanAllowedAreRefused() throws {
        let stage = try Stage(settings: ["MAX_CONCURRENT_REQUESTS": "1"])
        try stage.scriptAll(Answer.stallsAfterThreeWords)
        let first = try stage.openChat()
        #expect(try first.readHead().status == 200)
        let second = try stage.chat()
        #expect(second.response.status == 503)
        #expect(second.response.headers["retry-after"] != nil)
        #expect(try stage.client.request("GET", "/api/tags").status == 200)
        first.close()
        try stage.waitUntilIdle()
        try stage.scriptAll(Answer.words(["fine"]))
        #expect(try stage.chat().response.status == 200)
    }

    @Test func aLargerBodyThanSetIsRefused() throws {
        let stage = try Stage(settings: ["MAX_BODY_MEGABYTES": "1"])
        let response = try stage.client.request("POST", "/api/chat", body: [UInt8](repeating: 0x20, count: 2 << 20))
        #expect(response.status == 413)
        #expect(response.text.contains("1 MB"))
    }

    @Test func moreConnectionsThanAllowedDoNotHarmOthers() throws {
        let stage = try Stage(settings: ["MAX_CONNECTIONS": "4"])
        var open: [HTTPStream] = []
        for _ in 0..<4 {
            let stream = try stage.client.connect()
            try stream.send("GET", "/api/version")
            #expect(try stream.readResponse().status == 200)
            open.append(stream)
        }
        let surplus = try stage.client.connect()
        try? surplus.send("GET", "/api/version")
        let answer = try? surplus.readResponse(timeout: 0.5)
        #expect(answer == nil)
        surplus.close()
        // Those who are in are served, and who leaves makes room.
        try open[0].send("GET", "/api/version")
        #expect(try open[0].readResponse().status == 200)
        open.removeLast().close()
        try open[0].send("GET", "/health")
        _ = try open[0].readResponse()
        let deadline = Date(timeIntervalSinceNow: 10)
        var served = false
        while !served, Date() < deadline { served = (try? stage.client.request("GET", "/api/version").status) == 200 }
        #expect(served)
    }

    @Test func largerHeadersThanSetAreRefused() throws {
        let large = [("X-Large", String(repeating: "a", count: 30_000))]
        let stage = try Stage()
        #expect(try stage.client.request("GET", "/api/version", headers: large).status == 431)
        #expect(try stage.client.request("GET", "/api/version").status == 200)
        let roomy = try Stage(settings: ["MAX_HEADER_KILOBYTES": "64"])
        #expect(try roomy.client.request("GET", "/api/version", headers: large).status == 200)
    }
}

/// Which connections are counted together.
struct ConnectionsOfOneAddress {
    private func address(_ text: String) -> IPAddress? { IPAddress(text) }

    @Test func haveALimit() {
        var counts = ConnectionCounts(limit: 2)
        let address = address("192.0.2.7")
        for _ in 0..<2 {
            #expect(counts.admits(address))
            counts.opened(address)
        }
        #expect(!counts.admits(address))
        #expect(counts.admits(self.address("192.0.2.8")))
        counts.closed(address)
        #expect(counts.admits(address))
    }

    /// Who has one address of an IPv6 network has them all.
    @Test func areThoseOfAnIPv6Network() {
        var counts = ConnectionCounts(limit: 1)
        counts.opened(address("2001:db8:1:2::1"))
        #expect(!counts.admits(address("2001:db8:1:2:ffff::9")))
        #expect(counts.admits(address("2001:db8:1:3::1")))
    }

    /// A reverse proxy on this machine brings everybody, and a socket in the file system has no address.
    @Test(arguments: ["127.0.0.1", "127.9.9.9", "::1", "no address"])
    func areNotCountedForThisMachine(text: String) {
        var counts = ConnectionCounts(limit: 1)
        counts.opened(address(text))
        #expect(counts.admits(address(text)))
    }

    @Test func areNotLimitedByZero() {
        var counts = ConnectionCounts(limit: 0)
        for _ in 0..<100 { counts.opened(address("192.0.2.7")) }
        #expect(counts.admits(address("192.0.2.7")))
    }
}
