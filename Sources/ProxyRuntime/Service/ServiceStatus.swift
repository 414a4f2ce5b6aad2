import OllamaProxy
import StatusPage

/// What the server shows of itself: the page for browsers, what it is made from, and metrics.
extension Service {
    /// The page asks nobody else for anything, and nobody else may put it into a page of theirs.
    private static let pageHeaders: [(name: String, value: String)] = [
        (
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; "
                + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("Cache-Control", "no-cache"),
    ]

    /// - Throws: `Route.Mismatch` where it is turned off: as if it were not there.
    func serveStatus(_ route: Route, _ request: IncomingRequest) throws {
        guard route == .metrics ? configuration.hasMetrics : configuration.hasStatusPage else {
            throw Route.Mismatch.unknownPath
        }
        switch route {
        case .statusStyle: replyPart(request, MediaType.css, status_page_style(), status_page_style_size())
        case .statusScript: replyPart(request, MediaType.javaScript, status_page_script(), status_page_script_size())
        case .proxyStatus: replyUncached(request, MediaType.json, status().json())
        case .proxyHistory: replyUncached(request, MediaType.json, try history(request))
        case .metrics: replyUncached(request, MediaType.metrics, metrics())
        case .statusPage where request.path.hasSuffix("/"):
            // The page refers to its parts by where it is itself.
            let head = IncomingRequest.Head(status: 308, contentType: nil, headers: [("Location", "../status")])
            request.reply(head, body: ByteBuffer())
        default: replyPart(request, MediaType.html, status_page_html(), status_page_html_size())
        }
    }

    private func replyPart(
        _ request: IncomingRequest, _ type: StaticString, _ start: UnsafePointer<UInt8>, _ count: Int
    ) {
        let head = IncomingRequest.Head(status: 200, contentType: type, headers: Self.pageHeaders)
        request.reply(head, body: ByteBuffer(copying: Bytes(start: start, count: count)))
    }

    private func replyUncached(_ request: IncomingRequest, _ type: StaticString, _ body: ByteBuffer) {
        let head = IncomingRequest.Head(status: 200, contentType: type, headers: [("Cache-Control", "no-store")])
        request.reply(head, body: body)
    }

    private func status() -> StatusReport {
        StatusReport(
            .init(
                version: Product.version, upstream: configuration.upstreamName, freeMode: configuration.freeMode),
            load(), models.catalog, missingReason: models.missingReason, ledgers, activity.recent, now: loop.now)
    }

    private func history(_ request: IncomingRequest) throws(RequestError) -> ByteBuffer {
        let name = request.queryValue("range") ?? HistoryRange.hour.rawValue
        guard let range = HistoryRange(rawValue: name) else {
            let names = HistoryRange.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badRequest("range must be one of \(names)")
        }
        return store.history(range, now: loop.now).json()
    }

    private func metrics() -> ByteBuffer {
        var traffic = upstream.traffic
        traffic.sentBytes = server.sentBytes
        return Metrics.text(
            version: Product.version, activity, traffic, load(), models.catalog, ledgers, now: loop.now)
    }

    private func load() -> Load {
        let figures = ProcessFigures()
        var load = Load()
        load.exchanges = exchanges.count
        load.waiting = exchanges.waitingCount
        load.connections = server.connectionCount
        load.residentBytes = figures.residentBytes
        load.virtualBytes = figures.virtualBytes
        load.openDescriptors = figures.openDescriptors
        load.mostDescriptors = figures.mostDescriptors
        load.cpuSeconds = figures.cpuSeconds
        load.startedAt = startedAt
        load.modelsFetchedAt = models.fetchedAt
        return load
    }
}
