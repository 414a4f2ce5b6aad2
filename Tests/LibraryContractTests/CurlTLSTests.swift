import CCurlShim
import Testing

/// What the runtime relies on for its connection to the real upstream.
@Suite(
    .timeLimit(.minutes(10)), .enabled(if: OpenSSLServer.executable != nil, "the openssl command is not installed"))
struct CurlTLSTests {
    /// Fact: certificates are verified without any option set: an unknown issuer and a wrong name are refused, and a
    /// trusted certificate for the right name is accepted. The runtime sends its key only after that.
    @Test func certificateIsVerifiedByDefault() throws {
        let server = try OpenSSLServer()
        defer { server.stop() }
        let transfers = CurlTransfers(loop: EventLoop())

        let unknownIssuer = CurlTransfer(url: "https://127.0.0.1:\(server.port)/")
        #expect(try transfers.perform(unknownIssuer) == CURLE_PEER_FAILED_VERIFICATION)

        let wrongName = CurlTransfer(url: "https://localhost:\(server.port)/")
        wrongName.trustOnly(certificateAt: server.certificatePath)
        #expect(try transfers.perform(wrongName) == CURLE_PEER_FAILED_VERIFICATION)

        let trusted = CurlTransfer(url: "https://127.0.0.1:\(server.port)/")
        trusted.trustOnly(certificateAt: server.certificatePath)
        #expect(try transfers.perform(trusted) == CURLE_OK)
    }

    /// Fact: TLS sessions live in the easy handle unless a share holds them; with the share, a new handle resumes the
    /// session of an old one. Cancelling drops connections, so the runtime shares sessions to make new ones cheap.
    @Test func sharedSessionIsResumedByAnotherTransfer() throws {
        let server = try OpenSSLServer()
        defer { server.stop() }
        let transfers = CurlTransfers(loop: EventLoop())
        let share = try #require(curl_share_init())
        #expect(ccurl_share_tls_sessions(share) == CURLSHE_OK)

        func connectionReport(sharing: Bool) throws -> String {
            let transfer = CurlTransfer(url: "https://127.0.0.1:\(server.port)/")
            transfer.trustOnly(certificateAt: server.certificatePath)
            if sharing { transfer.share(share) }
            #expect(transfer.settingResults.allSatisfy { $0 == CURLE_OK })
            #expect(try transfers.perform(transfer) == CURLE_OK)
            return transfer.text
        }
        #expect(try connectionReport(sharing: true).contains("New, TLS"))
        #expect(try connectionReport(sharing: true).contains("Reused, TLS"))
        #expect(try connectionReport(sharing: false).contains("New, TLS"))
        #expect(curl_share_cleanup(share) == CURLSHE_OK)
    }
}
