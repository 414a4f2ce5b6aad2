/// What happened within a stretch of time.
package struct HistoryBucket: Equatable {
    package var answered = 0
    package var failed = 0
    package var clientLeft = 0
    package var promptTokens = 0
    package var completionTokens = 0
    package var firstTokens = FirstTokenTimes()

    package init() {}

    package mutating func record(_ report: ExchangeRecord) {
        switch report.outcome {
        case .answered: answered += 1
        case .failed, .shutDown: failed += 1
        case .clientLeft: clientLeft += 1
        }
        if let usage = report.countedUsage {
            promptTokens += usage.promptTokens
            completionTokens += usage.completionTokens
        }
        if let time = report.timeToFirstToken { firstTokens.record(time) }
    }

    package func adding(_ other: HistoryBucket) -> HistoryBucket {
        var sum = self
        sum.add(other)
        return sum
    }

    package mutating func add(_ other: HistoryBucket) {
        answered += other.answered
        failed += other.failed
        clientLeft += other.clientLeft
        promptTokens += other.promptTokens
        completionTokens += other.completionTokens
        firstTokens.add(other.firstTokens)
    }
}

/// How finely the history is recorded. Each has buckets of its own in the database, so that no question reads more than a few
/// hundred rows, and the database stays small however long the proxy runs.
package enum HistoryRange: String, CaseIterable {
    case hour, day, week
    /// As far back as history is kept.
    case all

    package var bucketLength: Span {
        switch self {
        case .hour: .minutes(1)
        case .day: .minutes(15)
        case .week: .hours(1)
        case .all: .days(1)
        }
    }

    /// How many buckets it spans, the one that is not over yet included.
    /// - Parameter days: as long as history is kept.
    package func bucketCount(days: Int) -> Int {
        switch self {
        case .hour: min(60, days * 1440)
        case .day: min(96, days * 96)
        case .week: min(168, days * 24)
        case .all: days
        }
    }

    /// The beginning of the bucket that a time lies in.
    package func bucket(of time: UnixTime) -> UnixTime { time.roundedDown(to: bucketLength) }

    /// What it spans at a time: the beginning of the first bucket and the end of the last.
    package func span(at time: UnixTime, days: Int) -> Range<UnixTime> {
        let end = bucket(of: time) + bucketLength
        return end - bucketLength * bucketCount(days: days)..<end
    }
}

/// What happened lately and is not in the database yet, by the minute. Written once a minute at the most: a memory card
/// wears out by being written to.
package final class HistoryLedger {
    /// By their beginnings.
    private var minutes: [UnixTime: HistoryBucket] = [:]
    /// Whether anything is kept at all.
    package let isKept: Bool

    package init(isKept: Bool) {
        self.isKept = isKept
    }

    package var hasUnsaved: Bool { !minutes.isEmpty }

    package var unsaved: [UnixTime: HistoryBucket] { minutes }

    package func record(_ report: ExchangeRecord, now: Moment) {
        guard isKept else { return }
        minutes[HistoryRange.hour.bucket(of: now.wall), default: HistoryBucket()].record(report)
    }

    /// What was noted since the last call, which is from now on the caller's to persist.
    package func takeUnsaved() -> [UnixTime: HistoryBucket] {
        defer { minutes.removeAll(keepingCapacity: true) }
        return minutes
    }
}

/// The history of one range, as JSON.
package struct HistoryReport {
    private let range: HistoryRange
    private let span: Range<UnixTime>
    private var buckets: [UnixTime: HistoryBucket]

    /// - Parameters:
    ///   - stored: the buckets of the range that the database holds, by their beginnings.
    ///   - unsaved: the minutes that it does not hold yet.
    package init(
        _ range: HistoryRange, stored: [UnixTime: HistoryBucket], unsaved: [UnixTime: HistoryBucket], days: Int,
        now: Moment
    ) {
        self.range = range
        let span = range.span(at: now.wall, days: days)
        self.span = span
        buckets = stored.filter { span.contains($0.key) }
        for (minute, bucket) in unsaved where span.contains(minute) {
            buckets[range.bucket(of: minute), default: HistoryBucket()].add(bucket)
        }
    }

    package func json() -> ByteBuffer {
        JSONWriter.object { body in
            body.field("range", range.rawValue)
            body.field("from", span.lowerBound)
            body.field("to", span.upperBound)
            body.field("bucket_seconds", range.bucketLength.secondsRoundedUp)
            body.key("buckets")
            body.array { list in
                for (begin, bucket) in buckets.sorted(by: { $0.key < $1.key }) {
                    list.object { entry in
                        entry.field("at", begin)
                        entry.field("answered", bucket.answered)
                        entry.field("failed", bucket.failed)
                        entry.field("client_left", bucket.clientLeft)
                        entry.field("first_token_p50_ms", orNull: bucket.firstTokens.milliseconds(below: 0.5))
                        entry.field("first_token_p95_ms", orNull: bucket.firstTokens.milliseconds(below: 0.95))
                        entry.field("prompt_tokens", bucket.promptTokens)
                        entry.field("completion_tokens", bucket.completionTokens)
                    }
                }
            }
        }
    }
}
