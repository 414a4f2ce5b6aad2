import OllamaProxy
import Testing

struct OriginPolicyTests {
    private func isServed(_ origin: String?, host: String = "127.0.0.1:11434", origins: [String] = []) -> Bool {
        OriginPolicy(origins: origins).decide(method: "GET", origin: origin, host: host) != .refuse
    }

    @Test func whatNoPageAsksIsServedWithoutHeaders() {
        let policy = OriginPolicy(origins: ["*"])
        #expect(policy.decide(method: "GET", origin: nil, host: "x") == .serve([]))
        #expect(policy.decide(method: "OPTIONS", origin: "", host: "x") == .serve([]))
    }

    /// The page comes from the server's own address, for instance through a tunnel.
    @Test func pagesOfOurOwnAreServed() {
        #expect(isServed("http://proxy.example:80", host: "proxy.example:80"))
        #expect(isServed("https://proxy.example", host: "proxy.example"))
        #expect(!isServed("https://proxy.example", host: "other.example"))
    }

    @Test(arguments: ["http://localhost", "HTTP://LOCALHOST:1", "https://127.0.0.1:2", "file://x", "tauri://localhost"])
    func standardOriginsAreServed(origin: String) {
        #expect(isServed(origin, host: "elsewhere"))
    }

    @Test(arguments: ["http://localhost.evil", "http://evil", "null", "http://localhostx:1", "ftp://localhost"])
    func othersAreRefused(origin: String) {
        #expect(!isServed(origin))
    }

    /// A pattern's two halves may not overlap.
    @Test func patternsStandForAnything() {
        let origins = ["https://*.example.com", "https://aba*aba"]
        #expect(isServed("https://a.b.example.com", origins: origins))
        #expect(isServed("HTTPS://A.Example.COM", origins: origins))
        #expect(!isServed("https://example.com", origins: origins))
        #expect(!isServed("https://a.example.com.net", origins: origins))
        #expect(!isServed("https://aba", origins: origins))
        #expect(isServed("https://abaaba", origins: origins))
    }

    @Test func theOriginIsNamedAsItCame() {
        let decision = OriginPolicy(origins: []).decide(method: "GET", origin: "http://LOCALHOST:1", host: "x")
        #expect(
            decision == .serve([.init("Access-Control-Allow-Origin", "http://LOCALHOST:1"), .init("Vary", "Origin")]))
        let all = OriginPolicy(origins: ["*"]).decide(method: "GET", origin: "null", host: "x")
        #expect(all == .serve([.init("Access-Control-Allow-Origin", "*")]))
    }

    @Test func preflightsSayWhatIsAllowed() {
        let decision = OriginPolicy(origins: []).decide(method: "OPTIONS", origin: "http://localhost", host: "x")
        guard case .preflight(let headers) = decision else {
            Issue.record("\(decision)")
            return
        }
        #expect(headers.first == .init("Access-Control-Allow-Origin", "http://localhost"))
        #expect(headers.contains(.init("Access-Control-Max-Age", "43200")))
        #expect(headers.contains { $0.name == "Access-Control-Allow-Headers" && $0.value.contains("X-Stainless-Os") })
        #expect(headers.contains { $0.name == "Vary" && $0.value.contains("Access-Control-Request-Method") })
    }
}
