import Foundation
import TestSupport
import Testing

/// Without descriptors nothing new can begin. What has begun goes on, the log says what is wrong, and nothing spins.
@Suite(.timeLimit(.minutes(10)))
struct DescriptorsAreUsedUp {
    private static let plenty = 1000

    /// The limit is on the numbers of descriptors, and each new one gets the lowest that is free.
    private func leave(_ count: Int, to stage: Stage) throws {
        let folder = "/proc/\(stage.proxy.process.processIdentifier)/fd"
        let open = Set(try FileManager.default.contentsOfDirectory(atPath: folder).compactMap { Int($0) })
        let free = (0...).lazy.filter { !open.contains($0) }
        try ProcessLimit.openFiles.set(free.prefix(count + 1).max() ?? 0, of: stage.proxy.process)
    }

    @Test func whoIsConnectedIsServedAndOthersWait() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.stallsAfterThreeWords)
        let stream = try stage.openChat()
        #expect(try stream.readLine()?.contains("one") == true)
        let connected = try stage.client.connect()
        try connected.send("GET", "/api/version")
        #expect(try connected.readResponse().status == 200)

        try leave(4, to: stage)
        let others = try (0..<20).map { _ in try stage.client.connect() }
        try stage.proxy.waitForLog(event: "descriptors_used_up", containing: "LimitNOFILE")
        try stage.proxy.expectRest()
        try connected.send("GET", "/api/version")
        #expect(try connected.readResponse().status == 200)
        #expect(try stream.readLine()?.contains("two") == true)
        #expect(stage.proxy.logCount(of: "descriptors_used_up") == 1)

        // Each client that leaves makes room for one that waits, in the order they came.
        let last = others[19]
        for other in others.dropLast() { other.close() }
        try last.send("GET", "/api/version")
        #expect(try last.readResponse().status == 200)
        for client in [stream, connected, last] { client.close() }
        try stage.waitUntilIdle()
        try stage.scriptAll(Answer.words(["fine"]))
        #expect(try stage.chat().content == "fine")
    }

    /// The client has got the last one.
    @Test func theUpstreamCannotBeConnected() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.stallsAfterThreeWords)
        // These take the connections that are kept from before.
        let streams = try (0..<4).map { _ in try stage.openChat() }
        for stream in streams { #expect(try stream.readLine()?.contains("one") == true) }
        try leave(1, to: stage)
        let refused = try stage.chat(stream: false)
        #expect(refused.status == 502)
        #expect(refused.error?.contains("cannot be reached") == true)
        try stage.proxy.waitForLog(event: "descriptors_used_up", containing: "Too many open files")
        for stream in streams { #expect(try stream.readLine()?.contains("two") == true) }
        // No model is to blame.
        try ProcessLimit.openFiles.set(Self.plenty, of: stage.proxy.process)
        #expect(try stage.proxy.health()["in_cooldown"] == 0)
        try stage.scriptAll(Answer.words(["fine"]))
        #expect(try stage.chat().content == "fine")
    }

    /// libmicrohttpd would try to accept the waiting connection again at once, for ever.
    @Test func nobodyIsConnectedYet() throws {
        let stage = try Stage()
        try stage.waitUntilIdle()
        try leave(0, to: stage)
        let client = try stage.client.connect()
        try client.send("GET", "/api/version")
        try stage.proxy.waitForLog(event: "descriptors_used_up")
        try stage.proxy.expectRest()
        try ProcessLimit.openFiles.set(Self.plenty, of: stage.proxy.process)
        #expect(try client.readResponse().status == 200)
        client.close()
        #expect(try stage.chat().isDone)
        #expect(stage.proxy.terminate() == .exited(0))
    }

    @Test(arguments: [4, 10]) func thereAreTooFewToStart(limit: Int) throws {
        // The tests may have inherited a descriptor of a number that is to be free.
        let shell = "exec 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9<&-; ulimit -n \(limit); exec \"$@\""
        let proxy = try ProxyProcess(
            upstream: nil, launcher: ["/bin/sh", "-c", shell, "sh"], waitsUntilListening: false)
        #expect(proxy.waitForExit(timeout: 20) == .exited(1))
        #expect(proxy.process.errors.lines.contains { $0.contains("Too many open files") })
    }
}
