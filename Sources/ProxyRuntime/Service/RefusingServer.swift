import Glibc
import OllamaProxy

/// Answers every request with the reason why there is no server, where systemd listens and the configuration cannot be used.
///
/// Ending, as without a socket, would close it for good: the client still waits, so systemd starts the process again at once,
/// ten times within a second, and then gives the socket up. Clients would be refused even when the mistake is mended.
package final class RefusingServer: EventLoop.Driver, RequestHandler {
    private let message: String
    private let hosts: HostPolicy
    private let secret: Secret
    private let loop: EventLoop
    private let signals: Signals
    private let systemd: Systemd
    private var server: HTTPServer!

    /// Fails when no socket was handed over: then nobody waits for an answer.
    /// - Parameters:
    ///   - failure: what is wrong with the configuration.
    ///   - secret: what no reply may tell.
    /// - Throws: `SystemError` when what was handed over cannot be used, or the system refuses something else.
    package init?(because failure: ConfigurationReader.Failure, secret: Secret) throws {
        guard let inherited = try Systemd.inheritedSocket() else { return nil }
        let socket = try ListeningSocket(inherited: inherited)
        let reasons = failure.errors.map(\.description).joined(separator: "; ")
        message = "the configuration cannot be used; put it right and restart the server: \(reasons)"
        self.secret = secret
        hosts = LocalNames.hostPolicy(listeningOn: socket.host)
        let log = Log(threshold: .info, secret: secret)
        loop = try EventLoop()
        signals = try Signals(loop: loop)
        systemd = Systemd(loop: loop)
        let settings = HTTPServer.Settings(
            connectionLimit: min(ServerLimits.mostConnections, max(16, DescriptorLimit.raise() - 64)),
            limits: ServerLimits(), secret: secret)
        do {
            server = try HTTPServer(
                socket, loop: loop, settings: settings, log: log, shortage: DescriptorShortage(loop: loop, log: log),
                handler: self)
        } catch {
            // It holds what holds it.
            loop.close()
            throw error
        }
        // The environment of a process never changes. Ending at SIGHUP too makes a reload do what is meant by it: the next
        // client starts the server with the configuration as it is then.
        signals.received = { [unowned self] _ in loop.stop() }
        for error in failure.errors {
            log.error("configuration_unusable", ["reason": error.description, "then": "every request is refused"])
        }
        let line = secret.removed(from: message).split(separator: "\n").joined(separator: " ")
        systemd.ready("refuses every request: \(line)")
    }

    /// Refuses until a signal ends it.
    package func run() {
        loop.run(self)
        systemd.stopping()
        server.stop()
        loop.close()
    }

    // MARK: Requests

    func requestBegan(_ request: IncomingRequest) {
        request.refuseBody(.unwanted)
        // Where such a request ends is not certain, so it is answered before more is read.
        if request.head.fault != nil { refuse(request) }
    }

    func handle(_ request: IncomingRequest) { refuse(request) }

    func requestEnded(_ request: IncomingRequest) {}

    private func refuse(_ request: IncomingRequest) {
        // Like the server itself, it tells nothing to a page that reaches this machine by a name of its own.
        let isLocal = hosts.allows(request.targetHost ?? request.header("Host") ?? "")
        let reason = isLocal ? secret.removed(from: message) : "the configuration cannot be used"
        let body = Route.errors(ofPath: request.path).body(status: 503, message: reason)
        request.reply(.init(status: 503, contentType: MediaType.json), body: body)
    }

    // MARK: The loop's driver

    var upstreamTimer: Instant? { nil }

    func upstreamTimerReached() {}

    func serveClients() -> Instant? { server.serve() }

    func persist() {}
}
