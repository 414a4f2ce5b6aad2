import Foundation
import TestSupport
import Testing

/// What the database says of a failure, as it is in the file.
@Suite(.timeLimit(.minutes(10)))
struct Cooldowns {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Model, kind, failures in a row, and the seconds between the failure and the end of the rest.
    private func expectRows(_ expected: [[String]], of stage: Stage) throws {
        let rows = try FakeDatabase.rows(
            at: folder.file("failures.db"),
            sql: "SELECT model, kind, consecutive, until - failed_at FROM failures ORDER BY model",
            awaiting: expected, in: stage.proxy)
        #expect(rows == expected)
    }

    /// One base more with each request that failed in a row, three at the most; a single model is tried although it
    /// rests, and twice, as there is no other.
    @Test(arguments: [nil, "2"])
    func theRestGrowsWithEachFailureInARow(minutes: String?) throws {
        let stage = try Stage(
            models: [.first], settings: ["FAILURE_COOLDOWN_MINUTES": minutes ?? ""], dataFolder: folder.url)
        try stage.scriptAll(Answer.failure("503"))
        let base = 60 * (minutes.flatMap { Int($0) } ?? 5)
        for (count, times) in [(1, 1), (2, 2), (3, 3), (4, 3), (5, 3)] {
            #expect(try stage.chat().status == 502)
            try expectRows([[ListedModel.first.id, "unavailable", "\(count)", "\(base * times)"]], of: stage)
        }
    }

    @Test func successClears() throws {
        let stage = try Stage(models: [.first], dataFolder: folder.url)
        let failures = Array(repeating: Answer.failure("503"), count: 4)
        try stage.script([(.first, failures + [Answer.words(["fine"]), Answer.failure("503")])])
        // Each asks twice.
        for _ in 0..<2 { #expect(try !stage.chat().isDone) }
        try expectRows([[ListedModel.first.id, "unavailable", "2", "600"]], of: stage)
        #expect(try stage.chat().isDone)
        try expectRows([], of: stage)
        _ = try stage.chat()
        try expectRows([[ListedModel.first.id, "unavailable", "1", "300"]], of: stage)
    }

    @Test func aRateLimitRestsAMinuteOrAsLongAsItSays() throws {
        let stage = try Stage(dataFolder: folder.url)
        try stage.script([
            (.first, [Answer.failure("429-provider")]),
            (.second, [Answer.failure("429-provider", ["retry_after": "600"])]),
            (.third, [Answer.words(["fine"])]),
        ])
        #expect(try stage.chat().content == "fine")
        try expectRows(
            [[ListedModel.first.id, "rate_limited", "0", "60"], [ListedModel.second.id, "rate_limited", "0", "600"]],
            of: stage)
    }

    @Test func itIsInWriteAheadMode() throws {
        let stage = try Stage(dataFolder: folder.url)
        try stage.scriptAll(Answer.failure("503"))
        _ = try stage.chat()
        #expect(try FakeDatabase.rows(at: folder.file("failures.db"), sql: "PRAGMA journal_mode") == [["wal"]])
    }
}
