import Foundation
import TestSupport
import Testing

/// No connection at all: every model lies behind the same one, so it is tried once more, and then it is over.
@Suite(.timeLimit(.minutes(10)))
struct UpstreamCannotBeConnected {
    /// `CONNECT_TIMEOUT_SECONDS` is for peers that say nothing, not even no.
    @Test(arguments: [true, false])
    func aPeerThatDoesNotAnswer(stream: Bool) throws {
        let folder = try TemporaryFolder()
        // The list is known from before.
        #expect(try Stage(dataFolder: folder.url).proxy.terminate() == .exited(0))
        let listener = try DeafListener()
        let proxy = try ProxyProcess(
            upstream: "http://127.0.0.1:\(listener.port)/api/v1", settings: ["CONNECT_TIMEOUT_SECONDS": "1"],
            dataFolder: folder.url)
        let response = try proxy.client.post("/api/chat", json: Stage.chatBody(stream: stream))
        #expect(response.status == 502)
        #expect(response.errorText?.hasPrefix("2 attempts failed: 1. \(ListedModel.first.id): ") == true)
        #expect(response.errorText?.contains("; 2. \(ListedModel.first.id): ") == true)
        #expect(response.headers["X-Proxy-Attempts"] == "2")
        // Neither a model nor the account has anything to do with it.
        #expect(try proxy.health()["in_cooldown"] == 0)
        let lines = proxy.logLines.filter { $0.event == "attempt_failed" }
        #expect(lines.map { $0["kind"] } == ["network", "network"])
    }
}
