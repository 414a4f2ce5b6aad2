import OllamaProxy

/// The table that the history is kept in: buckets of every range, each row one bucket. Old rows go as new ones come.
final class HistoryTable {
    private let select: SQLiteStatement
    private let replace: SQLiteStatement
    private let forget: SQLiteStatement
    private let range: SQLiteStatement

    init(_ database: SQLiteDatabase) throws(SQLiteError) {
        try database.execute(
            """
            CREATE TABLE IF NOT EXISTS history (
                bucket_seconds INTEGER NOT NULL, at INTEGER NOT NULL, answered INTEGER NOT NULL,
                failed INTEGER NOT NULL, client_left INTEGER NOT NULL, prompt_tokens INTEGER NOT NULL,
                completion_tokens INTEGER NOT NULL, first_tokens TEXT NOT NULL,
                PRIMARY KEY (bucket_seconds, at)) WITHOUT ROWID;
            """)
        let columns = "answered, failed, client_left, prompt_tokens, completion_tokens, first_tokens"
        select = try database.prepare("SELECT \(columns) FROM history WHERE bucket_seconds = ? AND at = ?")
        replace = try database.prepare("INSERT OR REPLACE INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        forget = try database.prepare(
            """
            DELETE FROM history WHERE bucket_seconds = ?1 AND (at < ?2
                OR at >= ?3 AND (SELECT count(*) FROM history WHERE bucket_seconds = ?1) > ?4)
            """)
        range = try database.prepare(
            "SELECT \(columns), at FROM history WHERE bucket_seconds = ? AND at >= ? AND at < ?")
    }

    /// Adds minutes to what is there, which another process may have written. To be called within a transaction.
    /// - Parameter days: as long as history is kept.
    func add(_ minutes: [UnixTime: HistoryBucket], days: Int, now: Moment) throws(SQLiteError) {
        for range in HistoryRange.allCases {
            var buckets: [UnixTime: HistoryBucket] = [:]
            for (minute, bucket) in minutes { buckets[range.bucket(of: minute), default: HistoryBucket()].add(bucket) }
            for (begin, bucket) in buckets { try add(bucket, to: begin, of: range) }
            // What lies ahead was written by a wrong clock, or it is now that the clock is wrong, as that of a small
            // machine is until it has found a time server. So it stays, as long as it is not too much.
            let span = range.span(at: now.wall, days: days)
            forget.bind(range.bucketSeconds, at: 1)
            forget.bind(span.lowerBound, at: 2)
            forget.bind(span.upperBound, at: 3)
            forget.bind(Int64(2 * range.bucketCount(days: days)), at: 4)
            try forget.run()
        }
    }

    private func add(_ bucket: HistoryBucket, to begin: UnixTime, of range: HistoryRange) throws(SQLiteError) {
        var sum = bucket
        select.bind(range.bucketSeconds, at: 1)
        select.bind(begin, at: 2)
        if try select.step() { sum.add(Self.bucket(in: select)) }
        select.reset()
        let values = [
            range.bucketSeconds, Int64(begin.seconds), Int64(sum.answered), Int64(sum.failed), Int64(sum.clientLeft),
            Int64(sum.promptTokens), Int64(sum.completionTokens),
        ]
        for (index, value) in values.enumerated() { replace.bind(value, at: Int32(index + 1)) }
        replace.bind(sum.firstTokens.text, at: Int32(values.count + 1))
        try replace.run()
    }

    /// The buckets of a range that begin within a span, by their beginnings.
    func buckets(of range: HistoryRange, within span: Range<UnixTime>) throws(SQLiteError) -> [UnixTime: HistoryBucket]
    {
        defer { self.range.reset() }
        self.range.bind(range.bucketSeconds, at: 1)
        self.range.bind(span.lowerBound, at: 2)
        self.range.bind(span.upperBound, at: 3)
        var found: [UnixTime: HistoryBucket] = [:]
        while try self.range.step() { found[self.range.time(at: 6)] = Self.bucket(in: self.range) }
        return found
    }

    private static func bucket(in row: SQLiteStatement) -> HistoryBucket {
        // No sum of what a damaged row holds may overflow.
        let most: Int64 = 1 << 50
        let counts = (0..<5).map { Int(min(max(0, row.integer(at: Int32($0))), most)) }
        var bucket = HistoryBucket()
        (bucket.answered, bucket.failed, bucket.clientLeft) = (counts[0], counts[1], counts[2])
        (bucket.promptTokens, bucket.completionTokens) = (counts[3], counts[4])
        bucket.firstTokens = FirstTokenTimes(text: row.text(at: 5))
        return bucket
    }
}

extension HistoryRange {
    /// As the table tells the ranges apart.
    fileprivate var bucketSeconds: Int64 { Int64(bucketLength.secondsRoundedUp) }
}
