import Foundation
import TestSupport
import Testing

/// What happened outlives the process, and does not grow without bound.
@Suite(.timeLimit(.minutes(10)))
struct HistoryIsKept {
    private func answered(_ stage: Stage, _ range: String) throws -> [Int] {
        let history = try stage.client.request("GET", "/api/proxy/history?range=\(range)").jsonObject()
        #expect(history["range"] as? String == range)
        return try #require(history["buckets"] as? [JSONObject]).compactMap { $0["answered"] as? Int }
    }

    private func rows(_ folder: URL) throws -> [[String]] {
        try FakeDatabase.rows(
            at: folder.appendingPathComponent("failures.db"),
            sql: "SELECT bucket_seconds, answered FROM history ORDER BY bucket_seconds, at")
    }

    @Test func overARestart() throws {
        let folder = try TemporaryFolder()
        var stage = try Stage(dataFolder: folder.url)
        try stage.scriptAll(Answer.words(["fine"]))
        for _ in 0..<3 { _ = try stage.chat() }
        try stage.waitUntilIdle()
        // Known at once, and written later.
        for range in ["hour", "day", "week", "all"] { #expect(try answered(stage, range).reduce(0, +) == 3) }
        #expect(try rows(folder.url).isEmpty)
        #expect(stage.proxy.terminate() == .exited(0))
        #expect(try rows(folder.url).map { $0[0] }.contains("86400"))

        stage = try Stage(dataFolder: folder.url, upstream: stage.upstream)
        _ = try stage.chat()
        try stage.waitUntilIdle()
        for range in ["hour", "day", "week", "all"] { #expect(try answered(stage, range).reduce(0, +) == 4) }
        #expect(stage.proxy.terminate() == .exited(0))
        // A week of requests is a few hundred rows; these were one run of the same day, or two around midnight.
        #expect(try rows(folder.url).filter { $0[0] == "86400" }.compactMap { Int($0[1]) }.reduce(0, +) == 4)
    }

    /// What a proxy leaves of rows that were there: each a length of buckets, and the age at which one begins.
    private func kept(of rows: [(seconds: Int, age: Int)]) throws -> Int {
        let folder = try TemporaryFolder()
        var stage = try Stage(settings: ["HISTORY_DAYS": "3"], dataFolder: folder.url)
        try stage.scriptAll(Answer.words(["fine"]))
        #expect(stage.proxy.terminate() == .exited(0))
        let now = Int(Date().timeIntervalSince1970)
        let values = rows.map { "(\($0.seconds),\((now - $0.age) / $0.seconds * $0.seconds),77,0,0,0,0,'')" }
        try FakeDatabase.create(
            at: folder.file("failures.db"), sql: "INSERT INTO history VALUES \(values.joined(separator: ","))")
        stage = try Stage(settings: ["HISTORY_DAYS": "3"], dataFolder: folder.url, upstream: stage.upstream)
        _ = try stage.chat()
        #expect(stage.proxy.terminate() == .exited(0))
        return try self.rows(folder.url).count { $0[1] == "77" }
    }

    @Test func oldRowsGo() throws {
        #expect(try kept(of: [(60, 7200), (900, 90_000), (3600, 4 * 86_400), (86_400, 4 * 86_400)]) == 0)
    }

    /// A machine without a clock of its own starts in the past, and is not to lose what it knows.
    @Test func rowsAheadStayUnlessTheyAreTooMany() throws {
        #expect(try kept(of: [(60, -7200), (900, -90_000), (86_400, -86_400 * 365)]) == 3)
        #expect(try kept(of: (1...200).map { (60, -3600 - 60 * $0) }) == 0)
    }

    @Test func nothingIsKeptWhereNothingIsAskedFor() throws {
        let folder = try TemporaryFolder()
        var stage = try Stage(dataFolder: folder.url)
        try stage.scriptAll(Answer.words(["fine"]))
        _ = try stage.chat()
        #expect(stage.proxy.terminate() == .exited(0))
        #expect(try !rows(folder.url).isEmpty)
        stage = try Stage(settings: ["HISTORY_DAYS": "0"], dataFolder: folder.url, upstream: stage.upstream)
        _ = try stage.chat()
        try stage.waitUntilIdle()
        #expect(try answered(stage, "hour").isEmpty)
        #expect(stage.proxy.terminate() == .exited(0))
        #expect(try rows(folder.url).isEmpty)
    }

    @Test(arguments: ["year", "", "hour%20", "HOUR"])
    func otherRangesAreRefused(range: String) throws {
        let stage = try Stage()
        let response = try stage.client.request("GET", "/api/proxy/history?range=\(range)")
        #expect(response.status == 400)
        #expect(response.text.contains("hour, day, week, all"))
    }
}
