/// What is remembered of failures.
package struct FailuresReport: Report {
    private let rows: [(model: String, record: FailureLedger.Record)]
    private let now: Moment

    package init(_ failures: FailureLedger, now: Moment) {
        self.now = now
        rows = failures.all
    }

    package func text(colours: Bool) -> String {
        guard !rows.isEmpty else { return "no model has failed lately\n" }
        var table = TextTable(
            ("MODEL", false), ("FAILURE", false), ("IN A ROW", true), ("AGO", true), ("RESTS", false))
        for (model, record) in rows {
            table.add(
                .init(model == FailureLedger.account ? "(all free models)" : model), .init(record.kind.words),
                .init(String(record.consecutive)), .init(DurationText.of(now.unixSeconds - record.failedAt)),
                record.holds(now)
                    ? .init(DurationText.of(record.until - now.unixSeconds), .warning) : .init("no more", .good))
        }
        return table.text(colours: colours)
    }

    package func write(to body: inout JSONWriter) {
        body.key("failures")
        body.array { list in
            for (model, record) in rows {
                list.object { entry in
                    entry.field("model", model)
                    entry.field("kind", record.kind.rawValue)
                    entry.field("consecutive", record.consecutive)
                    entry.field("failed_at", Int(record.failedAt))
                    entry.field("rests_until", Int(record.until))
                    entry.field("resting", record.holds(now))
                }
            }
        }
    }
}
