import Foundation
import TestSupport
import Testing

/// Without a database that can be written, failures are remembered until the end of the process, with one warning.
@Suite(.timeLimit(.minutes(10)))
struct DatabaseIsReadOnly {
    private func expectService(_ stage: Stage) throws {
        try stage.script([(.first, [Answer.failure("503")]), (.second, [Answer.words(["fine"])])])
        for _ in 0..<3 { #expect(try stage.chat().content == "fine") }
        #expect(try stage.modelsAsked().filter { $0 == ListedModel.first.id }.count == 1)
        #expect(stage.proxy.terminate() == .exited(0))
        #expect(stage.proxy.logLines.filter { $0.event == "failures_not_persisted" && $0.level == "warn" }.count == 1)
    }

    /// A folder in the file's place cannot be written by any user.
    @Test func theFileCannotBeOpened() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(at: folder.file("failures.db"), withIntermediateDirectories: true)
        try expectService(Stage(dataFolder: folder.url))
    }

    /// A folder that cannot even be made.
    @Test func thereIsNoDataFolder() throws {
        try expectService(Stage(settings: ["DATA_DIR": "/proc/ollama-proxy-test"]))
    }

    /// Permissions mean nothing to root.
    @Test(.enabled(if: getuid() != 0, "root may write everywhere"))
    func theFileMayNotBeWritten() throws {
        let folder = try TemporaryFolder()
        try FakeDatabase.create(at: folder.file("failures.db"), sql: "CREATE TABLE other (x)")
        let path = folder.file("failures.db").path
        try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path)
        try expectService(Stage(dataFolder: folder.url))
    }

    /// Another process holds the lock for as long as it likes.
    @Test func theDatabaseIsLocked() throws {
        let folder = try TemporaryFolder()
        let lock = try FakeDatabase.lock(at: folder.file("failures.db"))
        defer { lock.release() }
        try expectService(Stage(dataFolder: folder.url))
    }
}
