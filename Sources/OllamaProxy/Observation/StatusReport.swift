/// Everything there is to know of a running server, as JSON for scripts and for the status page.
package struct StatusReport {
    package enum State: String {
        /// A model can answer now.
        case ready
        /// The quota of the day or the minute is used up, or all free models are in cooldown because of the account.
        case limited
        /// There is no models list yet.
        case starting
        /// No model is ready.
        case failing
    }

    /// What does not change while the server runs.
    package struct Server {
        package var version: String
        /// The upstream's host.
        package var upstream: String
        package var freeMode: Bool

        package init(version: String, upstream: String, freeMode: Bool) {
            self.version = version
            self.upstream = upstream
            self.freeMode = freeMode
        }
    }

    package let state: State
    /// The state in one sentence.
    package let summary: String
    private let server: Server
    private let load: Load
    private let models: ModelsReport?
    private let failures: FailuresReport
    private let budget: BudgetReport
    private let recent: RecentRequests
    private let now: Moment

    /// - Parameters:
    ///   - catalog: nil while there is no models list.
    ///   - missingReason: why there is none.
    package init(
        _ server: Server, _ load: Load, _ catalog: Catalog?, missingReason: String?, _ ledgers: Ledgers,
        _ recent: RecentRequests, now: Moment
    ) {
        self.server = server
        self.load = load
        self.recent = recent
        self.now = now
        models = catalog.map { ModelsReport($0, ledgers, now: now) }
        failures = FailuresReport(ledgers.failures, now: now)
        budget = BudgetReport(ledgers.budget, now: now)
        (state, summary) = Self.judge(
            models, budget, accountCooldown: ledgers.failures.accountCooldown(now: now), missingReason: missingReason,
            now: now)
    }

    private static func judge(
        _ models: ModelsReport?, _ budget: BudgetReport, accountCooldown: FailureLedger.Record?,
        missingReason: String?, now: Moment
    ) -> (State, String) {
        guard let models else {
            return (.starting, "The models list is missing: \(missingReason ?? "unknown"); trying again.")
        }
        guard models.count > 0 else {
            return (.failing, "None of the listed models may be used: check the filter file and the settings.")
        }
        let ready = models.rows.filter { $0.cooldown == nil }
        guard !ready.isEmpty else {
            if let accountCooldown { return (.limited, held(until: accountCooldown.until, now: now)) }
            let wait = DurationText.of(models.rows.compactMap(\.cooldown?.remaining).min() ?? .zero)
            let count = models.count
            return (
                .failing, "All \(count) models are in cooldown after failures; the first is tried again in \(wait)."
            )
        }
        if ready.allSatisfy(\.isFree), let sentence = limit(budget, now: now) { return (.limited, sentence) }
        let words =
            ready.count == models.count
            ? "All \(models.count) models are ready" : "\(ready.count) of \(models.count) models are ready"
        guard let limit = budget.day.limit, let left = budget.day.remaining else { return (.ready, words + ".") }
        return (.ready, "\(words); \(left) of \(limit) free requests left today.")
    }

    private static func held(until: UnixTime, now: Moment) -> String {
        "All free models are in cooldown for \(DurationText.of(until - now.wall)): the upstream limits this account."
    }

    private static func limit(_ budget: BudgetReport, now: Moment) -> String? {
        if let limit = budget.day.limit, budget.day.remaining == 0 {
            let wait = DurationText.of(budget.reset - now.wall)
            return "Today's quota of \(limit) free requests is used up; it resets in \(wait)."
        }
        guard let limit = budget.minute.limit, budget.minute.remaining == 0 else { return nil }
        return "This minute's quota of \(limit) free requests is used up; requests wait in the queue."
    }

    package func json() -> ByteBuffer {
        JSONWriter.object { write(to: &$0) }
    }

    private func write(to body: inout JSONWriter) {
        body.field("version", server.version)
        body.field("now", now.wall)
        body.field("started_at", load.startedAt)
        body.field("state", state.rawValue)
        body.field("summary", summary)
        body.field("upstream", server.upstream)
        body.field("free_mode", server.freeMode)
        body.key("budget")
        body.object { budget.write(to: &$0) }
        body.key("load")
        body.object { entry in
            entry.field("requests", load.exchanges)
            entry.field("waiting", load.waiting)
            entry.field("connections", load.connections)
            entry.field("memory_kilobytes", load.residentBytes >> 10)
            entry.field("open_descriptors", load.openDescriptors)
        }
        if let models { models.write(to: &body) } else { body.field("models", [String]()) }
        failures.write(to: &body)
        body.key("requests")
        body.array { list in
            for record in recent.newestFirst { list.object { record.write(to: &$0) } }
        }
    }
}

/// What a running server says of itself, as far as commands repeat it.
package struct ServerStatus {
    package let models: ModelsReport
    package let failures: FailuresReport
    package let budget: BudgetReport

    /// - Throws: `JSONError` when the text is not what `StatusReport` writes.
    package init(_ json: Bytes) throws(JSONError) {
        var now = UnixTime.epoch
        var models: ModelsReport?
        var failures: FailuresReport?
        var budget: BudgetReport?
        var reader = JSONReader(json)
        try reader.forEachField { key, reader throws(JSONError) in
            switch key {
            // Comes first: the others are relative to it.
            case "now": now = try reader.unixTimeIfAny() ?? .epoch
            case "models": models = try ModelsReport(&reader)
            case "failures": failures = try FailuresReport(&reader, now: now)
            case "budget": budget = try BudgetReport(&reader, now: now)
            default: try reader.skip()
            }
        }
        guard let models, let failures, let budget else {
            throw JSONError(reason: .unexpectedEnd, offset: reader.offset)
        }
        (self.models, self.failures, self.budget) = (models, failures, budget)
    }
}
