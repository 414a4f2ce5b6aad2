import OllamaProxy

/// The tables that the ledgers are kept in, and every statement on them.
final class LedgerTables {
    private let database: SQLiteDatabase
    private let insertFailure: SQLiteStatement
    private let deleteFailure: SQLiteStatement
    private let countSecond: SQLiteStatement
    private let countDay: SQLiteStatement
    private let forgetSeconds: SQLiteStatement
    private let setLimits: SQLiteStatement
    private let setPerformance: SQLiteStatement
    private let dataVersion: SQLiteStatement
    private let history: HistoryTable
    private var knownVersion: Int64 = 0

    /// Seconds are kept for the minute's limit, days for those who wonder.
    static let secondsKept = Span.minutes(2)

    /// Opens the file, and makes it where there is none.
    convenience init(path: String) throws(SQLiteError) {
        try self.init(SQLiteDatabase(path: path))
    }

    private init(_ database: SQLiteDatabase) throws(SQLiteError) {
        self.database = database
        // NORMAL in WAL mode loses nothing when the process is killed, and does not wait for an SD card each time.
        try database.execute(
            """
            PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;
            CREATE TABLE IF NOT EXISTS failures (
                model TEXT PRIMARY KEY, kind TEXT NOT NULL, failed_at INTEGER NOT NULL,
                consecutive INTEGER NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS budget_seconds (second INTEGER PRIMARY KEY, attempts INTEGER NOT NULL);
            CREATE TABLE IF NOT EXISTS budget_days (day INTEGER PRIMARY KEY, attempts INTEGER NOT NULL);
            CREATE TABLE IF NOT EXISTS budget_limits (
                id INTEGER PRIMARY KEY CHECK (id = 1), day INTEGER NOT NULL, per_minute INTEGER NOT NULL,
                per_day INTEGER NOT NULL, minute_blocked_until INTEGER NOT NULL, day_blocked_until INTEGER NOT NULL,
                free_tier INTEGER NOT NULL);
            CREATE TABLE IF NOT EXISTS performance (
                model TEXT PRIMARY KEY, attempts REAL NOT NULL, successes REAL NOT NULL,
                first_token_seconds REAL NOT NULL, tokens_per_second REAL NOT NULL,
                updated_at INTEGER NOT NULL) WITHOUT ROWID;
            BEGIN IMMEDIATE; COMMIT;
            """)
        insertFailure = try database.prepare("INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?, ?)")
        deleteFailure = try database.prepare("DELETE FROM failures WHERE model = ?")
        countSecond = try database.prepare(
            """
            INSERT INTO budget_seconds VALUES (?, ?)
            ON CONFLICT (second) DO UPDATE SET attempts = attempts + excluded.attempts
            """)
        countDay = try database.prepare(
            """
            INSERT INTO budget_days VALUES (?, ?)
            ON CONFLICT (day) DO UPDATE SET attempts = attempts + excluded.attempts
            """)
        forgetSeconds = try database.prepare("DELETE FROM budget_seconds WHERE second < ?")
        setLimits = try database.prepare("INSERT OR REPLACE INTO budget_limits VALUES (1, ?, ?, ?, ?, ?, ?)")
        setPerformance = try database.prepare("INSERT OR REPLACE INTO performance VALUES (?, ?, ?, ?, ?, ?)")
        dataVersion = try database.prepare("PRAGMA data_version")
        history = try HistoryTable(database)
        _ = othersHaveWritten
    }

    /// Whether another connection has written since this was asked last. Reads a counter in shared memory and no more.
    var othersHaveWritten: Bool {
        defer { dataVersion.reset() }
        guard (try? dataVersion.step()) == true else { return false }
        let version = dataVersion.integer(at: 0)
        defer { knownVersion = version }
        return version != knownVersion
    }

    /// Whether the file was removed, or another has taken its place.
    var isGone: Bool { database.hasMoved }

    // MARK: Writing

    /// Writes all changes or none.
    /// - Parameters:
    ///   - history: minutes that are added to those there are.
    ///   - historyDays: as long as history is kept.
    func write(
        _ failures: [FailureLedger.Change], _ budget: BudgetLedger.Changes,
        _ performance: [String: PerformanceLedger.Record], history: [UnixTime: HistoryBucket] = [:],
        historyDays: Int = 0,
        now: Moment
    ) throws(SQLiteError) {
        try database.execute("BEGIN IMMEDIATE")
        do throws(SQLiteError) {
            for change in failures { try write(change) }
            try write(budget, now: now)
            for (model, record) in performance { try write(record, of: model) }
            if !history.isEmpty { try self.history.add(history, days: historyDays, now: now) }
            try database.execute("COMMIT")
        } catch {
            try? database.execute("ROLLBACK")
            throw error
        }
    }

    private func write(_ change: FailureLedger.Change) throws(SQLiteError) {
        guard let record = change.record else {
            deleteFailure.bind(change.model, at: 1)
            return try deleteFailure.run()
        }
        insertFailure.bind(change.model, at: 1)
        insertFailure.bind(record.kind.rawValue, at: 2)
        insertFailure.bind(record.failedAt, at: 3)
        insertFailure.bind(Int64(record.consecutive), at: 4)
        insertFailure.bind(record.until, at: 5)
        try insertFailure.run()
    }

    private func write(_ budget: BudgetLedger.Changes, now: Moment) throws(SQLiteError) {
        for (second, count) in budget.counts where count != 0 {
            countSecond.bind(second, at: 1)
            countSecond.bind(Int64(count), at: 2)
            try countSecond.run()
            countDay.bind(Int64(second.day), at: 1)
            countDay.bind(Int64(count), at: 2)
            try countDay.run()
        }
        if !budget.counts.isEmpty {
            forgetSeconds.bind(now.wall.wholeSecond - Self.secondsKept, at: 1)
            try forgetSeconds.run()
        }
        guard let limits = budget.limits else { return }
        let values: [Int64] = [
            Int64(limits.day.day), Int64(limits.perMinute ?? 0), Int64(limits.perDay ?? 0),
            Int64(limits.minuteBlockedUntil?.seconds ?? 0), Int64(limits.dayBlockedUntil?.seconds ?? 0),
            limits.isFreeTier.map { $0 ? 1 : 0 } ?? -1,
        ]
        for (index, value) in values.enumerated() { setLimits.bind(value, at: Int32(index + 1)) }
        try setLimits.run()
    }

    private func write(_ record: PerformanceLedger.Record, of model: String) throws(SQLiteError) {
        setPerformance.bind(model, at: 1)
        let values = [record.attempts, record.successes, record.firstTokenSeconds, record.tokensPerSecond]
        for (index, value) in values.enumerated() { setPerformance.bind(value, at: Int32(index + 2)) }
        setPerformance.bind(record.updatedAt, at: 6)
        try setPerformance.run()
    }

    // MARK: Reading

    /// Reads everything into the ledgers.
    /// - Returns: how many failures are remembered.
    func read(into ledgers: Ledgers, now: Moment) throws(SQLiteError) -> Int {
        let failures = try failures()
        ledgers.failures.replaceAll(with: failures, now: now)
        ledgers.performance.load(try performance())
        let countToday = try attempts(ofDay: now.wall.startOfDay)
        ledgers.budget.load(countToday: countToday, recent: try seconds(now), limits: try limits(), now: now)
        return failures.count
    }

    /// The free requests made on a day, which is named by its beginning.
    func attempts(ofDay day: UnixTime) throws(SQLiteError) -> Int {
        let rows = try database.prepare("SELECT attempts FROM budget_days WHERE day = ?")
        rows.bind(Int64(day.day), at: 1)
        return try rows.step() ? Int(clamping: rows.integer(at: 0)) : 0
    }

    /// The buckets of a range that begin within a span, by their beginnings.
    func history(of range: HistoryRange, within span: Range<UnixTime>) throws(SQLiteError) -> [UnixTime: HistoryBucket]
    {
        try history.buckets(of: range, within: span)
    }

    /// Keeps no history.
    func forgetHistory() throws(SQLiteError) {
        try database.execute("DELETE FROM history")
    }

    private func failures() throws(SQLiteError) -> [(model: String, record: FailureLedger.Record)] {
        let rows = try database.prepare("SELECT model, kind, failed_at, consecutive, until FROM failures")
        var records: [(model: String, record: FailureLedger.Record)] = []
        while try rows.step() {
            guard let kind = Failure.Kind(rawValue: rows.text(at: 1)) else { continue }
            let record = FailureLedger.Record(
                kind: kind, failedAt: rows.time(at: 2), consecutive: Int(clamping: rows.integer(at: 3)),
                until: rows.time(at: 4))
            records.append((rows.text(at: 0), record))
        }
        return records
    }

    private func performance() throws(SQLiteError) -> [(model: String, record: PerformanceLedger.Record)] {
        let rows = try database.prepare(
            "SELECT model, attempts, successes, first_token_seconds, tokens_per_second, updated_at FROM performance")
        var records: [(model: String, record: PerformanceLedger.Record)] = []
        while try rows.step() {
            let record = PerformanceLedger.Record(
                attempts: rows.double(at: 1), successes: rows.double(at: 2), firstTokenSeconds: rows.double(at: 3),
                tokensPerSecond: rows.double(at: 4), updatedAt: rows.time(at: 5))
            records.append((rows.text(at: 0), record))
        }
        return records
    }

    private func seconds(_ now: Moment) throws(SQLiteError) -> [(second: UnixTime, count: Int)] {
        let rows = try database.prepare("SELECT second, attempts FROM budget_seconds WHERE second >= ?")
        rows.bind(now.wall.wholeSecond - Self.secondsKept, at: 1)
        var found: [(second: UnixTime, count: Int)] = []
        while try rows.step() { found.append((rows.time(at: 0), Int(clamping: rows.integer(at: 1)))) }
        return found
    }

    private func limits() throws(SQLiteError) -> BudgetLedger.Limits? {
        let rows = try database.prepare(
            "SELECT day, per_minute, per_day, minute_blocked_until, day_blocked_until, free_tier FROM budget_limits")
        guard try rows.step() else { return nil }
        let (perMinute, perDay) = (Int(clamping: rows.integer(at: 1)), Int(clamping: rows.integer(at: 2)))
        return BudgetLedger.Limits(
            day: UnixTime(day: Int(rows.integer(at: 0))), perMinute: perMinute > 0 ? perMinute : nil,
            perDay: perDay > 0 ? perDay : nil, minuteBlockedUntil: Self.timeIfAny(rows.time(at: 3)),
            dayBlockedUntil: Self.timeIfAny(rows.time(at: 4)),
            isFreeTier: rows.integer(at: 5) < 0 ? nil : rows.integer(at: 5) == 1)
    }

    /// Where there was nothing to write, the table has a 0.
    private static func timeIfAny(_ time: UnixTime) -> UnixTime? { time == .epoch ? nil : time }
}
