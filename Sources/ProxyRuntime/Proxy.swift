import CLinux
import Glibc
import OllamaProxy

/// The composition root: owns everything, and serves what needs no upstream.
package final class Proxy: RequestHandler, EventLoop.Driver {
    /// The product's own version.
    package static let version = "0.1.0"

    private let configuration: Configuration
    private let log: Log
    private let loop: EventLoop
    private let upstream: Upstream
    private let ledger: FailureLedger
    private let store: FailureStore
    private let filter: FilterFile
    private let models: ModelsKeeper
    private let signals: Signals
    private var server: HTTPServer!
    private var shutdown: Shutdown?
    private var exchanges: [ObjectIdentifier: Exchange] = [:]
    /// How many there were at once since there was none.
    private var mostExchanges = 0
    /// So many at once leave a heap behind that is worth tidying.
    private static let rush = 50

    /// - Throws: `SystemError` when the address cannot be listened on, or the system refuses something else.
    package init(_ configuration: Configuration) throws {
        self.configuration = configuration
        log = Log(threshold: configuration.logLevel, secret: configuration.secret)
        let log = log
        for warning in configuration.warnings { log.warn("configuration", ["warning": warning]) }
        // The address comes first: if it is taken, nothing else should have been touched.
        let socket = try ListeningSocket(configuration.address)
        let descriptors = DescriptorLimit.raise()
        loop = try EventLoop()
        signals = try Signals(loop: loop)
        do {
            try Files.makeFolder(configuration.dataDirectory)
        } catch {
            log.warn("data_folder_unusable", ["reason": "\(error)"])
        }
        ledger = FailureLedger(policy: configuration.failurePolicy)
        store = FailureStore(path: configuration.dataDirectory + "/failures.db", log: log, into: ledger)
        upstream = try Upstream(
            loop: loop,
            settings: Upstream.Settings(
                baseURL: configuration.baseURL, apiKey: configuration.apiKey, userAgent: "ollama-proxy/\(Self.version)",
                connectTimeoutMilliseconds: configuration.connectTimeoutSeconds * 1000),
            log: log)
        filter = FilterFile(paths: configuration.filterPaths, loop: loop, log: log)
        models = ModelsKeeper(
            configuration: configuration, loop: loop, upstream: upstream, filter: filter, log: log)
        let (host, port) = (socket.host, socket.port)
        // Each exchange needs a descriptor on either side.
        let settings = HTTPServer.Settings(connectionLimit: max(16, min(10_000, (descriptors - 64) / 2)))
        server = try HTTPServer(socket, loop: loop, settings: settings, log: log, handler: self)
        models.start()
        signals.received = { [unowned self] signal in self.received(signal) }
        log.info(
            "listening",
            ["address": host, "port": Int(port), "version": Self.version, "free_mode": configuration.freeMode])
    }

    /// Serves until a signal ends it.
    package func run() {
        loop.run(self)
        server.stop()
        store.save(ledger.takeUnsaved())
        loop.close()
        log.info("stopped")
    }

    func exchangeEnded(_ exchange: Exchange) {
        exchanges[ObjectIdentifier(exchange)] = nil
        if exchanges.isEmpty { giveMemoryBack() }
    }

    /// After a rush the allocator keeps tens of megabytes for the next one, which on a small machine may be months away.
    private func giveMemoryBack() {
        if mostExchanges >= Self.rush { malloc_trim(0) }
        mostExchanges = 0
    }

    func refreshModels() {
        models.refreshSoon()
    }

    // MARK: The loop's driver

    var upstreamTimer: Int64? { upstream.timer }

    func upstreamTimerReached() { upstream.timerReached() }

    func serveClients() -> Int64? {
        let next = server.serve()
        shutdown?.advance()
        return next
    }

    func persist() {
        store.save(ledger.takeUnsaved())
    }

    // MARK: Requests

    func handle(_ request: IncomingRequest) {
        do {
            let route = try Route.find(method: request.method, path: request.path)
            try checkBody(of: request)
            try serve(route, request)
        } catch {
            refuse(request, because: error)
        }
    }

    func requestBegan(_ request: IncomingRequest) {
        // A body that nobody will look at is not even gathered.
        if (try? Route.find(method: request.method, path: request.path)) == nil { request.refuseBody(.unwanted) }
    }

    private func checkBody(of request: IncomingRequest) throws(RequestError) {
        switch request.bodyRefusal {
        case .tooLarge:
            throw RequestError(
                status: 413, message: "the request body is larger than \(IncomingRequest.bodyLimit >> 20) MB")
        case .noRoom:
            throw RequestError(
                status: 503, message: "too many large requests at once, please try again", retryAfterSeconds: 5)
        case .unwanted, nil: break
        }
    }

    func requestEnded(_ request: IncomingRequest) {
        let report = request.report
        log.info(
            "request",
            [
                "method": request.method, "path": request.path, "status": report?.status ?? request.status,
                "outcome": report?.outcome.rawValue, "asked": report?.requestedName, "model": report?.model,
                "attempts": report?.attempts, "first_token_ms": report?.timeToFirstToken.map(Self.milliseconds),
                "prompt_tokens": report?.usage?.promptTokens, "completion_tokens": report?.usage?.completionTokens,
                "duration_ms": Self.milliseconds(Clock.now().monotonic - request.started.monotonic),
            ])
    }

    private static func milliseconds(_ nanoseconds: Int64) -> Int {
        Int(nanoseconds / Nanoseconds.perMillisecond)
    }

    private func serve(_ route: Route, _ request: IncomingRequest) throws {
        switch route {
        case .root:
            request.reply(
                .init(status: 200, contentType: "text/plain; charset=utf-8"), body: ByteBuffer(OllamaReplies.greeting))
        case .version: replyJSON(request, OllamaReplies.versionBody())
        case .health: replyJSON(request, health())
        case .tags: replyJSON(request, try listings().tags)
        case .openAIModels: replyJSON(request, try listings().openAI)
        case .show: try serveShow(request)
        case .chat: try serveChat(request)
        case .generate: try serveGenerate(request)
        case .openAIChat: try serveOpenAIChat(request)
        }
    }

    private func serveShow(_ request: IncomingRequest) throws(RequestError) {
        let name = try Self.text(of: request).withBytes { bytes throws(RequestError) in
            try OllamaReplies.requestedModel(inShow: bytes)
        }
        let catalog = try catalog()
        guard let index = catalog.index(named: name) else { throw .modelNotFound(name) }
        replyJSON(
            request,
            OllamaReplies.show(
                catalog.models[index], name: catalog.listedNames[index], remoteHost: configuration.remoteHost))
    }

    private func serveChat(_ request: IncomingRequest) throws(RequestError) {
        // The request borrows from the body, and the upstream's is made of it before this returns.
        try Self.text(of: request).withBytes { bytes throws(RequestError) in
            let chat = try OllamaChatRequest(bytes)
            let candidates = try CandidateSequence(for: chat.generation.model, in: catalog())
            guard !chat.isLoadOrUnload else { return replyLoaded(chat.generation, isChat: true, request) }
            try start(
                .ollamaChat(stream: chat.generation.stream), try UpstreamRequest(chat), candidates,
                hidesThinking: chat.generation.think == .off, for: request)
        }
    }

    private func serveGenerate(_ request: IncomingRequest) throws(RequestError) {
        try Self.text(of: request).withBytes { bytes throws(RequestError) in
            let prompt = try OllamaGenerateRequest(bytes)
            let candidates = try CandidateSequence(for: prompt.generation.model, in: catalog())
            guard !prompt.isLoadOrUnload else { return replyLoaded(prompt.generation, isChat: false, request) }
            guard prompt.suffix?.isEmpty ?? true else {
                throw .badRequest("\"\(prompt.generation.model)\" does not support insert")
            }
            try start(
                .ollamaGenerate(stream: prompt.generation.stream), try UpstreamRequest(prompt), candidates,
                hidesThinking: prompt.generation.think == .off, for: request)
        }
    }

    private func replyLoaded(_ generation: OllamaGeneration, isChat: Bool, _ request: IncomingRequest) {
        let reply = OllamaReplies.loaded(
            model: generation.model, isChat: isChat, isUnload: generation.isUnload, now: loop.now)
        replyJSON(request, reply)
    }

    private func serveOpenAIChat(_ request: IncomingRequest) throws(RequestError) {
        let body = Self.text(of: request)
        let chat = try body.withBytes { bytes throws(RequestError) in try OpenAIChatRequest(bytes) }
        let candidates = try CandidateSequence(for: chat.model, in: catalog())
        try start(
            .openAIChat(stream: chat.stream), UpstreamRequest(forwarding: body, modelRanges: chat.modelRanges),
            candidates, hidesThinking: false, for: request)
    }

    private func start(
        _ door: Door, _ upstreamRequest: UpstreamRequest, _ candidates: CandidateSequence, hidesThinking: Bool,
        for request: IncomingRequest
    ) throws(RequestError) {
        guard shutdown == nil else {
            throw RequestError(status: 503, message: "the server is shutting down", retryAfterSeconds: 5)
        }
        let machine = ExchangeMachine(
            door: door, request: upstreamRequest, candidates: candidates, hidesThinking: hidesThinking,
            remoteHost: configuration.remoteHost, limits: configuration.limits, ledger: ledger,
            secret: configuration.secret,
            received: loop.now)
        let exchange = Exchange(
            machine, request: request, loop: loop, upstream: upstream, log: log, proxy: self)
        exchanges[ObjectIdentifier(exchange)] = exchange
        mostExchanges = max(mostExchanges, exchanges.count)
        exchange.start()
    }

    /// The body as valid UTF-8, which is as much as Go's decoder makes of it, and Ollama's.
    private static func text(of request: IncomingRequest) -> ByteBuffer {
        let body = request.takeBody()
        return body.withBytes { UTF8Repair.repaired($0) } ?? body
    }

    private func catalog() throws(RequestError) -> Catalog {
        if let catalog = models.catalog { return catalog }
        throw RequestError(
            status: 503, message: "the models list is missing: \(models.missingReason ?? "unknown"); trying again",
            retryAfterSeconds: 5)
    }

    private func listings() throws(RequestError) -> ModelsKeeper.Listings {
        _ = try catalog()
        return models.listings!
    }

    private func replyJSON(_ request: IncomingRequest, _ body: ByteBuffer) {
        request.reply(.init(status: 200, contentType: "application/json; charset=utf-8"), body: body)
    }

    private func refuse(_ request: IncomingRequest, because error: any Error) {
        var head = IncomingRequest.Head(status: 500, contentType: "application/json; charset=utf-8")
        var message = "\(error)"
        switch error {
        case Route.Mismatch.unknownPath:
            head.status = 404
            message = "\(request.path): no such path"
        case Route.Mismatch.wrongMethod(let allowed):
            head.status = 405
            head.headers.append(("Allow", allowed.joined(separator: ", ")))
            message = "\(request.path) does not take \(request.method), only \(allowed.joined(separator: " and "))"
        case let error as RequestError:
            head.status = error.status
            message = error.message
            if let seconds = error.retryAfterSeconds { head.headers.append(("Retry-After", String(seconds))) }
        default: break
        }
        let family = Route.family(ofPath: request.path)
        request.reply(head, body: family.errorBody(status: head.status, message: message))
    }

    private func health() -> ByteBuffer {
        JSONWriter.object { body in
            body.field("status", shutdown != nil ? "stopping" : models.catalog == nil ? "no_models" : "ok")
            body.field("version", Self.version)
            body.field("connections", server.connectionCount)
            body.field("requests", server.requestCount)
            body.field("exchanges", exchanges.count)
            body.field("transfers", upstream.transferCount)
            body.field("models", models.catalog?.models.count ?? 0)
            body.field("cooling", ledger.coolingCount(now: loop.now))
        }
    }

    // MARK: Signals and shutdown

    private func received(_ signal: Int32) {
        if signal == SIGHUP {
            log.info("refresh_requested")
            return models.refreshSoon()
        }
        if let shutdown { return shutdown.hurry() }
        log.info("stopping", ["exchanges": exchanges.count, "grace_seconds": configuration.shutdownGraceSeconds])
        server.quiesce()
        models.cancel()
        let grace = Int64(configuration.shutdownGraceSeconds) * Nanoseconds.perSecond
        shutdown = Shutdown(
            loop: loop, grace: grace,
            isIdle: { [unowned self] in server.requestCount == 0 },
            endExchanges: { [unowned self] in for exchange in exchanges.values { exchange.shutDown() } })
    }
}
