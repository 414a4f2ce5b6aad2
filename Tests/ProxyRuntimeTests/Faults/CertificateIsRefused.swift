import Foundation
import TestSupport
import Testing

/// An upstream that cannot prove who it is never sees the key. The log says why and what can be done, once, and as soon
/// as the certificate is right everything works by itself.
@Suite(
    .timeLimit(.minutes(10)), .enabled(if: TLSUpstream.isAvailable, "the openssl command is not installed"))
struct CertificateIsRefused {
    @Test(
        arguments: [
            (.expired, "certificate has expired"), (.ofAnotherHost, "does not match|no alternative certificate"),
            (.ofAnotherAuthority, "unable to get local issuer certificate"),
        ] as [(TLSUpstream.Certificate, String)])
    func untilItIsRight(certificate: TLSUpstream.Certificate, reason: String) throws {
        let reasons = reason.split(separator: "|")
        let upstream = try TLSUpstream(certificate)
        let proxy = try ProxyProcess(
            upstream: upstream.baseURL, settings: ["SSL_CERT_FILE": upstream.authorities.path])
        let line = try proxy.waitForLog(event: "upstream_not_trusted", containing: "SSL_CERT_FILE")
        #expect(line.level == "error")
        #expect(reasons.contains { line["reason"]?.contains($0) == true }, "\(line)")
        try proxy.waitForLog(event: "models_refresh_failed")
        let response = try proxy.client.post("/api/chat", json: Stage.chatBody())
        #expect(response.status == 503)
        #expect(reasons.contains { response.errorText?.contains($0) == true }, "\(response.text)")
        #expect(try proxy.client.request("GET", "/api/version").status == 200)
        // Nothing was said to it, the key least of all.
        try proxy.waitForLog(event: "account_unknown")
        #expect(!upstream.hasBeenAsked)
        try proxy.expectRest()
        #expect(proxy.logCount(of: "upstream_not_trusted") == 1)

        try upstream.change(to: .right)
        try proxy.waitForLog(event: "models_ready", containing: "source=upstream", timeout: 40)
        #expect(upstream.hasBeenAsked)
        #expect(try proxy.health().models == 3)
    }

    /// Without being told of it, nobody believes an authority that the system does not know.
    @Test func theAuthorityIsNotSet() throws {
        let upstream = try TLSUpstream(.right)
        let proxy = try ProxyProcess(upstream: upstream.baseURL)
        try proxy.waitForLog(event: "upstream_not_trusted", containing: "SSL_CERT_FILE")
        #expect(!upstream.hasBeenAsked)
        let check = try ChildProcess(
            executable: BuiltProducts.ollamaProxy(), arguments: ["check"],
            environment: [
                "OPENROUTER_API_KEY": "test-key", "OPENROUTER_BASE_URL": upstream.baseURL,
                "DATA_DIR": proxy.dataFolder.path,
            ])
        #expect(check.waitForExit(timeout: 60) == .exited(1))
        check.output.waitForEnd(timeout: 5)
        #expect(check.output.lines.contains { $0.contains("certificate") && $0.contains("SSL_CERT_FILE") })
        #expect(!upstream.hasBeenAsked)
    }

    /// A file that names no authority at all is found out with the first connection.
    @Test func theAuthoritiesFileHoldsNone() throws {
        let upstream = try TLSUpstream(.right)
        let folder = try TemporaryFolder()
        let file = try folder.write(
            "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n", to: "authorities.pem")
        let proxy = try ProxyProcess(upstream: upstream.baseURL, settings: ["SSL_CERT_FILE": file.path])
        try proxy.waitForLog(event: "upstream_not_trusted", containing: file.path)
        #expect(!upstream.hasBeenAsked)
    }
}
