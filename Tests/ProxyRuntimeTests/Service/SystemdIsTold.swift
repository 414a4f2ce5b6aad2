import Foundation
import Glibc
import TestSupport
import Testing

/// A service manager learns when the server is ready, that it lives, and that it ends; and may hand it a socket.
@Suite(.timeLimit(.minutes(10)))
struct SystemdIsTold {
    private let folder: TemporaryFolder
    private let upstream: FakeOpenRouter

    init() throws {
        folder = try TemporaryFolder()
        upstream = try FakeOpenRouter()
    }

    @Test(arguments: [false, true])
    func readyAliveAndStopping(isAbstract: Bool) throws {
        let name = isAbstract ? "@ollama-proxy-test-\(UUID().uuidString)" : folder.file("notify").path
        let notifications = try Notifications(path: name)
        let proxy = try ProxyProcess(
            upstream: upstream.baseURL, settings: ["NOTIFY_SOCKET": name, "WATCHDOG_USEC": "200000"])
        let first = try #require(notifications.next())
        #expect(first.hasPrefix("READY=1\nSTATUS="))
        #expect(first.contains("port \(proxy.port)"))
        #expect(notifications.next() == "WATCHDOG=1")
        #expect(notifications.next() == "WATCHDOG=1")
        proxy.process.send(signal: SIGTERM)
        var message = notifications.next()
        while message == "WATCHDOG=1" { message = notifications.next() }
        #expect(message?.hasPrefix("STOPPING=1") == true)
        #expect(proxy.waitForExit(timeout: 10) == .exited(0))
    }

    /// Signs of life are for the process that they were asked of.
    @Test func aWatchdogOfAnotherProcessIsNotFed() throws {
        let notifications = try Notifications(path: folder.file("notify").path)
        let proxy = try ProxyProcess(
            upstream: upstream.baseURL,
            settings: [
                "NOTIFY_SOCKET": folder.file("notify").path, "WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1",
            ])
        #expect(notifications.next()?.hasPrefix("READY=1") == true)
        try proxy.waitForLog(event: "models_ready")
        proxy.process.send(signal: SIGTERM)
        #expect(notifications.next()?.hasPrefix("STOPPING=1") == true)
    }

    /// A launcher listens, and the server takes the socket over with what waits in it.
    @Test func aSocketThatListensIsTakenOver() throws {
        let launcher = """
            import os, socket
            s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()
            print(s.getsockname()[1], flush=True)
            os.dup2(s.fileno(), 3); os.set_inheritable(3, True)
            os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
            os.execv(os.environ["BINARY"], ["ollama-proxy"])
            """
        let process = try ChildProcess(
            executable: URL(fileURLWithPath: "/usr/bin/env"), arguments: ["python3", "-c", launcher],
            environment: [
                "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "", "BINARY": BuiltProducts.ollamaProxy().path,
                "OPENROUTER_API_KEY": "test-key", "OPENROUTER_BASE_URL": upstream.baseURL,
                "DATA_DIR": folder.url.path,
            ])
        defer { process.kill() }
        let port = try #require(process.output.waitForLine(timeout: 20) { UInt16($0) != nil }?.line)
        let response = try HTTPClient(port: UInt16(port)!).request("GET", "/api/version")
        #expect(response.status == 200)
        let line = process.errors.waitForLine(timeout: 10) { LogLine($0).event == "listening" }?.line
        #expect(line.map { LogLine($0)["port"] } == port)
        process.send(signal: SIGTERM)
        #expect(process.waitForExit(timeout: 10) == .exited(0))
    }
}
