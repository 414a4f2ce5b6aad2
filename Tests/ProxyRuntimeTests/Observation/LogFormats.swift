import Foundation
import TestSupport
import Testing

/// The log as other programs read it.
@Suite(.timeLimit(.minutes(10)))
struct LogFormats {
    @Test func everyLineIsAnObject() throws {
        let upstream = try FakeOpenRouter()
        try upstream.setModels(ListedModel.three.json)
        try upstream.setScript([
            "rules": [
                ["model": ListedModel.first.id, "answers": [Answer.failure("503")]],
                ["model": "*", "answers": [Answer.words(["fine"])]],
            ]
        ])
        let proxy = try ProxyProcess(
            upstream: upstream.baseURL, settings: ["LOG_FORMAT": "json"], waitsUntilListening: false)
        func objects() -> [JSONObject] { proxy.process.errors.lines.compactMap { try? JSON.object($0) } }
        _ = proxy.process.errors.waitForLine(timeout: 20) { $0.contains("\"event\":\"models_ready\"") }
        let listening = try #require(objects().first { $0["event"] as? String == "listening" })
        let client = HTTPClient(port: UInt16(try #require(listening["port"] as? Int)))
        let reply = try client.post("/api/chat", json: Stage.chatBody("a \"quoted\"\nname"))
        #expect(reply.status == 200)
        #expect(proxy.terminate() == .exited(0))
        #expect(objects().count == proxy.process.errors.lines.count)
        let request = try #require(objects().first { $0["event"] as? String == "request" })
        #expect(request["level"] as? String == "info")
        #expect(request["asked"] as? String == "a \"quoted\"\nname")
        #expect(request["status"] as? Int == 200)
        #expect(request["id"] as? String == reply.headers["X-Request-Id"])
        #expect((request["time"] as? String)?.hasSuffix("Z") == true)
        let failed = try #require(objects().first { $0["event"] as? String == "attempt_failed" })
        #expect(failed["committed"] as? Bool == false)
        #expect(failed["id"] as? String == reply.headers["X-Request-Id"])
    }

    /// A proxy in front of this one names requests, and wants to find them again.
    @Test(arguments: [
        ("from-nginx_1.2", true), (String(repeating: "x", count: 64), true), (String(repeating: "x", count: 65), false),
        ("two words", false), ("a=b", false), ("\"", false),
    ])
    func aNameThatIsOneIsTakenOver(name: String, isTaken: Bool) throws {
        let stage = try Stage()
        let logged = stage.proxy.logCount
        let response = try stage.client.request("GET", "/api/version", headers: [("X-Request-Id", name)])
        let identity = try #require(response.headers["X-Request-Id"])
        #expect((identity == name) == isTaken)
        let line = try stage.proxy.waitForLog(event: "request", from: logged)
        #expect(line["id"] == identity)
    }

    @Test func noTwoRequestsHaveTheSameName() throws {
        let stage = try Stage()
        let names = try (0..<20).map { _ in
            try stage.client.request("GET", "/nowhere").headers["X-Request-Id"]
        }
        #expect(Set(names).count == 20)
    }

    /// systemd's journal takes the level from a number before the line, where it says that it reads.
    @Test func theJournalIsToldTheLevel() throws {
        let folder = try TemporaryFolder()
        let log = folder.file("log")
        try Data().write(to: log)
        let script = #"exec 2>>"$1"; export JOURNAL_STREAM="$(stat -c %d:%i "$1")"; shift; exec "$@""#
        let upstream = try FakeOpenRouter()
        let proxy = try ProxyProcess(
            upstream: upstream.baseURL, launcher: ["/bin/bash", "-c", script, "bash", log.path],
            waitsUntilListening: false)
        func lines() throws -> [String] {
            try String(contentsOf: log, encoding: .utf8).split(separator: "\n").map(String.init)
        }
        try upstream.wait(for: "requests", atLeast: 1)
        #expect(proxy.terminate() == .exited(0))
        #expect(try lines().contains { $0.hasPrefix("<6>time=") && $0.contains("event=listening") })
        let levels = ["<7>": "debug", "<6>": "info", "<4>": "warn", "<3>": "error"]
        for line in try lines() {
            #expect(LogLine(line).level == levels[String(line.prefix(3))], "\(line)")
        }
    }
}
