/// One request that asked for a model, once it is over. Holds nothing of messages or answers.
package struct RequestRecord {
    package var id: String
    /// When it came.
    package var received: Moment
    package var route: Route
    package var report: ExchangeRecord
    /// How long it took until the last byte of its reply was sent.
    package var duration: Span

    package init(id: String, received: Moment, route: Route, report: ExchangeRecord, duration: Span) {
        self.id = id
        self.received = received
        self.route = route
        self.report = report
        self.duration = duration
    }
}

/// The last requests, the oldest of which each new one replaces.
package struct RecentRequests {
    package static let most = 100

    private var records: [RequestRecord] = []
    private var oldest = 0

    package init() {}

    package mutating func record(_ record: RequestRecord) {
        if records.count < Self.most {
            records.append(record)
        } else {
            records[oldest] = record
            oldest = (oldest + 1) % Self.most
        }
    }

    /// The newest first.
    package var newestFirst: [RequestRecord] {
        (records[oldest...] + records[..<oldest]).reversed()
    }
}

extension RequestRecord {
    func write(to entry: inout JSONWriter) {
        entry.field("id", id)
        entry.field("at", received.wall)
        entry.field("route", route.rawValue)
        entry.field("asked", report.requestedName)
        entry.field("model", orNull: report.model)
        entry.field("outcome", report.outcome.rawValue)
        entry.field("status", report.status)
        entry.field("duration_ms", duration.milliseconds)
        entry.field("first_token_ms", orNull: report.timeToFirstToken?.milliseconds)
        entry.field("waited_ms", report.waited.milliseconds)
        entry.field("prompt_tokens", orNull: report.usage?.promptTokens)
        entry.field("completion_tokens", orNull: report.usage?.completionTokens)
        entry.key("attempts")
        entry.array { list in
            for trace in report.attempts {
                list.object { attempt in
                    attempt.field("model", trace.model)
                    attempt.field("outcome", trace.outcome.name)
                    attempt.field("reason", trace.reason)
                    attempt.field("ms", trace.duration.milliseconds)
                }
            }
        }
    }
}
