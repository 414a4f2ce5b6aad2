import Foundation
import TestSupport
import Testing

/// One line for every request, with what an operator wants to know.
@Suite(.timeLimit(.minutes(10)))
struct RequestLog {
    @Test(arguments: [true, false])
    func aChat(stream: Bool) throws {
        let stage = try Stage()
        try stage.script([
            (.first, [Answer.failure("503")]),
            (.second, [Answer.words(["fine"], ["usage": ["prompt_tokens": 7, "completion_tokens": 8]])]),
        ])
        let logged = stage.proxy.logCount
        _ = try stage.chat("alpha-70b", stream: stream)
        let line = try stage.proxy.waitForLog(event: "request", from: logged)
        #expect(line.level == "info")
        #expect(line["time"]?.hasSuffix("Z") == true)
        let expected = [
            "method": "POST", "path": "/api/chat", "status": "200", "outcome": "answered", "asked": "alpha-70b",
            "model": ListedModel.second.id, "attempts": "2", "prompt_tokens": "7", "completion_tokens": "8",
        ]
        for (name, value) in expected { #expect(line[name] == value, "\(name)") }
        for name in ["first_token_ms", "duration_ms"] { #expect(Int(line[name] ?? "") != nil, "\(name)") }
        _ = try stage.proxy.health()
        #expect(stage.proxy.logLines.filter { $0["path"] == "/api/chat" }.count == 1)
    }

    @Test func openAIChats() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["fine"], ["usage": ["prompt_tokens": 7, "completion_tokens": 8]]))
        for stream in [true, false] {
            let logged = stage.proxy.logCount
            _ = try stage.client.post("/v1/chat/completions", json: Stage.chatBody(stream: stream))
            let line = try stage.proxy.waitForLog(event: "request", from: logged)
            #expect(line["path"] == "/v1/chat/completions")
            #expect(line["prompt_tokens"] == "7")
            #expect(line["completion_tokens"] == "8")
        }
    }

    @Test func failures() throws {
        let stage = try Stage(models: [.first])
        let broken = Answer.words(["one ", "two"], ["cut_after_events": 1])
        try stage.scriptAll(Answer.failure("503"), Answer.failure("503"), broken)
        for (status, attempts) in [("502", "2"), ("200", "1")] {
            let logged = stage.proxy.logCount
            _ = try stage.chat()
            let line = try stage.proxy.waitForLog(event: "request", from: logged)
            #expect(line["status"] == status)
            #expect(line["outcome"] == "failed")
            #expect(line["attempts"] == attempts)
        }
    }

    @Test(arguments: [
        ("GET", "/", "200"), ("GET", "/nothing", "404"), ("PUT", "/api/tags", "405"), ("POST", "/api/chat", "400"),
    ])
    func otherRequests(method: String, path: String, status: String) throws {
        let stage = try Stage()
        let logged = stage.proxy.logCount
        _ = try stage.client.request(method, path)
        let line = try stage.proxy.waitForLog(event: "request", from: logged)
        #expect(line["method"] == method)
        #expect(line["path"] == path)
        #expect(line["status"] == status)
    }

    @Test(arguments: [
        ("DEBUG", ["debug", "info", "warn"]), ("INFO", ["info", "warn"]), ("WARN", ["warn"]), ("ERROR", []),
    ])
    func levels(level: String, expected: [String]) throws {
        let upstream = try FakeOpenRouter()
        try upstream.setModels(ListedModel.three.json)
        try upstream.setScript(["rules": [["model": "*", "answers": [Answer.failure("503"), Answer.words(["fine"])]]]])
        let proxy = try ProxyProcess(
            upstream: upstream.baseURL, settings: ["LOG_LEVEL": level], waitsUntilListening: false)
        try upstream.wait(for: "requests", atLeast: 1)
        let client = HTTPClient(port: try listeningPort(of: proxy.process.processIdentifier))
        // The list may be on its way still.
        while try client.request("GET", "/api/tags").status == 503 {}
        #expect(try client.post("/api/chat", json: Stage.chatBody()).status == 200)
        #expect(proxy.terminate() == .exited(0))
        #expect(Set(proxy.logLines.compactMap(\.level)) == Set(expected))
    }

    /// The port that a process listens on, which above INFO no log line tells.
    private func listeningPort(of process: Int32) throws -> UInt16 {
        let folder = "/proc/\(process)/fd/"
        let sockets = try FileManager.default.contentsOfDirectory(atPath: folder).compactMap { name in
            try? FileManager.default.destinationOfSymbolicLink(atPath: folder + name)
        }
        // The system's table is no snapshot: while others come and go, a line may be missing from it.
        for _ in 0..<1000 {
            // sl local_address rem_address st … inode, the address as in 0100007F:2CAA and 0A for listening.
            for line in try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8).split(separator: "\n").dropFirst()
            {
                let fields = line.split(separator: " ")
                guard fields.count > 9, fields[3] == "0A", sockets.contains("socket:[\(fields[9])]") else { continue }
                return try #require(fields[1].split(separator: ":").last.flatMap { UInt16($0, radix: 16) })
            }
        }
        throw SupportError("process \(process) does not listen")
    }

    @Test func nothingIsPrintedToStandardOutput() throws {
        let stage = try Stage()
        _ = try stage.chat()
        #expect(stage.proxy.terminate() == .exited(0))
        #expect(stage.proxy.process.output.lines.isEmpty)
        for line in stage.proxy.logLines {
            #expect(line["time"] != nil && line.level != nil && line.event != nil, "\(line)")
        }
    }
}
