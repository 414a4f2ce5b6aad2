import Glibc
import OllamaProxy

/// The composition root: owns everything, drives the loop, begins and ends.
package final class Proxy: EventLoop.Driver {
    private let configuration: Configuration
    private let log: Log
    private let loop: EventLoop
    private let upstream: Upstream
    private let ledgers: Ledgers
    private let store: LedgerStore
    private let account: AccountKeeper
    private let filter: FilterFile
    private let models: ModelsKeeper
    private let signals: Signals
    private let exchanges: Exchanges
    private let service: Service
    private let server: HTTPServer
    private let systemd: Systemd
    private var shutdown: Shutdown?

    /// - Throws: `SystemError` when the address cannot be listened on, or the system refuses something else.
    package init(_ configuration: Configuration) throws {
        self.configuration = configuration
        log = Log(threshold: configuration.log.level, format: configuration.log.format, secret: configuration.secret)
        let log = log
        for warning in configuration.warnings { log.warn("configuration", ["warning": warning]) }
        // The address comes first: if it is taken, nothing else should have been touched.
        let inherited = try Systemd.inheritedSocket()
        let socket = try inherited.map { try ListeningSocket(inherited: $0) } ?? ListeningSocket(configuration.address)
        let descriptors = DescriptorLimit.raise()
        loop = try EventLoop()
        let shortage = DescriptorShortage(loop: loop, log: log)
        signals = try Signals(loop: loop)
        do {
            try Files.makeFolder(configuration.dataDirectory)
        } catch {
            log.warn("data_folder_unusable", ["reason": "\(error)"])
        }
        ledgers = Ledgers(
            failures: FailureLedger(policy: configuration.ledgers.failures),
            budget: BudgetLedger(policy: configuration.ledgers.budget))
        let history = HistoryLedger(isKept: configuration.ledgers.historyDays > 0)
        store = LedgerStore(
            path: configuration.databasePath, isShared: configuration.address.isShared, log: log, into: ledgers,
            history: history, historyDays: configuration.ledgers.historyDays, loop: loop)
        upstream = try Upstream(
            loop: loop,
            settings: Upstream.Settings(
                baseURL: configuration.upstream.baseURL, apiKey: configuration.upstream.apiKey,
                userAgent: Product.userAgent, connectTimeout: configuration.upstream.connectTimeout,
                certificatesPath: configuration.upstream.certificatesPath),
            log: log, shortage: shortage)
        filter = FilterFile(paths: configuration.models.filterPaths, loop: loop, log: log)
        models = ModelsKeeper(
            configuration: configuration, loop: loop, upstream: upstream, filter: filter, ledgers: ledgers,
            log: log)
        account = AccountKeeper(loop: loop, upstream: upstream, budget: ledgers.budget, log: log)
        let (host, port) = (socket.host, socket.port)
        let limits = configuration.serverLimits
        ProcessMemory.giveBackLargeBlocks()
        let settings = HTTPServer.Settings(
            connectionLimit: Self.connectionLimit(limits, descriptors: descriptors), limits: limits,
            secret: configuration.secret)
        exchanges = Exchanges(
            configuration: configuration, loop: loop, upstream: upstream, ledgers: ledgers, models: models,
            log: log)
        service = Service(
            configuration: configuration, loop: loop, models: models, exchanges: exchanges, ledgers: ledgers,
            store: store, history: history, upstream: upstream, log: log, listeningOn: host)
        do {
            server = try HTTPServer(
                socket, loop: loop, settings: settings, log: log, shortage: shortage, handler: service)
        } catch {
            // It holds what holds it.
            loop.close()
            throw error
        }
        service.server = server
        systemd = Systemd(loop: loop)
        models.start()
        account.refresh()
        signals.received = { [unowned self] signal in self.received(signal) }
        log.info(
            "listening",
            ["address": host, "port": Int(port), "version": Product.version, "free_mode": configuration.freeMode])
        warnIfOpen(host)
        systemd.ready("listening on \(host) port \(port)")
    }

    /// Each exchange needs a descriptor on either side.
    private static func connectionLimit(_ limits: ServerLimits, descriptors: Int) -> Int {
        let possible = max(16, (descriptors - 64) / 2)
        return min(limits.connections ?? ServerLimits.mostConnections, possible)
    }

    private func warnIfOpen(_ host: String) {
        guard configuration.clientKeys.isEmpty, let address = IPAddress(host), !address.isLoopback else { return }
        log.warn(
            "open_to_the_network",
            [
                "address": host,
                "consequence": "anyone who can reach this address can use your OpenRouter key: set PROXY_API_KEYS",
            ])
    }

    /// Serves until a signal ends it.
    package func run() {
        loop.run(self)
        server.stop()
        store.saveAll(now: Clock.now())
        loop.close()
        log.info("stopped")
    }

    // MARK: The loop's driver

    var upstreamTimer: Instant? { upstream.timer }

    func upstreamTimerReached() { upstream.timerReached() }

    func serveClients() -> Instant? {
        let next = server.serve()
        shutdown?.advance()
        return next
    }

    func persist() {
        store.save(now: loop.now)
    }

    // MARK: Signals and shutdown

    private func received(_ signal: Int32) {
        if signal == SIGHUP {
            log.info("refresh_requested")
            account.refresh()
            return models.refreshSoon()
        }
        if let shutdown { return shutdown.hurry() }
        log.info(
            "stopping", ["exchanges": exchanges.count, "grace_seconds": configuration.shutdownGrace.secondsRoundedUp])
        systemd.stopping()
        server.quiesce()
        exchanges.close()
        models.cancel()
        account.cancel()
        shutdown = Shutdown(
            loop: loop, grace: configuration.shutdownGrace,
            isIdle: { [unowned self] in server.requestCount == 0 },
            endExchanges: { [unowned self] in exchanges.endAll() })
    }
}
