import Foundation
import TestSupport
import Testing

/// Nobody asks the upstream for compression, since compressed streams come late. What comes compressed all the same is
/// no answer, however large it would become.
@Suite(.timeLimit(.minutes(10)))
struct CompressionBombs {
    /// In kB; half of what the bomb becomes.
    private static let memoryLimit = AddressSanitizer.memoryFactor * (200 << 10)

    /// 400 MB of blanks in an event that has begun.
    private static let bomb: Result<[UInt8], any Error> = Result {
        // Foundation's own Process reads past its buffer where a thousand descriptors are open, as other tests may have.
        let command = "{ printf 'data: {\"a\":\"'; head -c 400M /dev/zero | tr '\\0' ' '; } | gzip -1"
        guard let output = popen(command, "re") else { throw SupportError("there is no shell") }
        defer { pclose(output) }
        return Array(try FileHandle(fileDescriptor: fileno(output)).readToEnd() ?? Data())
    }

    @Test(
        arguments: [
            "Content-Encoding: gzip", "Content-Encoding: gzip, gzip", "Content-Encoding: deflate",
            "Transfer-Encoding: gzip", "Transfer-Encoding: gzip, gzip", "Content-Encoding: br",
        ], ["text/event-stream", "application/json"])
    func areNoAnswer(encoding: String, type: String) throws {
        let bomb = try Self.bomb.get()
        let upstream = try RawUpstream { call in
            guard call.model == ListedModel.first.id else { return call.sendWords("fine") }
            call.sendHead(type: type, encoding + "\r\n")
            call.send(bomb)
        }
        let proxy = try upstream.proxy()
        for stream in [true, false] {
            let response = try proxy.client.post("/api/chat", json: Stage.chatBody(stream: stream))
            #expect(ChatReply(response).content == "fine")
            _ = try proxy.client.request("DELETE", "/api/proxy/failures")
        }
        #expect(proxy.process.peakResidentKilobytes ?? 0 < Self.memoryLimit)
    }

    @Test func aCompressedListIsNone() throws {
        let bomb = try Self.bomb.get()
        let upstream = try RawUpstream(answersAll: true) { call in
            call.sendHead(type: "application/json", "Content-Encoding: gzip\r\n")
            call.send(bomb)
        }
        let proxy = try ProxyProcess(upstream: upstream.baseURL)
        try proxy.waitForLog(event: "models_refresh_failed", timeout: 30)
        try proxy.waitForLog(event: "account_unknown", timeout: 30)
        #expect(proxy.process.peakResidentKilobytes ?? 0 < Self.memoryLimit)
    }
}
