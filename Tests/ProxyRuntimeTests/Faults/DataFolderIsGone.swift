import Foundation
import TestSupport
import Testing

/// A data folder that cannot be written, is not there or ceases to be.
@Suite(.timeLimit(.minutes(10)))
struct DataFolderIsGone {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// SQLite itself goes on writing to a file that has no name any more.
    @Test func itIsRemovedWhileTheServerRuns() throws {
        let data = folder.file("data")
        do {
            let stage = try Stage(dataFolder: data)
            let kept = KeptThings(stage: stage, folder: data)
            try stage.script([(.first, [Answer.failure("503")]), (.second, [Answer.words(["fine"])])])
            #expect(try stage.chat().content == "fine")
            let expected = [[ListedModel.first.id]]
            let database = data.appendingPathComponent("failures.db")
            #expect(
                try FakeDatabase.rows(
                    at: database, sql: "SELECT model FROM failures", awaiting: expected, in: stage.proxy) == expected)
            try FileManager.default.removeItem(at: data)
            // Each thing that is kept from now on finds the folder created again, and what was known before in it.
            try kept.learn()
            try Self.waitForTables(of: database, in: stage.proxy)
            let days = [["5"]]
            let sql = "SELECT attempts FROM budget_days"
            #expect(try FakeDatabase.rows(at: database, sql: sql, awaiting: days, in: stage.proxy) == days)
            stage.proxy.kill()
        }
        let second = try Stage(dataFolder: data)
        #expect(try second.proxy.health()["in_cooldown"] == 1)
        #expect(try second.client.listedNames().contains("mine:latest"))
    }

    /// A disk that is mounted late: what the folder cannot be made in is put right while the server runs.
    @Test func itCannotBeMadeYet() throws {
        let blocked = try folder.write("in the way", to: "blocked")
        let stage = try Stage(settings: ["DATA_DIR": blocked.appendingPathComponent("data").path])
        let kept = KeptThings(stage: stage, folder: blocked.appendingPathComponent("data"))
        try stage.proxy.waitForLog(event: "data_folder_unusable", containing: "blocked")
        try kept.learn()
        try kept.expectWarnings()
        try FileManager.default.removeItem(at: blocked)
        try FileManager.default.createDirectory(at: blocked, withIntermediateDirectories: true)
        try kept.expectRecovery()
    }

    /// What was remembered from before and what was learned meanwhile come together.
    @Test(.enabled(if: Isolation.canMount, Comment(rawValue: Isolation.cannotMount)))
    func itIsReadOnlyForAWhile() throws {
        do {
            let stage = try Stage(dataFolder: folder.url)
            try stage.script([(.third, [Answer.failure("503")]), (.second, [Answer.words(["fine"])])])
            #expect(try stage.chat(ListedModel.third.id).isDone)
            #expect(stage.proxy.terminate() == .exited(0))
        }
        let mounts = "mount --bind \"$DATA_DIR\" \"$DATA_DIR\"; mount -o remount,bind,ro \"$DATA_DIR\""
        let stage = try Stage(dataFolder: folder.url, launcher: Isolation.mounting(mounts))
        let kept = KeptThings(stage: stage, folder: folder.url)
        try kept.learn()
        try kept.expectWarnings()
        try Isolation.mount("mount -o remount,bind,rw '\(folder.url.path)'", for: stage.proxy.process)
        for relief in KeptThings.reliefs { try stage.proxy.waitForLog(event: relief, timeout: 40) }
        try stage.proxy.waitForHealth { $0["in_cooldown"] == 2 }
        let names = [ListedModel.first.id, ListedModel.third.id].sorted().map { [$0] }
        let database = folder.file("failures.db")
        let sql = "SELECT model FROM failures ORDER BY model"
        #expect(try FakeDatabase.rows(at: database, sql: sql, awaiting: names, in: stage.proxy) == names)
    }

    /// The database is created again with the next thing to keep. To open it sooner would make another.
    private static func waitForTables(of database: URL, in proxy: ProxyProcess) throws {
        let deadline = Date(timeIntervalSinceNow: 20)
        while true {
            if FileManager.default.fileExists(atPath: database.path),
                (try? FakeDatabase.rows(at: database, sql: "SELECT * FROM budget_days")) != nil
            {
                return
            }
            guard Date() < deadline else { throw SupportError("there is no \(database.path)") }
            _ = try proxy.health()
        }
    }
}
