import Glibc
import OllamaProxy

/// Keeps the ledgers in SQLite, so that they survive a restart, and a kill.
///
/// Failures are written as they come, as they are few. Requests made and how models answered are gathered for half a
/// second: an SD card is written to twice a second at the most, and a kill loses no more than that.
///
/// The proxy works without: a database that is damaged is set aside, one that cannot be written is tried again ever more
/// patiently, with one warning. Nothing that was learned meanwhile is lost when it can be.
final class LedgerStore: TimerTarget {
    private static let gatheringTime = Span.milliseconds(500)
    /// The history is nothing of which anybody would miss a minute, and a memory card lasts longer for it.
    private static let historyGatheringTime = Span.minutes(1)
    /// Another process holds its lock for a moment only, or something is wrong with it.
    private static let mostBusyAttempts = 5

    private let path: String
    /// Whether other processes write to the same database, and want to know soon what happens here.
    private let isShared: Bool
    private let log: Log
    private let ledgers: Ledgers
    private let pastLedger: HistoryLedger
    /// How long the history is kept.
    private let historyDays: Int
    private weak var loop: EventLoop?
    private var timer: TimerHandle?
    private var tables: LedgerTables?
    /// Whether what the database remembers is in the ledgers.
    private var hasRead = false
    /// What is to be written, gathered from the ledgers.
    private var unsaved = UnsavedLedgers()
    /// When the history that was gathered is due to be written; nil while there is none.
    private var historyDeadline: Instant?
    private var trouble = Trouble()
    /// When what was gathered is due to be written.
    private(set) var deadline: Instant?

    /// What comes of it that the database cannot be written.
    private struct Trouble {
        /// Between attempts.
        var patience = Patience(seconds: 1, 2, 5, 10, 30, 60)
        /// When the next attempt may be made; nil while they succeed.
        var earliestAttempt: Instant?
        var hasWarned = false
    }

    /// Opens the database and reads what it remembers into the ledgers.
    /// - Parameter historyDays: how long the history is kept.
    init(
        path: String, isShared: Bool, log: Log, into ledgers: Ledgers, history: HistoryLedger, historyDays: Int,
        loop: EventLoop
    ) {
        self.path = path
        pastLedger = history
        self.historyDays = historyDays
        self.isShared = isShared
        self.log = log
        self.ledgers = ledgers
        self.loop = loop
        timer = loop.timers.register(self)
        ledgers.budget.recall = { [unowned self] day in (try? tables?.attempts(ofDay: day)) ?? 0 }
        attempt(now: loop.now)
        if isShared { ledgers.refresh = { [unowned self] now in refresh(now: now) } }
    }

    /// Writes what is due, all of it or nothing. To be called after each iteration of the loop.
    func save(now: Moment) {
        unsaved.gatherFailures(ledgers)
        if ledgers.budget.hasUnsaved || !ledgers.performance.unsaved.isEmpty {
            wake(by: now.monotonic + (isShared ? .zero : Self.gatheringTime))
        }
        if historyDeadline == nil, pastLedger.hasUnsaved {
            historyDeadline = now.monotonic + Self.historyGatheringTime
            wake(by: now.monotonic + Self.historyGatheringTime)
        }
        let isDue = deadline.map { $0 <= now.monotonic } ?? false
        guard unsaved.hasFailures || isDue, mayAttempt(now) else { return }
        attempt(now: now)
    }

    /// Reads what other processes have written since the last time. What is known here is written first, so that it is
    /// among what is read.
    private func refresh(now: Moment) {
        guard let tables, hasRead, mayAttempt(now), tables.othersHaveWritten else { return }
        unsaved.gatherFailures(ledgers)
        attempt(now: now)
        guard trouble.earliestAttempt == nil else { return }
        _ = try? self.tables?.read(into: ledgers, now: now)
    }

    /// The history so far.
    func history(_ range: HistoryRange, now: Moment) -> HistoryReport {
        let span = range.span(at: now.wall, days: historyDays)
        let unsaved = unsaved.history.merging(pastLedger.unsaved) { $0.adding($1) }
        let stored = try? tables?.history(of: range, within: span)
        return HistoryReport(range, stored: stored ?? [:], unsaved: unsaved, days: historyDays, now: now)
    }

    /// Writes everything, for the end.
    func saveAll(now: Moment) {
        historyDeadline = now.monotonic
        unsaved.gatherFailures(ledgers)
        attempt(now: now)
    }

    /// The loop has woken, and `save` follows in the same iteration.
    func deadlineReached() {}

    /// - Parameter time: no later than this, unless nothing can be written until later.
    private func wake(by time: Instant) {
        let time = max(time, trouble.earliestAttempt ?? time)
        if deadline.map({ time < $0 }) ?? true { wake(at: time) }
    }

    private func wake(at time: Instant) {
        deadline = time
        if let timer { loop?.timers.update(timer, deadline: time) }
    }

    // MARK: Writing

    private func mayAttempt(_ now: Moment) -> Bool {
        trouble.earliestAttempt.map { $0 <= now.monotonic } ?? true
    }

    private func attempt(now: Moment) {
        deadline = nil
        gather(now: now)
        if let historyDeadline { wake(by: historyDeadline) }
        do throws(SQLiteError) {
            do throws(SQLiteError) {
                try write(now: now)
            } catch {
                guard error.meansCorruption else { throw error }
                tables = nil
                setAside(because: error)
                try write(now: now)
            }
            succeeded()
        } catch {
            failed(error, now: now)
        }
    }

    private func gather(now: Moment) {
        unsaved.gatherRequests(ledgers, now: now)
        guard let historyDeadline, historyDeadline <= now.monotonic else { return }
        self.historyDeadline = nil
        unsaved.gatherHistory(pastLedger)
    }

    private func write(now: Moment) throws(SQLiteError) {
        // Without this a folder that is removed would go unnoticed: SQLite goes on writing to what has no name any more.
        if let tables, tables.isGone { self.tables = nil }
        let tables: LedgerTables
        if let opened = self.tables { tables = opened } else { tables = try open(now: now) }
        if !unsaved.isEmpty {
            try tables.write(
                Array(unsaved.failures.values), unsaved.budget, unsaved.performance, history: unsaved.history,
                historyDays: historyDays, now: now)
            unsaved = UnsavedLedgers()
        }
        self.tables = tables
        guard !hasRead else { return }
        // What was learned before it could be opened has been written first, so nothing of it is overwritten.
        let count = try tables.read(into: ledgers, now: now)
        hasRead = true
        if count > 0 { log.info("failures_loaded", ["models": count]) }
    }

    private func open(now: Moment) throws(SQLiteError) -> LedgerTables {
        // Where the folder cannot be made, opening the file says so too.
        try? Files.makeFolder(Files.folder(of: path))
        let opened = try LedgerTables(path: path)
        if historyDays == 0 { try opened.forgetHistory() }
        if hasRead { try unsaved.gatherEverything(ledgers, missingIn: opened, now: now) }
        return opened
    }

    // MARK: Failing

    private func succeeded() {
        trouble.patience.succeeded()
        trouble.earliestAttempt = nil
        guard trouble.hasWarned else { return }
        trouble.hasWarned = false
        log.info("failures_persisted_again", ["path": path])
    }

    private func failed(_ error: SQLiteError, now: Moment) {
        let next = now.monotonic + trouble.patience.failed()
        trouble.earliestAttempt = next
        wake(at: next)
        guard !error.meansBusy else {
            // Opened once, it is no trouble to wait for; before, nothing is known of what was learned.
            if tables == nil || trouble.patience.failures >= Self.mostBusyAttempts { warn(error) }
            return
        }
        // Whatever it was, a new connection finds the file as it is then.
        tables = nil
        warn(error)
    }

    private func setAside(because error: SQLiteError) {
        let aside = "\(path).corrupt-\(Clock.now().wall.seconds)"
        rename(path, aside)
        for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
        log.warn("database_quarantined", ["path": aside, "reason": error.description])
    }

    private func warn(_ error: SQLiteError) {
        guard !trouble.hasWarned else { return }
        trouble.hasWarned = true
        log.warn(
            "failures_not_persisted",
            [
                "path": path, "reason": error.description,
                "consequence": "until it can be written, what was learned lasts until the next restart only",
            ])
    }
}
