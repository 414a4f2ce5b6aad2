import OllamaProxy

/// What the ledgers have learned and no database knows yet.
struct UnsavedLedgers {
    /// Minutes of the history that are held while the database cannot be written.
    private static let mostMinutes = 1440

    private(set) var failures: [String: FailureLedger.Change] = [:]
    private(set) var budget = BudgetLedger.Changes()
    private(set) var performance: [String: PerformanceLedger.Record] = [:]
    private(set) var history: [UnixTime: HistoryBucket] = [:]

    var hasFailures: Bool { !failures.isEmpty }

    var isEmpty: Bool { failures.isEmpty && budget.isEmpty && performance.isEmpty && history.isEmpty }

    mutating func gatherFailures(_ ledgers: Ledgers) {
        for change in ledgers.failures.takeUnsaved() { failures[change.model] = change }
    }

    mutating func gatherRequests(_ ledgers: Ledgers, now: Moment) {
        budget.merge(ledgers.budget.takeUnsaved())
        budget.fold(before: now.wall.wholeSecond - LedgerTables.secondsKept)
        for (model, record) in ledgers.performance.takeUnsaved() { performance[model] = record }
    }

    mutating func gatherHistory(_ ledger: HistoryLedger) {
        history.merge(ledger.takeUnsaved()) { $0.adding($1) }
        guard history.count > Self.mostMinutes else { return }
        let oldest = history.keys.sorted().prefix(history.count - Self.mostMinutes)
        for minute in oldest { history[minute] = nil }
    }

    /// The database is another one than was read: it is to know all that the ledgers know.
    mutating func gatherEverything(_ ledgers: Ledgers, missingIn tables: LedgerTables, now: Moment) throws(SQLiteError)
    {
        for (model, record) in ledgers.failures.all { failures[model] = .init(model: model, record: record) }
        performance = ledgers.performance.all
        let day = now.wall.startOfDay
        let kept = try tables.attempts(ofDay: day)
        budget.complete(day: day, total: ledgers.budget.countToday(now: now), kept: kept)
        budget.limits = ledgers.budget.limits(now: now)
    }
}
