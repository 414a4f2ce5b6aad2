import Foundation
import Glibc

/// How a process ended.
public enum ExitStatus: Equatable, Sendable {
    case exited(Int32)
    case signaled(Int32)
}

/// A child with exactly the environment it is given, its output collected line by line.
public final class ChildProcess: @unchecked Sendable {
    public let processIdentifier: pid_t
    public let output: LineCollector
    public let errors: LineCollector

    // Guards `status`.
    private let condition = NSCondition()
    private var status: ExitStatus?

    public init(executable: URL, arguments: [String] = [], environment: [String: String] = [:]) throws {
        let output = try Self.makeChannel()
        let errors = try Self.makeChannel()
        defer {
            close(output.child)
            close(errors.child)
        }
        do {
            processIdentifier = try Self.spawn(
                executable.path, arguments, environment, output: output.child, errors: errors.child)
        } catch {
            close(output.parent)
            close(errors.parent)
            throw error
        }
        self.output = LineCollector(descriptor: output.parent)
        self.errors = LineCollector(descriptor: errors.parent)
        let reaper = Thread { [self] in reap() }
        reaper.name = "reaper"
        reaper.start()
    }

    /// How the child ended, or nil while it runs.
    public var exitStatus: ExitStatus? { condition.withLock { status } }

    public var isRunning: Bool { exitStatus == nil }

    /// Sends a signal, unless the child has ended already.
    public func send(signal: Int32) {
        condition.withLock {
            if status == nil { _ = Glibc.kill(processIdentifier, signal) }
        }
    }

    /// Waits for the end; nil when time is up.
    @discardableResult
    public func waitForExit(timeout: TimeInterval) -> ExitStatus? {
        let deadline = Date(timeIntervalSinceNow: timeout)
        condition.lock()
        defer { condition.unlock() }
        while status == nil {
            if !condition.wait(until: deadline) { break }
        }
        return status
    }

    /// Ends the child at once and waits until it is gone.
    public func kill() {
        send(signal: SIGKILL)
        waitForExit(timeout: 10)
    }

    /// Resident memory in kB; nil once the child has ended.
    public var residentKilobytes: Int? { statusField("VmRSS") }

    /// The most memory that was ever resident, in kB; nil once the child has ended.
    public var peakResidentKilobytes: Int? { statusField("VmHWM") }

    /// The number of threads; nil once the child has ended.
    public var threadCount: Int? { statusField("Threads") }

    /// The number of open descriptors; nil once the child has ended.
    public var openDescriptorCount: Int? {
        try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(processIdentifier)/fd").count
    }

    /// Processor time used so far, in seconds; nil once the child has ended.
    public var processorSeconds: Double? {
        guard let text = try? String(contentsOfFile: "/proc/\(processIdentifier)/stat", encoding: .utf8),
            let fields = text.split(separator: ")").last?.split(separator: " "), fields.count > 12,
            let user = Double(fields[11]), let system = Double(fields[12])
        else { return nil }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private func statusField(_ name: String) -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/\(processIdentifier)/status", encoding: .utf8) else {
            return nil
        }
        return text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            .flatMap { $0.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first }.flatMap { Int($0) }
    }

    private func reap() {
        // The child stays a zombie until the lock is held, so that no signal can reach another process of its number.
        var information = siginfo_t()
        while waitid(P_PID, id_t(processIdentifier), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        condition.withLock {
            var code: Int32 = 0
            while waitpid(processIdentifier, &code, 0) < 0, errno == EINTR {}
            status = code & 0x7F == 0 ? .exited((code >> 8) & 0xFF) : .signaled(code & 0x7F)
            condition.broadcast()
        }
    }

    /// A one-way channel that no other child inherits, even if that is spawned this very moment.
    private static func makeChannel() throws -> (parent: Int32, child: Int32) {
        var descriptors: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &descriptors) == 0 else {
            throw SupportError("socketpair: \(String(cString: strerror(errno)))")
        }
        return (descriptors[0], descriptors[1])
    }

    private static func spawn(
        _ path: String, _ arguments: [String], _ environment: [String: String], output: Int32, errors: Int32
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)

        // Whatever the test runner blocks or ignores, the child starts with a clean slate.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let argumentPointers = ([path] + arguments).map { strdup($0) } + [nil]
        let environmentPointers = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argumentPointers + environmentPointers { free(pointer) } }
        var identifier: pid_t = 0
        let result = posix_spawn(&identifier, path, &actions, &attributes, argumentPointers, environmentPointers)
        guard result == 0 else { throw SupportError("cannot start \(path): \(String(cString: strerror(result)))") }
        return identifier
    }
}
