import Foundation
import TestSupport
import Testing

/// A disk that is full costs nothing but what a restart would need, and when there is room again, not even that.
@Suite(.timeLimit(.minutes(10)))
struct DiskIsFull {
    /// A disk of its own, and a small one.
    @Test(.enabled(if: Isolation.canMount, Comment(rawValue: Isolation.cannotMount)))
    func everythingIsKeptOnceThereIsRoom() throws {
        let folder = try TemporaryFolder()
        let stage = try Stage(
            dataFolder: folder.url, launcher: Isolation.mounting("mount -t tmpfs -o size=256k none \"$DATA_DIR\""))
        let kept = KeptThings(stage: stage, folder: Isolation.path(folder.url, seenBy: stage.proxy.process))
        let filler = kept.folder.appendingPathComponent("filler")
        try Self.fill(filler)
        try kept.learn()
        try kept.expectWarnings()
        // What could not be written whole takes no room.
        let names = try FileManager.default.contentsOfDirectory(atPath: kept.folder.path)
        #expect(!names.contains { $0.hasSuffix(".new") })
        try FileManager.default.removeItem(at: filler)
        try kept.expectRecovery()
        #expect(stage.proxy.terminate() == .exited(0))
    }

    /// A limit on the size of files, which ends a process that does not expect it, needs no privileges to set.
    @Test func filesMayNotGrow() throws {
        let folder = try TemporaryFolder()
        let stage = try Stage(dataFolder: folder.url)
        let kept = KeptThings(stage: stage, folder: folder.url)
        try ProcessLimit.fileSize.set(1, of: stage.proxy.process)
        try kept.learn()
        try kept.expectWarnings()
        try ProcessLimit.fileSize.lift(of: stage.proxy.process)
        try kept.expectRecovery()
        // A second start finds it all.
        stage.proxy.kill()
        let second = try Stage(dataFolder: folder.url)
        #expect(try second.proxy.health()["in_cooldown"] == 1)
        #expect(try second.client.listedNames().contains("mine:latest"))
    }

    /// The disk is full for long, and goes on being so until the end.
    @Test func theEndComesFirst() throws {
        let folder = try TemporaryFolder()
        let stage = try Stage(dataFolder: folder.url)
        try ProcessLimit.fileSize.set(1, of: stage.proxy.process)
        try KeptThings(stage: stage, folder: folder.url).learn()
        #expect(stage.proxy.terminate() == .exited(0))
        for warning in KeptThings.warnings { #expect(stage.proxy.logCount(of: warning) == 1, "\(warning)") }
    }

    /// To the last byte.
    private static func fill(_ file: URL) throws {
        let descriptor = open(file.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let piece = [UInt8](repeating: 0, count: 4096)
        while write(descriptor, piece, piece.count) > 0 {}
        #expect(errno == ENOSPC)
    }
}
