import Foundation
import TestSupport
import Testing

/// Several servers on one port, with one data folder: together they are one server to the account.
@Suite(.timeLimit(.minutes(10)))
struct PortIsShared {
    private let folder: TemporaryFolder
    private let upstream: FakeOpenRouter

    init() throws {
        folder = try TemporaryFolder()
        upstream = try FakeOpenRouter()
    }

    private func stage(_ settings: [String: String]) throws -> Stage {
        try Stage(settings: settings, dataFolder: folder.url, upstream: upstream)
    }

    /// A port that was free a moment ago.
    private func freePort() throws -> String {
        let stage = try Stage()
        return "\(stage.proxy.port)"
    }

    @Test func bothServeAndEitherMayEnd() throws {
        let settings = ["SHARED_PORT": "true", "PORT": try freePort()].merging(Stage.unlimited) { $1 }
        let first = try stage(settings)
        let second = try stage(settings)
        #expect(first.proxy.port == second.proxy.port)
        try first.scriptAll(Answer.words(["fine"]))
        // The system chooses by the client's port who is asked; of so many connections both get some.
        for _ in 0..<64 { #expect(try first.chat().content == "fine") }
        for stage in [first, second] { #expect(stage.proxy.logCount(of: "request") > 0) }
        #expect(first.proxy.terminate() == .exited(0))
        for _ in 0..<8 { #expect(try second.chat().content == "fine") }
    }

    @Test func whoDoesNotShareIsRefused() throws {
        let port = try freePort()
        let first = try stage(["SHARED_PORT": "true", "PORT": port])
        _ = first
        #expect(throws: (any Error).self) { try stage(["PORT": port]) }
    }

    @Test func theMinuteOfOneIsTheMinuteOfAll() throws {
        let settings = [
            "SHARED_PORT": "true", "FREE_REQUESTS_PER_MINUTE": "6", "FREE_REQUESTS_PER_DAY": "0", "QUEUE_SECONDS": "0",
        ]
        let stages = [try stage(settings), try stage(settings)]
        try stages[0].scriptAll(Answer.words(["fine"]))
        let statuses = try (0..<10).map { try stages[$0 % 2].chat().status }
        #expect(statuses == Array(repeating: 200, count: 6) + Array(repeating: 429, count: 4))
        #expect(try upstream.chatRequests().count == 6)
    }

    @Test func whatFailedForOneRestsForAllAndIsForgivenByAll() throws {
        let settings = ["SHARED_PORT": "true"].merging(Stage.unlimited) { $1 }
        let stages = [try stage(settings), try stage(settings)]
        try stages[0].script([
            (.first, [Answer.failure("503"), Answer.words(["again"])]), (.second, [Answer.words(["fine"])]),
        ])
        #expect(try stages[0].chat().answeredBy == ListedModel.second.id)
        // Replies do not wait for the disk.
        let failed = [[ListedModel.first.id]]
        let rows = try FakeDatabase.rows(
            at: folder.file("failures.db"), sql: "SELECT model FROM failures", awaiting: failed, in: stages[0].proxy)
        #expect(rows == failed)
        #expect(try stages[1].chat().answeredBy == ListedModel.second.id)
        #expect(try upstream.chatRequests().count == 3)
    }
}
