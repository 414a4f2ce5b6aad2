import Glibc
import OllamaProxy

/// Keeps the ledgers in SQLite, so that they survive a restart, and a kill.
///
/// Failures are written as they come, as they are few. Requests made and how models answered are gathered for half a
/// second: an SD card is written to twice a second at the most, and a kill loses no more than that.
///
/// The proxy works without: a database that is damaged is set aside, one that cannot be written is done without, with
/// one warning in either case.
final class LedgerStore: TimerTarget {
    private static let gatheringTime = Nanoseconds.perSecond / 2

    private let log: Log
    private let ledgers: Ledgers
    private var tables: LedgerTables?
    private var failures: [FailureLedger.Change] = []
    private var budget = BudgetLedger.Changes()
    private var performance: [String: PerformanceLedger.Record] = [:]
    /// On the monotonic clock: while another process writes, it is tried again only then.
    private var earliestAttempt: Int64 = 0
    private weak var loop: EventLoop?
    private var timer: TimerHandle?
    /// When what was gathered is due to be written.
    private(set) var deadline: Int64?

    /// Opens the database and reads what it remembers into the ledgers.
    init(path: String, log: Log, into ledgers: Ledgers, loop: EventLoop) {
        self.log = log
        self.ledgers = ledgers
        self.loop = loop
        if let error = failure(toOpen: path) {
            if error.meansCorruption {
                setAside(path, because: error)
                if let error = failure(toOpen: path) { doWithout(error) }
            } else {
                doWithout(error)
            }
        }
        timer = loop.timers.register(self)
        ledgers.budget.recall = { [unowned self] day in (try? tables?.attempts(ofDay: day)) ?? 0 }
    }

    private func failure(toOpen path: String) -> SQLiteError? {
        do throws(SQLiteError) {
            let opened = try LedgerTables(path: path)
            let count = try opened.read(into: ledgers, now: Clock.now())
            tables = opened
            if count > 0 { log.info("failures_loaded", ["models": count]) }
            return nil
        } catch {
            tables = nil
            return error
        }
    }

    /// Writes what is due, all of it or nothing. To be called after each iteration of the loop.
    func save(now: Moment) {
        let changes = ledgers.failures.takeUnsaved()
        guard tables != nil else { return forget() }
        failures += changes
        if deadline == nil, ledgers.budget.hasUnsaved || !ledgers.performance.unsaved.isEmpty {
            wake(at: now.monotonic + Self.gatheringTime)
        }
        let isDue = deadline.map { $0 <= now.monotonic } ?? false
        guard !failures.isEmpty || isDue, now.monotonic >= earliestAttempt else { return }
        write(now: now)
    }

    /// Writes everything, for the end.
    func saveAll(now: Moment) {
        guard tables != nil else { return }
        failures += ledgers.failures.takeUnsaved()
        write(now: now)
    }

    /// The loop has woken, and `save` follows in the same iteration.
    func deadlineReached() {}

    private func write(now: Moment) {
        budget.merge(ledgers.budget.takeUnsaved())
        for (model, record) in ledgers.performance.takeUnsaved() { performance[model] = record }
        deadline = nil
        guard !failures.isEmpty || !budget.isEmpty || !performance.isEmpty, let tables else { return }
        do throws(SQLiteError) {
            try tables.write(failures, budget, performance, now: now)
            failures.removeAll()
            budget = BudgetLedger.Changes()
            performance.removeAll()
        } catch {
            guard error.meansBusy else {
                self.tables = nil
                forget()
                return doWithout(error)
            }
            earliestAttempt = now.monotonic + Nanoseconds.perSecond
            wake(at: earliestAttempt)
        }
    }

    private func wake(at time: Int64) {
        deadline = time
        if let timer { loop?.timers.update(timer, deadline: time) }
    }

    /// Nothing will be written: what waits for it would only grow.
    private func forget() {
        failures = []
        _ = ledgers.budget.takeUnsaved()
        _ = ledgers.performance.takeUnsaved()
    }

    private func setAside(_ path: String, because error: SQLiteError) {
        let aside = "\(path).corrupt-\(Clock.now().unixSeconds)"
        rename(path, aside)
        for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
        log.warn("failures_database_set_aside", ["path": aside, "reason": error.description])
    }

    private func doWithout(_ error: SQLiteError) {
        log.warn(
            "failures_not_persisted",
            ["reason": error.description, "consequence": "failures are remembered until the next restart only"])
    }
}
