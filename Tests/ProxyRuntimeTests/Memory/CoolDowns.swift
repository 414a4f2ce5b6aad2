import Foundation
import TestSupport
import Testing

/// What the database says of a failure, as it stands in the file.
@Suite(.timeLimit(.minutes(5)))
struct CoolDowns {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private struct Row: Equatable {
        let model: String
        let kind: String
        let consecutive: Int
        /// Seconds between the failure and the end of the rest.
        let rest: Int
    }

    private func rows() throws -> [Row] {
        try FakeDatabase.rows(
            at: folder.file("failures.db"),
            sql: "SELECT model, kind, consecutive, until - failed_at FROM failures ORDER BY model"
        ).map { Row(model: $0[0], kind: $0[1], consecutive: Int($0[2]) ?? -1, rest: Int($0[3]) ?? -1) }
    }

    /// One base more with each failure in a row, three at the most; a single model is tried although it rests.
    @Test(arguments: [nil, "2"])
    func theRestGrowsWithEachFailureInARow(minutes: String?) throws {
        let stage = try Stage(
            models: [.first], settings: ["FAILURE_COOLDOWN_MINUTES": minutes ?? ""], dataFolder: folder.url)
        try stage.scriptAll(Answer.failure("503"))
        let base = 60 * (minutes.flatMap { Int($0) } ?? 5)
        for (count, times) in [(1, 1), (2, 2), (3, 3), (4, 3), (5, 3)] {
            #expect(try stage.chat().status == 502)
            _ = try stage.proxy.health()
            let expected = Row(
                model: ListedModel.first.id, kind: "unavailable", consecutive: count, rest: base * times)
            #expect(try rows() == [expected])
        }
    }

    @Test func successClears() throws {
        let stage = try Stage(models: [.first], dataFolder: folder.url)
        try stage.scriptAll(
            Answer.failure("503"), Answer.failure("503"), Answer.words(["fine"]), Answer.failure("503"))
        for _ in 0..<2 { _ = try stage.chat() }
        #expect(try stage.chat().isDone)
        _ = try stage.proxy.health()
        #expect(try rows().isEmpty)
        _ = try stage.chat()
        _ = try stage.proxy.health()
        #expect(try rows().map(\.consecutive) == [1])
    }

    @Test func aRateLimitRestsAMinuteOrAsLongAsItSays() throws {
        let stage = try Stage(dataFolder: folder.url)
        try stage.script([
            (.first, [Answer.failure("429-provider")]), (.second, [Answer.failure("429-provider", ["retry_after": "600"])]),
            (.third, [Answer.words(["fine"])]),
        ])
        #expect(try stage.chat().content == "fine")
        _ = try stage.proxy.health()
        #expect(try rows().map(\.rest) == [60, 600])
        #expect(try rows().map(\.kind) == ["rate_limited", "rate_limited"])
    }

    @Test func itIsInWriteAheadMode() throws {
        let stage = try Stage(dataFolder: folder.url)
        try stage.scriptAll(Answer.failure("503"))
        _ = try stage.chat()
        #expect(try FakeDatabase.rows(at: folder.file("failures.db"), sql: "PRAGMA journal_mode") == [["wal"]])
    }
}
