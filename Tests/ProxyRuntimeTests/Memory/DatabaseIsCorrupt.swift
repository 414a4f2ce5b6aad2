import Foundation
import TestSupport
import Testing

/// A damaged database is set aside with one warning, and a new one takes its place.
@Suite(.timeLimit(.minutes(10)))
struct DatabaseIsCorrupt {
    private let folder: TemporaryFolder
    private let upstream: FakeOpenRouter

    init() throws {
        folder = try TemporaryFolder()
        upstream = try FakeOpenRouter()
    }

    private func stage() throws -> Stage {
        let stage = try Stage(dataFolder: folder.url, upstream: upstream)
        try stage.script([(.first, [Answer.failure("503")]), (.second, [Answer.words(["fine"])])])
        return stage
    }

    enum Damage: CaseIterable { case noDatabase, damagedPages, anotherSchema }

    @Test(arguments: Damage.allCases)
    func serviceGoesOn(damage: Damage) throws {
        let path = folder.file("failures.db")
        switch damage {
        case .noDatabase: try Data("this is no database, and long enough to be sure of it".utf8).write(to: path)
        case .damagedPages:
            do {
                let stage = try stage()
                _ = try stage.chat()
                #expect(stage.proxy.terminate() == .exited(0))
            }
            var bytes = try Data(contentsOf: path)
            try #require(bytes.count > 200)
            // The header stays what it was, all behind it is lost.
            bytes.replaceSubrange(100..., with: Data(repeating: 0xA5, count: bytes.count - 100))
            try bytes.write(to: path)
            for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path.path + suffix) }
        case .anotherSchema:
            try FakeDatabase.create(
                at: path, sql: "CREATE TABLE failures (something TEXT); INSERT INTO failures VALUES (1)")
        }

        do {
            let stage = try stage()
            #expect(try stage.chat().content == "fine")
            let warnings = stage.proxy.logLines.filter {
                $0.level == "warn" && ["database_quarantined", "failures_not_persisted"].contains($0.event)
            }
            #expect(warnings.count == 1)
            if damage != .anotherSchema {
                #expect(warnings.first?.event == "database_quarantined")
                let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
                #expect(names.contains { $0.hasPrefix("failures.db.corrupt") })
            }
            #expect(stage.proxy.terminate() == .exited(0))
        }
        // Tables of someone else's are left alone, and done without.
        guard damage != .anotherSchema else { return }
        // The new database remembers again.
        #expect(try stage().proxy.health()["in_cooldown"] == 1)
    }
}
