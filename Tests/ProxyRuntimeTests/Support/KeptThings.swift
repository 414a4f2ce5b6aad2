import Foundation
import TestSupport
import Testing

/// What a proxy is to keep, and where that can be seen: its database, its list of models and the names given to them.
struct KeptThings {
    let stage: Stage
    /// The data folder as the proxy sees it.
    let folder: URL

    static let warnings = ["failures_not_persisted", "models_not_cached", "aliases_not_persisted"]
    static let reliefs = ["failures_persisted_again", "models_cached_again", "aliases_persisted_again"]

    /// Gives the proxy something new to keep of each kind, and takes care that it works whether that can be kept or
    /// not: the first model fails, which is learned.
    func learn(name: String = "mine") throws {
        try stage.script([(.first, [Answer.failure("503")]), (.second, [Answer.words(["fine"])])])
        for _ in 0..<2 { #expect(try stage.chat().content == "fine") }
        #expect(try stage.proxy.health()["in_cooldown"] == 1)
        let copy = JSON.text(["source": ListedModel.second.id, "destination": name])
        #expect(try stage.client.post("/api/copy", json: copy).status == 200)
        #expect(try stage.chat(name).content == "fine")
        let start = stage.proxy.logCount
        stage.proxy.process.send(signal: SIGHUP)
        try stage.proxy.waitForLog(event: "models_ready", containing: "source=upstream", from: start)
    }

    /// Each is complained of, once.
    func expectWarnings() throws {
        for warning in Self.warnings { try stage.proxy.waitForLog(event: warning) }
        try stage.proxy.expectRest()
        for warning in Self.warnings { #expect(stage.proxy.logCount(of: warning) == 1, "\(warning)") }
    }

    /// Each is kept now, without anything having been done.
    func expectRecovery(name: String = "mine") throws {
        for relief in Self.reliefs { try stage.proxy.waitForLog(event: relief, timeout: 40) }
        let expected = [[ListedModel.first.id]]
        #expect(try rows("SELECT model FROM failures", awaiting: expected) == expected)
        #expect(try rows("PRAGMA integrity_check", awaiting: [["ok"]]) == [["ok"]])
        #expect(try text("aliases").contains(name))
        #expect(try text("free-models").contains(ListedModel.first.id))
    }

    /// Asks a copy of the database until the rows are as expected: SQLite would not find the way into another
    /// process's mounts.
    private func rows(_ sql: String, awaiting expected: [[String]]) throws -> [[String]] {
        let deadline = Date(timeIntervalSinceNow: 10)
        while true {
            let copy = try TemporaryFolder()
            for name in ["failures.db", "failures.db-wal"] {
                try? FileManager.default.copyItem(at: folder.appendingPathComponent(name), to: copy.file(name))
            }
            let found = (try? FakeDatabase.rows(at: copy.file("failures.db"), sql: sql)) ?? []
            if found == expected || Date() > deadline { return found }
            // Another turn of the proxy's loop.
            _ = try stage.proxy.health()
        }
    }

    private func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }
}
