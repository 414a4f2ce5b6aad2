import Foundation
import Glibc
import TestSupport
import Testing

/// What the system can be made to do to one process only, and to none but it.
enum Isolation {
    /// Becomes a program with mounts of its own. Another user than root becomes root in there.
    private static let unshare = ["/usr/bin/unshare", "--mount"] + (getuid() == 0 ? [] : ["--map-root-user"])

    static let canMount = (try? run(unshare + ["/bin/sh", "-c", "mount -t tmpfs none /mnt"])) ?? false

    static let cannotMount = "this system lets tests have no mounts of their own"

    /// A launcher whose process sees these mounts.
    /// - Parameter commands: a shell's, in the environment of the process.
    static func mounting(_ commands: String) -> [String] {
        unshare + ["/bin/sh", "-c", "set -e\n\(commands)\nexec \"$0\" \"$@\""]
    }

    /// Changes the mounts that a process sees.
    static func mount(_ commands: String, for process: ChildProcess) throws {
        let enter = ["/usr/bin/nsenter", "--target", "\(process.processIdentifier)", "--mount"]
        let user = getuid() == 0 ? [] : ["--user", "--preserve-credentials"]
        guard try run(enter + user + ["/bin/sh", "-c", commands]) else { throw SupportError("failed: \(commands)") }
    }

    /// A path as a process sees it.
    static func path(_ url: URL, seenBy process: ChildProcess) -> URL {
        URL(fileURLWithPath: "/proc/\(process.processIdentifier)/root\(url.path)")
    }

    /// - Returns: whether the command succeeded.
    @discardableResult
    static func run(_ command: [String]) throws -> Bool {
        let process = try ChildProcess(
            executable: URL(fileURLWithPath: command[0]), arguments: Array(command.dropFirst()),
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
        return process.waitForExit(timeout: 30) == .exited(0)
    }
}

/// A limit of one running process; it may be lifted again up to what it was.
enum ProcessLimit: String {
    case openFiles = "nofile"
    case fileSize = "fsize"

    func set(_ value: Int, of process: ChildProcess) throws { try set("\(value)", of: process) }

    func lift(of process: ChildProcess) throws { try set("unlimited", of: process) }

    /// The soft limit only, so that other users than root can raise it again.
    private func set(_ value: String, of process: ChildProcess) throws {
        let option = "--\(rawValue)=\(value):"
        guard try Isolation.run(["/usr/bin/prlimit", "--pid", "\(process.processIdentifier)", option]) else {
            throw SupportError("prlimit \(option) failed")
        }
    }
}

extension ProxyProcess {
    /// Watches it for two seconds in which it has nothing to do but wait: a loop that spins uses a core, and one that
    /// complains writes thousands of lines.
    func expectRest(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let lines = logCount
        let before = try #require(process.processorSeconds, sourceLocation: sourceLocation)
        sleep(2)
        let after = try #require(process.processorSeconds, sourceLocation: sourceLocation)
        #expect(after - before < 1, "it does not rest", sourceLocation: sourceLocation)
        #expect(logCount - lines < 100, "it floods the log", sourceLocation: sourceLocation)
    }

    /// How often an event was logged so far.
    func logCount(of event: String) -> Int { logLines.count { $0.event == event } }
}
