import Foundation
import Glibc
import TestSupport
import Testing

/// A server that systemd starts with the first client, and whose configuration cannot be used. If it ended, systemd would
/// start it again until it gives the socket up, and every client would be locked out for good.
@Suite(.timeLimit(.minutes(10)))
struct ConfigurationBehindASocket {
    private let folder: TemporaryFolder
    private let upstream: FakeOpenRouter

    init() throws {
        folder = try TemporaryFolder()
        upstream = try FakeOpenRouter()
    }

    /// Holds the socket, as systemd does, and starts the server on it: first with the settings that are given, then, when
    /// that process has ended, without them.
    private func activate(_ settings: [String: String]) throws -> Activation {
        try Activation(
            environments: [settings, [:]],
            common: [
                "OPENROUTER_API_KEY": "sk-or-secret", "OPENROUTER_BASE_URL": upstream.baseURL,
                "DATA_DIR": folder.url.path, "NOTIFY_SOCKET": folder.file("notify").path,
            ])
    }

    private static let routes: [(method: String, path: String)] = [
        ("GET", "/"), ("GET", "/api/tags"), ("POST", "/api/chat"), ("GET", "/health"), ("GET", "/status"),
        ("POST", "/v1/chat/completions"), ("POST", "/v1/messages"), ("DELETE", "/nowhere"),
    ]

    @Test func everyRouteTellsTheReason() throws {
        let server = try activate(["PORT": "none", "FREE_MODE": "maybe"])
        for (method, path) in Self.routes {
            let response = try server.client.request(method, path, body: method == "POST" ? "{}" : "")
            #expect(response.status == 503, "\(path)")
            #expect(response.headers["content-type"]?.hasPrefix("application/json") == true)
            let body = try response.jsonObject()
            let error = body["error"] as? String ?? (body["error"] as? [String: Any])?["message"] as? String ?? ""
            #expect(error.contains("PORT=none: must be"), "\(path)")
            #expect(error.contains("FREE_MODE=maybe: must be"), "\(path)")
            #expect(!response.text.contains("sk-or-secret"))
        }
        #expect(try server.client.request("HEAD", "/").status == 503)
    }

    @Test func aMissingKeyIsAReasonToo() throws {
        let server = try activate(["OPENROUTER_API_KEY": ""])
        #expect(try server.client.request("GET", "/api/tags").text.contains("OPENROUTER_API_KEY is not set"))
    }

    /// Started by systemd it must say that it is ready, or it would be ended as one that hangs.
    @Test func systemdIsToldWhatIsWrong() throws {
        let notifications = try Notifications(path: folder.file("notify").path)
        let server = try activate(["PORT": "none", "WATCHDOG_USEC": "200000"])
        let first = try #require(notifications.next())
        #expect(first.hasPrefix("READY=1\nSTATUS=refuses every request"))
        #expect(first.contains("PORT=none"))
        #expect(notifications.next() == "WATCHDOG=1")
        #expect(server.launcher.errors.lines.contains { LogLine($0).event == "configuration_unusable" })
    }

    /// Once it is mended, a restart is all that it takes; so is a reload, behind which the next client starts the server.
    @Test(arguments: [SIGTERM, SIGHUP])
    func itServesOnTheSameSocketOnceItIsMended(signal: Int32) throws {
        let server = try activate(["PORT": "none"])
        #expect(try server.client.request("GET", "/api/version").status == 503)
        kill(try server.firstProcess(), signal)
        #expect(try server.firstExitCode() == 0)
        #expect(try server.client.request("GET", "/api/version").status == 200)
    }

    @Test func aForeignNameIsNotToldTheReason() throws {
        let server = try activate(["PORT": "none"])
        let response = try server.client.request("GET", "/", headers: [("Host", "example.com")])
        #expect(response.status == 503)
        #expect(!response.text.contains("PORT"))
    }

    @Test func whatCouldBeReadInTwoWaysIsRefusedAtOnce() throws {
        let server = try activate(["PORT": "none"])
        let stream = try server.client.connect()
        defer { stream.close() }
        let head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
        try stream.send(raw: head + "0\r\n\r\n")
        // Newer releases of libmicrohttpd answer some of them themselves.
        #expect([400, 503].contains(try stream.readResponse().status))
        #expect(try server.client.request("GET", "/").status == 503)
    }
}

/// A launcher that holds a listening socket and starts the server on it, with one environment after another.
private final class Activation {
    let launcher: ChildProcess
    let client: HTTPClient

    init(environments: [[String: String]], common: [String: String]) throws {
        let program = """
            import json, os, socket, sys
            os.setpgrp()
            s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()
            print("port", s.getsockname()[1], flush=True)
            for environment in json.loads(sys.argv[1]):
                process = os.fork()
                if process == 0:
                    os.dup2(s.fileno(), 3); os.set_inheritable(3, True)
                    os.environ.update(environment, LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
                    os.execv(os.environ["BINARY"], ["ollama-proxy"])
                print("process", process, flush=True)
                print("ended", os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)
            """
        let list = try JSONSerialization.data(withJSONObject: environments)
        let own = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "", "BINARY": try BuiltProducts.ollamaProxy().path,
            "ASAN_OPTIONS": "exitcode=86",
        ]
        launcher = try ChildProcess(
            executable: URL(fileURLWithPath: "/usr/bin/env"),
            arguments: ["python3", "-c", program, String(decoding: list, as: UTF8.self)],
            environment: own.merging(common) { own, _ in own })
        client = HTTPClient(port: UInt16(try Self.firstNumber(behind: "port", in: launcher)))
    }

    deinit {
        // The server is of the launcher's process group.
        kill(-launcher.processIdentifier, SIGKILL)
        launcher.kill()
    }

    /// The first process that was started.
    func firstProcess() throws -> pid_t { pid_t(try Self.firstNumber(behind: "process", in: launcher)) }

    /// Waits for the first process's end.
    func firstExitCode() throws -> Int { try Self.firstNumber(behind: "ended", in: launcher) }

    private static func firstNumber(behind word: String, in launcher: ChildProcess) throws -> Int {
        let line = launcher.output.waitForLine(timeout: 20) { $0.hasPrefix(word + " ") }?.line
        guard let number = line.flatMap({ Int($0.dropFirst(word.count + 1)) }) else {
            throw SupportError("the launcher never said \(word): \(launcher.errors.lines.joined(separator: "\n"))")
        }
        return number
    }
}
