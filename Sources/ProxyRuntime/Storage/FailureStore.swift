import Glibc
import OllamaProxy

/// Keeps the failure ledger's records in SQLite, so that they survive a restart, and a kill.
///
/// The proxy works without: a database that is damaged is set aside, one that cannot be written is done without, with
/// one warning in either case.
final class FailureStore {
    private let log: Log
    private var database: SQLiteDatabase?
    private var insert: SQLiteStatement?
    private var delete: SQLiteStatement?
    private var waiting: [FailureLedger.Change] = []
    /// On the monotonic clock.
    private var earliestAttempt: Int64 = 0

    /// Opens the database and reads what it remembers.
    init(path: String, log: Log, into ledger: FailureLedger) {
        self.log = log
        if let error = failure(toOpen: path, into: ledger) {
            guard error.meansCorruption else {
                doWithout(error)
                return
            }
            setAside(path, because: error)
            if let error = failure(toOpen: path, into: ledger) { doWithout(error) }
        }
    }

    private func failure(toOpen path: String, into ledger: FailureLedger) -> SQLiteError? {
        do throws(SQLiteError) {
            try open(path, into: ledger)
            return nil
        } catch {
            close()
            return error
        }
    }

    /// Writes what has changed, all of it or nothing. While another process holds the database, what is to be written
    /// waits: it is tried again a second later.
    func save(_ changes: [FailureLedger.Change]) {
        guard database != nil, !changes.isEmpty || !waiting.isEmpty else { return }
        waiting += changes
        guard Clock.now().monotonic >= earliestAttempt else { return }
        do throws(SQLiteError) {
            try write(waiting)
            waiting.removeAll()
        } catch {
            guard error.meansBusy else {
                close()
                return doWithout(error)
            }
            earliestAttempt = Clock.now().monotonic + Nanoseconds.perSecond
        }
    }

    private func write(_ changes: [FailureLedger.Change]) throws(SQLiteError) {
        guard let database, let insert, let delete else { return }
        try database.execute("BEGIN IMMEDIATE")
        do throws(SQLiteError) {
            for change in changes {
                guard let record = change.record else {
                    delete.bind(change.model, at: 1)
                    try delete.run()
                    continue
                }
                insert.bind(change.model, at: 1)
                insert.bind(record.kind.rawValue, at: 2)
                insert.bind(record.failedAt, at: 3)
                insert.bind(Int64(record.consecutive), at: 4)
                insert.bind(record.until, at: 5)
                try insert.run()
            }
            try database.execute("COMMIT")
        } catch {
            try? database.execute("ROLLBACK")
            throw error
        }
    }

    private func open(_ path: String, into ledger: FailureLedger) throws(SQLiteError) {
        let database = try SQLiteDatabase(path: path)
        // NORMAL in WAL mode loses nothing when the process is killed, and does not wait for an SD card each time.
        try database.execute(
            """
            PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;
            CREATE TABLE IF NOT EXISTS failures (
                model TEXT PRIMARY KEY, kind TEXT NOT NULL, failed_at INTEGER NOT NULL,
                consecutive INTEGER NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
            BEGIN IMMEDIATE; COMMIT;
            """)
        let rows = try database.prepare("SELECT model, kind, failed_at, consecutive, until FROM failures")
        var records: [(model: String, record: FailureLedger.Record)] = []
        while try rows.step() {
            guard let kind = Failure.Kind(rawValue: rows.text(at: 1)) else { continue }
            let record = FailureLedger.Record(
                kind: kind, failedAt: rows.integer(at: 2), consecutive: Int(clamping: rows.integer(at: 3)),
                until: rows.integer(at: 4))
            records.append((rows.text(at: 0), record))
        }
        ledger.load(records, now: Clock.now())
        insert = try database.prepare("INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?, ?)")
        delete = try database.prepare("DELETE FROM failures WHERE model = ?")
        self.database = database
        if !records.isEmpty { log.info("failures_loaded", ["models": records.count]) }
    }

    private func close() {
        waiting = []
        insert = nil
        delete = nil
        database = nil
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
