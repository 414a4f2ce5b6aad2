import Glibc
import OllamaProxy

/// Answers requests: finds the route, checks who asks, and puts every refusal into the shape of the API that was called.
/// What the routes do is in the extensions beside this file.
final class Service: RequestHandler {
    let configuration: Configuration
    let loop: EventLoop
    let models: ModelsKeeper
    let exchanges: Exchanges
    let ledgers: Ledgers
    let upstream: Upstream
    let store: LedgerStore
    let activity = Activity()
    private let past: HistoryLedger
    let startedAt: UnixTime
    private let log: Log
    private let secret: Secret
    private let origins: OriginPolicy
    private let hosts: HostPolicy
    /// Set once, when the server is there.
    unowned var server: HTTPServer!

    /// - Parameter host: the address that is listened on.
    init(
        configuration: Configuration, loop: EventLoop, models: ModelsKeeper, exchanges: Exchanges,
        ledgers: Ledgers, store: LedgerStore, history: HistoryLedger, upstream: Upstream, log: Log,
        listeningOn host: String
    ) {
        self.configuration = configuration
        self.loop = loop
        self.models = models
        self.exchanges = exchanges
        self.ledgers = ledgers
        self.store = store
        past = history
        self.upstream = upstream
        self.log = log
        startedAt = loop.now.wall
        secret = configuration.secret
        origins = OriginPolicy(origins: configuration.origins)
        hosts = LocalNames.hostPolicy(listeningOn: host)
    }

    // MARK: Requests

    func requestBegan(_ request: IncomingRequest) {
        if let fault = request.head.fault { return refuse(request, because: RequestError.badRequest("\(fault)")) }
        request.route = Result { () throws(Route.Mismatch) in
            try Route.find(method: request.method, path: request.path)
        }
        request.isAdmitted = isAdmitted(request)
        // A body that nobody will look at is not even gathered.
        let hasRoute = (try? request.route.get()) != nil
        if !hasRoute || !request.isAdmitted { request.refuseBody(.unwanted) }
    }

    /// Whether the client has shown a key, where keys are set. The sentence at `/` is for those who want to know whether
    /// anyone is there.
    private func isAdmitted(_ request: IncomingRequest) -> Bool {
        guard !configuration.clientKeys.isEmpty else { return true }
        if case .success(.root) = request.route { return true }
        return configuration.clientKeys.admits(
            ClientKeys.Offer(
                authorization: request.header("Authorization"), apiKey: request.header("x-api-key"),
                pathKey: request.pathKey,
                passwordCounts: OriginPolicy.isOwn(request.header("Origin"), host: Self.host(of: request))))
    }

    func handle(_ request: IncomingRequest) {
        do {
            guard try admit(request) else { return }
            guard request.isAdmitted else { throw RequestError.keyRequired }
            let route = try request.route.get()
            try checkBody(of: request)
            try serve(route, request)
        } catch {
            refuse(request, because: error)
        }
    }

    func requestEnded(_ request: IncomingRequest) {
        let duration = Clock.now().monotonic - request.started.monotonic
        count(request, duration: duration)
        // What is asked every few seconds, by a page that is open or by Prometheus, would fill the log with itself.
        log.write(isWatching(request) ? .debug : .info, "request") { line in
            let report = request.report
            line.field("id", request.id)
            line.field("method", request.method)
            line.field("path", request.path)
            line.field("status", report?.status ?? request.status)
            line.field("outcome", report?.outcome.rawValue)
            line.field("asked", report?.requestedName)
            line.field("model", report?.model)
            line.field("attempts", report?.attemptCount)
            line.field("waited_ms", report.flatMap { $0.waited > .zero ? $0.waited.milliseconds : nil })
            line.field("first_token_ms", report?.timeToFirstToken?.milliseconds)
            line.field("prompt_tokens", report?.usage?.promptTokens)
            line.field("completion_tokens", report?.usage?.completionTokens)
            line.field("duration_ms", duration.milliseconds)
        }
    }

    private func isWatching(_ request: IncomingRequest) -> Bool {
        guard request.status < 400, case .success(let route) = request.route else { return false }
        return switch route {
        case .proxyStatus, .proxyHistory, .metrics: true
        default: false
        }
    }

    /// Counts the request.
    private func count(_ request: IncomingRequest, duration: Span) {
        let route = try? request.route.get()
        let status = request.report?.status ?? request.status
        // A client that has left before any reply has no status; others write 499.
        activity.recordReply(route: route, status: status == 0 ? 499 : status)
        guard var report = request.report, let route else { return }
        // Clients may name models as they like, and the status shows it.
        report.requestedName = secret.removed(from: report.requestedName)
        past.record(report, now: loop.now)
        activity.record(
            RequestRecord(
                id: request.id, received: request.started, route: route, report: report, duration: duration))
    }

    private static func host(of request: IncomingRequest) -> String {
        request.targetHost ?? request.header("Host") ?? ""
    }

    /// Lets web pages and host names pass as Ollama does.
    /// - Returns: false when the request is answered already.
    private func admit(_ request: IncomingRequest) throws(RequestError) -> Bool {
        let host = Self.host(of: request)
        switch origins.decide(method: request.method, origin: request.header("Origin"), host: host) {
        case .refuse: throw RequestError(status: 403, message: "this origin may not use the server; see OLLAMA_ORIGINS")
        case .preflight(let headers):
            request.commonHeaders = headers.map { ($0.name, $0.value) }
            replyEmpty(request, status: 204)
            return false
        case .serve(let headers): request.commonHeaders = headers.map { ($0.name, $0.value) }
        }
        guard hosts.allows(host) else {
            throw RequestError(status: 403, message: "the server does not go by the name \"\(host.prefix(100))\"")
        }
        return true
    }

    private func checkBody(of request: IncomingRequest) throws(RequestError) {
        switch request.bodyRefusal {
        case .tooLarge:
            throw RequestError(
                status: 413, message: "the request body is larger than \(Self.size(server.largestBody))")
        case .noRoom:
            throw RequestError(
                status: 503, message: "too many large requests at once, please try again", retryAfter: .seconds(5))
        case .unwanted: break
        case .unreadable, nil: if let fault = request.bodyFault { throw fault.error }
        }
    }

    private static func size(_ bytes: Int) -> String {
        bytes < 1 << 20 ? "\(bytes >> 10) kB" : "\(bytes >> 20) MB"
    }

    private func serve(_ route: Route, _ request: IncomingRequest) throws {
        switch route {
        case .root:
            request.reply(
                .init(status: 200, contentType: MediaType.text), body: ByteBuffer(OllamaReplies.greeting))
        case .version: replyJSON(request, OllamaReplies.versionBody())
        case .health: replyJSON(request, health())
        case .failures: try serveFailures(request)
        case .statusPage, .statusStyle, .statusScript, .proxyStatus, .proxyHistory, .metrics:
            try serveStatus(route, request)
        case .chat: try serveChat(request)
        case .generate: try serveGenerate(request)
        case .embed: try serveEmbed(request, isLegacy: false)
        case .embeddings: try serveEmbed(request, isLegacy: true)
        case .openAIChat: try serveForwarded(.chat, Door.openAIChat, request)
        case .responses: try serveForwarded(.responses, Door.responses, request)
        case .messages: try serveForwarded(.messages, Door.messages, request)
        case .countTokens: try serveCountTokens(request)
        case .openAICompletions: try serveCompletion(request)
        case .openAIEmbeddings: try serveOpenAIEmbeddings(request)
        case .openAIModel: try serveOpenAIModel(request)
        case .tags: replyJSON(request, try listings().tags)
        case .openAIModels: replyJSON(request, try listings().openAI)
        case .show: try serveShow(request)
        case .running: replyJSON(request, ManagementReplies.running(exchanges.currentlyUsed(), in: try catalog()))
        case .pull: try servePull(request)
        case .copy: try serveCopy(request)
        case .delete: try serveDelete(request)
        case .push, .create, .blobs: try serveUnchangeable(route, request)
        case .status: replyJSON(request, ManagementReplies.status())
        case .recommendations: replyJSON(request, ManagementReplies.recommendations(from: try catalog()))
        case .account, .signOut: throw RequestError(status: 401, message: "unauthorized")
        }
    }

    // MARK: Replies

    func catalog() throws(RequestError) -> Catalog {
        guard let catalog = models.catalog else { throw listIsMissing }
        return catalog
    }

    private func listings() throws(RequestError) -> ModelsKeeper.Listings {
        guard let listings = models.listings else { throw listIsMissing }
        return listings
    }

    private var listIsMissing: RequestError {
        RequestError(
            status: 503, message: "the models list is missing: \(models.missingReason ?? "unknown"); trying again",
            retryAfter: .seconds(5))
    }

    func replyJSON(_ request: IncomingRequest, _ body: ByteBuffer) {
        request.reply(.init(status: 200, contentType: MediaType.json), body: body)
    }

    func replyEmpty(_ request: IncomingRequest, status: Int) {
        request.reply(.init(status: status, contentType: nil), body: ByteBuffer())
    }

    private func refuse(_ request: IncomingRequest, because error: any Error) {
        var head = IncomingRequest.Head(status: 500, contentType: MediaType.json)
        var message = "\(error)"
        // Before it is cut: part of a key would not be known for one.
        let path = secret.removed(from: request.path)
        switch error {
        case Route.Mismatch.unknownPath:
            head.status = 404
            message = "\(path.prefix(200)): no such path"
        case Route.Mismatch.wrongMethod(let allowed):
            head.status = 405
            head.headers.append(("Allow", allowed.joined(separator: ", ")))
            message = "\(path) does not take \(request.method), only \(allowed.joined(separator: " and "))"
        case let error as RequestError:
            head.status = error.status
            message = error.message
            if error == .keyRequired { head.headers.append(("WWW-Authenticate", challenge(to: request))) }
            if let wait = error.retryAfter { head.headers.append(("Retry-After", String(wait.secondsRoundedUp))) }
        default: break
        }
        // It may quote what the client sent, who may have put a key in the wrong place.
        let body = Route.errors(ofPath: request.path)
            .body(status: head.status, message: secret.removed(from: message))
        request.reply(head, body: body)
    }

    /// How a client is asked for its key: a browser that opens the status page asks its user by itself, and sends what it
    /// was given with everything that the page asks for.
    private func challenge(to request: IncomingRequest) -> String {
        guard case .success(let route) = request.route, [.statusPage, .statusStyle, .statusScript].contains(route)
        else {
            return "Bearer"
        }
        return "Basic realm=\"ollama-proxy: any name, and a client key as the password\", charset=\"UTF-8\""
    }

    /// Shows what is remembered of failures, and forgets it when that is asked for.
    private func serveFailures(_ request: IncomingRequest) throws(RequestError) {
        let model = request.path.cut(at: Route.failures.rawValue + "/").map { String($0.after) } ?? ""
        guard request.method == "DELETE" else {
            guard model.isEmpty else {
                throw .badRequest("\(Route.failures.rawValue) lists the failures of all models")
            }
            return replyJSON(request, FailuresReport(ledgers.failures, now: loop.now).json())
        }
        let count = ledgers.failures.forget(model.isEmpty ? nil : model)
        log.info("failures_forgotten", ["model": model.isEmpty ? nil : model, "records": count])
        replyJSON(request, JSONWriter.object { $0.field("forgotten", count) })
    }

    private func health() -> ByteBuffer {
        JSONWriter.object { body in
            body.field("status", exchanges.isClosed ? "stopping" : models.catalog == nil ? "no_models" : "ok")
            body.field("version", Product.version)
            body.field("connections", server.connectionCount)
            body.field("requests", server.requestCount)
            body.field("exchanges", exchanges.count)
            body.field("transfers", upstream.transferCount)
            body.field("waiting", exchanges.waitingCount)
            body.field("models", models.catalog?.models.count ?? 0)
            body.field("in_cooldown", ledgers.failures.countInCooldown(now: loop.now))
        }
    }
}
