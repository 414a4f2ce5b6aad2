import Foundation
import TestSupport
import Testing

/// The server bounds what it takes of the memory, and what it has learned outlives its end for the lack of it.
@Suite(.timeLimit(.minutes(10)), .serialized)
struct MemoryIsShort {
    /// What the Debian package's service may take.
    private static let megabytes = 512
    private static let clients = 8

    /// As large as a body may be.
    private static let largeBody: [UInt8] = {
        let empty = Stage.chatBody(text: "TEXT", stream: true).replacingOccurrences(of: "TEXT", with: "\u{1}").utf8
        let parts = Array(empty).split(separator: 1)
        return parts[0] + [UInt8](repeating: UInt8(ascii: "x"), count: 31 << 20) + parts[1]
    }()

    /// Sends the large body from many clients at once, each of which keeps its answer waiting.
    /// - Returns: the status each got; 0 for none.
    private static func sendAtOnce(_ path: String, to proxy: ProxyProcess) -> [Int] {
        let client = HTTPClient(port: proxy.port, timeout: 120)
        let answers = Answers()
        let threads = DispatchGroup()
        for _ in 0..<clients {
            threads.enter()
            Thread {
                let stream = try? client.open("POST", path, body: largeBody)
                answers.add(stream, (try? stream?.readHead())?.status ?? 0)
                threads.leave()
            }.start()
        }
        threads.wait()
        return answers.all.map(\.status)
    }

    private final class Answers: @unchecked Sendable {
        // Guards `gathered`.
        private let lock = NSLock()
        private var gathered: [(stream: HTTPStream?, status: Int)] = []

        var all: [(stream: HTTPStream?, status: Int)] { lock.withLock { gathered } }
        func add(_ stream: HTTPStream?, _ status: Int) { lock.withLock { gathered.append((stream, status)) } }
    }

    /// Eight bodies of 31 MB are twice what is held at once; the rest is told to come again.
    @Test(
        .enabled(if: ControlGroup.isAvailable, Comment(rawValue: ControlGroup.unavailable)),
        arguments: ["/api/chat", "/v1/chat/completions"])
    func largeBodiesFromManyAtOnceStayWithinTheServicesLimit(path: String) throws {
        let group = try ControlGroup(megabytes: Self.megabytes)
        // Heartbeats begin the replies, and none is answered.
        let settings = Stage.unlimited.merging(["HEARTBEAT_SECONDS": "1"]) { $1 }
        let stage = try Stage(settings: settings, launcher: group.launcher)
        try stage.scriptAll(Answer.failure("stall-before"))
        let statuses = Self.sendAtOnce(path, to: stage.proxy).sorted()
        #expect(stage.proxy.process.isRunning)
        #expect(statuses == [200, 200, 200, 200, 503, 503, 503, 503])
        try stage.waitUntilIdle()
        try stage.scriptAll(Answer.words(["fine"]))
        #expect(try stage.chat().content == "fine")
    }

    /// While an answer streams its prompt takes no memory: one after another, any number of the largest is served. Reading
    /// them takes minutes with the address sanitizer.
    @Test(.disabled(if: AddressSanitizer.isOn), arguments: ["/api/chat", "/v1/chat/completions"])
    func promptsOfOpenStreamsAreForgotten(path: String) throws {
        let stage = try Stage(settings: Stage.unlimited)
        try stage.scriptAll(Answer.stallsAfterThreeWords)
        var streams: [HTTPStream] = []
        for _ in 0..<10 {
            let stream = try stage.client.open("POST", path, body: Self.largeBody)
            streams.append(stream)
            #expect(try stream.readHead(timeout: 60).status == 200)
        }
        #expect(try stage.proxy.health().exchanges == 10)
        #expect(stage.proxy.residentKilobytes < 200 << 10)
    }

    /// An answer without an end, for a client that wants it whole.
    @Test(.enabled(if: ControlGroup.isAvailable, Comment(rawValue: ControlGroup.unavailable)))
    func answersWithoutEndStayWithinTheServicesLimit() throws {
        let group = try ControlGroup(megabytes: Self.megabytes)
        let stage = try Stage(settings: Stage.unlimited.merging(["MAX_ATTEMPTS": "1"]) { $1 }, launcher: group.launcher)
        try stage.scriptAll(Answer.endless)
        let waiting = try (0..<4).map { _ in try stage.openChat(ListedModel.first.id, ["stream": false]) }
        for client in waiting { #expect(try client.readHead(timeout: 120).status == 502) }
        #expect(stage.proxy.process.isRunning)
    }

    /// Where memory cannot be had the process ends, as Swift's allocations cannot fail. Nothing that was learned is lost
    /// with it. With the address sanitizer it would not even begin.
    @Test(.disabled(if: AddressSanitizer.isOn)) func whatWasLearnedOutlivesTheEnd() throws {
        let folder = try TemporaryFolder()
        let upstream = try FakeOpenRouter()
        do {
            let stage = try Stage(
                settings: Stage.unlimited, dataFolder: folder.url, upstream: upstream,
                launcher: ["/usr/bin/prlimit", "--as=\(160 << 20)"])
            try stage.script([(.first, [Answer.failure("503")]), (.second, [Answer.words(["fine"])])])
            #expect(try stage.chat().content == "fine")
            let expected = [[ListedModel.first.id]]
            #expect(
                try FakeDatabase.rows(
                    at: folder.file("failures.db"), sql: "SELECT model FROM failures", awaiting: expected,
                    in: stage.proxy) == expected)
            _ = Self.sendAtOnce("/api/chat", to: stage.proxy)
            guard case .signaled = stage.proxy.waitForExit(timeout: 60) else {
                Issue.record("it has not ended for the lack of memory")
                return
            }
        }
        #expect(
            try FakeDatabase.rows(at: folder.file("failures.db"), sql: "PRAGMA integrity_check") == [["ok"]])
        let stage = try Stage(dataFolder: folder.url, upstream: upstream)
        #expect(try stage.proxy.health()["in_cooldown"] == 1)
        #expect(try stage.chat().content == "fine")
    }
}
