import CSQLite
import Foundation
import Testing

/// What the failure store relies on when the process, the disk or an operator is not kind to its file.
@Suite(.timeLimit(.minutes(10)))
final class SQLiteTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("contract-sqlite-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    /// Fact: what was committed in WAL mode is there after the writer was killed without warning, and what was not
    /// committed is not. The runtime needs no orderly shutdown to keep its rows.
    @Test func committedRowsSurviveKillOfTheirWriter() async throws {
        let path = SQLiteTests.path(writtenFor: getpid())
        defer { for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) } }
        await #expect(processExitsWith: .signal(SIGKILL)) {
            let database = SQLiteDatabase(path: SQLiteTests.path(writtenFor: getppid()))
            try #require(database.text(of: "PRAGMA journal_mode = WAL") == "wal")
            try #require(database.execute("CREATE TABLE failures (model TEXT)") == SQLITE_OK)
            try #require(database.execute("INSERT INTO failures VALUES ('committed')") == SQLITE_OK)
            try #require(database.execute("BEGIN; INSERT INTO failures VALUES ('not committed')") == SQLITE_OK)
            withExtendedLifetime(database) { _ = kill(getpid(), SIGKILL) }
        }
        #expect(FileManager.default.fileExists(atPath: path + "-wal"), "the rows are still in the log")
        let database = SQLiteDatabase(path: path)
        #expect(database.text(of: "SELECT group_concat(model) FROM failures") == "committed")
        #expect(database.text(of: "PRAGMA integrity_check") == "ok")
    }

    /// The database of the writer that is killed, a process of its own, which finds it by its parent's number: Swift 6.2 can
    /// hand nothing over to it.
    private static func path(writtenFor process: pid_t) -> String {
        FileManager.default.temporaryDirectory.appendingPathComponent("ollama-proxy-killed-\(process).sqlite").path
    }

    /// Fact: a file that is no database opens without complaint; the first use says SQLITE_NOTADB. The runtime
    /// therefore uses its store once at the start, and sets a broken file aside.
    @Test func fileThatIsNoDatabaseIsReportedAtFirstUse() throws {
        let path = path("text.sqlite")
        try Data(String(repeating: "this is no database\n", count: 500).utf8).write(to: URL(fileURLWithPath: path))
        let database = SQLiteDatabase(path: path)
        #expect(database.openResult == SQLITE_OK)
        #expect(database.execute("CREATE TABLE failures (model TEXT)") == SQLITE_NOTADB)
    }

    /// Fact: damage behind an intact header is SQLITE_CORRUPT at the first use that meets it.
    @Test func damagedDatabaseIsReportedAtFirstUse() throws {
        let path = path("damaged.sqlite")
        try writeIntactDatabase(to: path)
        var content = try Data(contentsOf: URL(fileURLWithPath: path))
        content.replaceSubrange(100..<content.count, with: Data(repeating: 0xA5, count: content.count - 100))
        try content.write(to: URL(fileURLWithPath: path))

        let database = SQLiteDatabase(path: path)
        #expect(database.openResult == SQLITE_OK)
        #expect(database.execute("SELECT * FROM failures") == SQLITE_CORRUPT)
    }

    /// Fact: a database that may only be read can be read, and a write says SQLITE_READONLY. The runtime goes on
    /// serving, without remembering failures beyond its own life.
    @Test func readOnlyDatabaseRefusesOnlyWrites() throws {
        let path = path("read-only.sqlite")
        try writeIntactDatabase(to: path)
        let database = SQLiteDatabase(path: path, flags: SQLITE_OPEN_READONLY)
        #expect(database.text(of: "SELECT model FROM failures") == "intact")
        #expect(database.execute("INSERT INTO failures VALUES ('refused')") == SQLITE_READONLY)
    }

    private func path(_ name: String) -> String {
        folder.appendingPathComponent(name).path
    }

    private func writeIntactDatabase(to path: String) throws {
        let database = SQLiteDatabase(path: path)
        try #require(database.execute("CREATE TABLE failures (model TEXT)") == SQLITE_OK)
        try #require(database.execute("INSERT INTO failures VALUES ('intact')") == SQLITE_OK)
    }
}
