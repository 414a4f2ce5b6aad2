import Foundation
import TestSupport
import Testing

/// Two servers with one data folder: neither loses, damages or waits for anything.
@Suite(.timeLimit(.minutes(10)))
struct FolderIsShared {
    private static let requests = 40
    private let folder: TemporaryFolder
    private let upstream: FakeOpenRouter

    init() throws {
        folder = try TemporaryFolder()
        upstream = try FakeOpenRouter()
    }

    private func stage() throws -> Stage {
        try Stage(settings: Stage.unlimited, dataFolder: folder.url, upstream: upstream)
    }

    @Test func whatBothCountAddsUp() throws {
        let stages = try [stage(), stage()]
        try stages[0].script([(.first, [Answer.failure("503")]), (.second, [Answer.words(["fine"])])])
        // A failure each at the same moment, and many answers.
        for stage in stages { #expect(try stage.chat().content == "fine") }
        for index in 0..<Self.requests * 2 {
            #expect(try stages[index % 2].chat(ListedModel.second.id).content == "fine")
        }
        let counts = try stages.map { try $0.proxy.health()["in_cooldown"] }
        #expect(counts == [1, 1])
        for stage in stages {
            #expect(stage.proxy.terminate() == .exited(0))
            #expect(KeptThings.warnings.allSatisfy { stage.proxy.logCount(of: $0) == 0 })
        }
        let database = folder.file("failures.db")
        #expect(try FakeDatabase.rows(at: database, sql: "PRAGMA integrity_check") == [["ok"]])
        let expected = 2 * 2 + Self.requests * 2
        #expect(try FakeDatabase.rows(at: database, sql: "SELECT attempts FROM budget_days") == [["\(expected)"]])
        #expect(try FakeDatabase.rows(at: database, sql: "SELECT model FROM failures") == [[ListedModel.first.id]])
    }

    /// Someone holds the lock for as long as it likes: requests do not wait for it, and what they taught is written
    /// afterwards.
    @Test func aLockThatIsHeldKeepsNobodyWaiting() throws {
        let stage = try stage()
        try stage.script([(.first, [Answer.failure("503")]), (.second, [Answer.words(["fine"])])])
        let lock = try FakeDatabase.lock(at: folder.file("failures.db"))
        #expect(try stage.chat().content == "fine")
        for _ in 0..<Self.requests { #expect(try stage.chat(ListedModel.second.id).content == "fine") }
        try stage.proxy.expectRest()
        lock.release()
        let expected = [[ListedModel.first.id]]
        let database = folder.file("failures.db")
        #expect(
            try FakeDatabase.rows(
                at: database, sql: "SELECT model FROM failures", awaiting: expected, in: stage.proxy) == expected)
        let days = [["\(2 + Self.requests)"]]
        #expect(
            try FakeDatabase.rows(
                at: database, sql: "SELECT attempts FROM budget_days", awaiting: days, in: stage.proxy) == days)
    }
}
