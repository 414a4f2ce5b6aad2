import Foundation
import Glibc

/// A running ollama-proxy of one's own, with an environment and a data folder of its own. It ends with this object.
public final class ProxyProcess: Sendable {
    /// What GET /health says.
    public struct Health: Sendable {
        public let status: String
        public let counters: [String: Int]
        /// The whole answer.
        public let text: String

        public var connections: Int { self["connections"] }
        public var exchanges: Int { self["exchanges"] }
        public var transfers: Int { self["transfers"] }
        public var models: Int { self["models"] }

        /// A counter by its name; -1 when there is none of that name.
        public subscript(name: String) -> Int { counters[name] ?? -1 }
    }

    public let process: ChildProcess
    public let dataFolder: URL
    /// 0 when the proxy was not to be awaited.
    public let port: UInt16
    private let ownsDataFolder: Bool

    /// Starts the proxy and waits until it listens.
    ///
    /// - Parameters:
    ///   - upstream: the upstream's base URL; nil leaves OPENROUTER_BASE_URL unset.
    ///   - settings: further variables, stronger than the harness's own; an empty value removes the variable.
    ///   - dataFolder: a folder to keep, say for a second start; nil for a fresh one that goes with this object.
    ///   - launcher: a command that becomes the proxy, with the proxy's own command line behind it; empty for none.
    ///   - waitsUntilListening: false for settings with which the proxy is expected to refuse to start.
    public init(
        upstream: String?, settings: [String: String] = [:], arguments: [String] = [], dataFolder: URL? = nil,
        launcher: [String] = [], waitsUntilListening: Bool = true, timeout: TimeInterval = 60
    ) throws {
        ownsDataFolder = dataFolder == nil
        self.dataFolder =
            dataFolder
            ?? FileManager.default.temporaryDirectory.appendingPathComponent("ollama-proxy-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.dataFolder, withIntermediateDirectories: true)

        var environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "OPENROUTER_API_KEY": "test-key",
            "PORT": "0", "DATA_DIR": self.dataFolder.path, "LOG_LEVEL": "DEBUG",
            // What the sanitizer finds ends in a status that nothing else has: its own default is 1.
            "ASAN_OPTIONS": "exitcode=86",
        ]
        environment["OPENROUTER_BASE_URL"] = upstream
        environment.merge(settings) { _, setting in setting }
        environment = environment.filter { !$0.value.isEmpty }

        // A class that throws before it is whole is never deinitialized, so it must tidy up itself.
        let abandonedFolder = dataFolder == nil ? self.dataFolder : nil
        do {
            let command = try launcher + [BuiltProducts.ollamaProxy().path] + arguments
            process = try ChildProcess(
                executable: URL(fileURLWithPath: command[0]), arguments: Array(command.dropFirst()),
                environment: environment)
        } catch {
            if let abandonedFolder { try? FileManager.default.removeItem(at: abandonedFolder) }
            throw error
        }
        guard waitsUntilListening else {
            port = 0
            return
        }
        let line = process.errors.waitForLine(timeout: timeout) { LogLine($0).event == "listening" }?.line
        guard let line, let text = LogLine(line)["port"], let port = UInt16(text) else {
            process.kill()
            if let abandonedFolder { try? FileManager.default.removeItem(at: abandonedFolder) }
            throw SupportError("ollama-proxy did not start: \(process.errors.lines.joined(separator: "\n"))")
        }
        self.port = port
    }

    deinit {
        process.kill()
        if ownsDataFolder { try? FileManager.default.removeItem(at: dataFolder) }
    }

    public var baseURL: String { "http://127.0.0.1:\(port)" }

    /// A client for the proxy.
    public var client: HTTPClient { HTTPClient(port: port) }

    /// All log lines so far.
    public var logLines: [LogLine] { process.errors.lines.map(LogLine.init) }

    /// The number of log lines so far, to wait for something later than now.
    public var logCount: Int { process.errors.count }

    /// Waits for a log line of that event with the given text in it, from the given index on.
    @discardableResult
    public func waitForLog(
        event: String, containing text: String = "", from start: Int = 0, timeout: TimeInterval = 30
    ) throws -> LogLine {
        let found = process.errors.waitForLine(from: start, timeout: timeout) { line in
            (text.isEmpty || line.contains(text)) && LogLine(line).event == event
        }
        guard let line = found?.line else {
            let latest = process.errors.lines.suffix(40).joined(separator: "\n")
            throw SupportError("no log line event=\(event) containing \"\(text)\"; the latest lines:\n\(latest)")
        }
        return LogLine(line)
    }

    /// Asks the proxy to end, as a service manager would; nil when it does not end in time.
    @discardableResult
    public func terminate(timeout: TimeInterval = 60) -> ExitStatus? {
        process.send(signal: SIGTERM)
        return waitForExit(timeout: timeout)
    }

    /// Ends the proxy without letting it say good-bye.
    public func kill() { process.kill() }

    /// Waits for the end and for the last log line; nil when time is up.
    @discardableResult
    public func waitForExit(timeout: TimeInterval) -> ExitStatus? {
        guard let status = process.waitForExit(timeout: timeout) else { return nil }
        process.errors.waitForEnd(timeout: 2)
        return status
    }

    /// Resident memory in kB; 0 once the proxy has ended.
    public var residentKilobytes: Int { process.residentKilobytes ?? 0 }

    /// The number of open descriptors; 0 once the proxy has ended.
    public var openDescriptorCount: Int { process.openDescriptorCount ?? 0 }

    /// Reads GET /health.
    public func health() throws -> Health {
        let response = try client.request("GET", "/health")
        guard let value = try response.json() as? [String: Any] else {
            throw SupportError("GET /health: \(response.status) \(response.text)")
        }
        return Health(
            status: value["status"] as? String ?? "", counters: value.compactMapValues { $0 as? Int },
            text: response.text)
    }

    /// Reads GET /health again and again until it satisfies the condition; the condition's last answer decides.
    @discardableResult
    public func waitForHealth(timeout: TimeInterval = 30, where matches: (Health) -> Bool) throws -> Health {
        let deadline = Date(timeIntervalSinceNow: timeout)
        while true {
            let health = try health()
            if matches(health) { return health }
            guard Date() < deadline else { throw SupportError("health stayed \(health.text)") }
            usleep(10_000)
        }
    }
}
