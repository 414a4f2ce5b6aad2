import Foundation
import TestSupport
import Testing

/// Standard error is a pipe that nobody reads: lines are lost and counted, and no client waits for it.
@Suite(.timeLimit(.minutes(10)))
struct NobodyReadsTheLog {
    @Test func clientsAreServedAndLinesAreCounted() throws {
        let folder = try TemporaryFolder()
        let pipe = folder.file("log").path
        #expect(mkfifo(pipe, 0o600) == 0)
        let upstream = try FakeOpenRouter()
        let listener = try LoopbackListener(backlog: 1)
        let port = listener.port
        close(listener.descriptor)
        // Opened for both, a pipe needs no reader.
        let proxy = try ProxyProcess(
            upstream: upstream.baseURL, settings: ["PORT": "\(port)"],
            launcher: ["/bin/sh", "-c", "exec 2<>'\(pipe)'; exec \"$@\"", "sh"], waitsUntilListening: false)
        let client = HTTPClient(port: port)
        let patience = Date() + 30
        while (try? client.request("GET", "/")) == nil, Date() < patience {}
        // The pipe holds some five hundred lines.
        let connection = try client.connect()
        for _ in 0..<2000 {
            try connection.send("GET", "/api/version")
            #expect(try connection.readResponse().status == 200)
        }
        let reader = open(pipe, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        let before = try Self.text(from: reader) { $0.contains("event=listening") }
        #expect(!before.contains("event=log_lines_lost"))
        #expect(try client.request("GET", "/api/version").status == 200)
        let after = try Self.text(from: reader) { $0.contains("event=request") }
        let lost = try #require(after.split(separator: "\n").map(String.init).map(LogLine.init).first)
        #expect(lost.event == "log_lines_lost")
        #expect(Int(lost["lines"] ?? "") ?? 0 > 1000, "\(after)")
        #expect(proxy.terminate() == .exited(0))
    }

    /// What lies in the pipe, as soon as it is all that is waited for.
    private static func text(from reader: Int32, until isWhole: (String) -> Bool) throws -> String {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        let patience = Date() + 20
        while Date() < patience {
            let count = read(reader, &piece, piece.count)
            if count > 0 { bytes += piece[..<count] }
            let text = String(decoding: bytes, as: UTF8.self)
            if count <= 0, isWhole(text) { return text }
        }
        throw SupportError("the log says \(String(decoding: bytes, as: UTF8.self))")
    }
}
