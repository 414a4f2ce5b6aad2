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
        .disabled(if: AddressSanitizer.isOn),
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

    /// With less memory fewer large bodies are let in, and small ones always. With the address sanitizer the process would not
    /// even begin.
    @Test(.disabled(if: AddressSanitizer.isOn), arguments: ["/api/chat", "/v1/chat/completions"])
    func largeBodiesAreRefusedWhereMemoryIsShort(path: String) throws {
        let stage = try Stage(
            settings: Stage.unlimited.merging(["HEARTBEAT_SECONDS": "1"]) { $1 },
            launcher: ["/usr/bin/prlimit", "--as=\(160 << 20)"])
        try stage.scriptAll(Answer.failure("stall-before"))
        let statuses = Self.sendAtOnce(path, to: stage.proxy)
        #expect(statuses.count { [413, 503].contains($0) } >= Self.clients - 1, "\(statuses)")
        #expect(statuses.allSatisfy { [200, 413, 503].contains($0) }, "\(statuses)")
        try stage.waitUntilIdle()
        try stage.scriptAll(Answer.words(["fine"]))
        #expect(try stage.chat().content == "fine")
        #expect(stage.proxy.process.isRunning)
    }

    /// The container's limit, in which bodies of the usual size are served while large ones are told to come again.
    @Test(
        .enabled(if: ControlGroup.isAvailable, Comment(rawValue: ControlGroup.unavailable)),
        .disabled(if: AddressSanitizer.isOn))
    func aSmallContainerServesOnBesideLargeBodies() throws {
        let group = try ControlGroup(megabytes: 128)
        let stage = try Stage(
            settings: Stage.unlimited.merging(["HEARTBEAT_SECONDS": "1"]) { $1 }, launcher: group.launcher)
        try stage.scriptAll(Answer.failure("stall-before"))
        // The first of them waits for its answer with its body.
        let first = try stage.client.open("POST", "/v1/chat/completions", body: Self.largeBody)
        #expect(try first.readHead(timeout: 60).status == 200)
        let statuses = Self.sendAtOnce("/v1/chat/completions", to: stage.proxy)
        #expect(statuses == Array(repeating: 503, count: Self.clients))
        try stage.scriptAll(Answer.words(["fine"]))
        #expect(try stage.chat().content == "fine")
        #expect(stage.proxy.process.isRunning)
        withExtendedLifetime(first) {}
    }

    /// Uploads that stall hold what they have sent, and nobody else is kept out for it.
    @Test(
        .enabled(if: ControlGroup.isAvailable, Comment(rawValue: ControlGroup.unavailable)),
        .disabled(if: AddressSanitizer.isOn))
    func stalledUploadsKeepNobodyOut() throws {
        let group = try ControlGroup(megabytes: 64)
        let stage = try Stage(
            settings: Stage.unlimited.merging(["BODY_TIMEOUT_SECONDS": "5"]) { $1 }, launcher: group.launcher)
        try stage.scriptAll(Answer.words(["fine"]))
        let piece = Array(Self.largeBody.prefix(4 << 20))
        let stalled = try (0..<5).map { _ in
            let stream = try stage.client.connect()
            try stream.send(
                raw: "POST /api/chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(Self.largeBody.count)\r\n\r\n")
            try stream.send(raw: piece)
            return stream
        }
        #expect(try stage.chat().content == "fine")
        // And all of them are ended, whatever has come of them.
        for stream in stalled { #expect(try stream.readResponse(timeout: 60).status == 408) }
        try stage.waitUntilIdle()
    }
}
