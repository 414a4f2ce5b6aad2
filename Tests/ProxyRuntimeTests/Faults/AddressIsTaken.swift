import Foundation
import TestSupport
import Testing

/// An address that cannot be listened on ends the start with exit code 1, the address and what to do, and nothing else
/// is touched.
@Suite(.timeLimit(.minutes(10)))
struct AddressIsTaken {
    private func message(_ settings: [String: String]) throws -> String {
        let folder = try TemporaryFolder()
        let proxy = try ProxyProcess(
            upstream: nil, settings: settings, dataFolder: folder.url, waitsUntilListening: false)
        #expect(proxy.waitForExit(timeout: 20) == .exited(1))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
        #expect(proxy.process.errors.lines.filter { $0.contains("cannot listen") }.count == 1)
        return proxy.process.errors.lines.joined(separator: "\n")
    }

    @Test func byAnotherServer() throws {
        let stage = try Stage()
        let message = try message(["PORT": "", "OLLAMA_HOST": "127.0.0.1:\(stage.proxy.port)"])
        #expect(message.contains("127.0.0.1 port \(stage.proxy.port)"))
        #expect(message.contains("Address already in use"))
        #expect(message.contains("OLLAMA_HOST") && message.contains("PORT"))
        // The other one has not noticed.
        #expect(try stage.client.request("GET", "/").status == 200)
    }

    /// Of a network that is only documented, never used.
    @Test func thisMachineHasItNot() throws {
        let message = try message(["PORT": "", "OLLAMA_HOST": "192.0.2.1:11434"])
        #expect(message.contains("192.0.2.1 port 11434"))
        #expect(message.contains("OLLAMA_HOST"))
    }
}
