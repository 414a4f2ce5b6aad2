/// What is remembered of failures.
package struct FailuresReport: Report {
    struct Row {
        var model = ""
        var kind = ""
        var consecutive = 0
        var failedAt = UnixTime.epoch
        var cooldownUntil = UnixTime.epoch
        var isInCooldown = false
    }

    private let rows: [Row]
    /// In whole seconds, as the rows' times are.
    private let now: UnixTime

    package init(_ failures: FailureLedger, now: Moment) {
        self.now = now.wall.wholeSecond
        rows = failures.all.map { model, record in
            Row(
                model: model, kind: record.kind.rawValue, consecutive: record.consecutive,
                failedAt: record.failedAt, cooldownUntil: record.until, isInCooldown: record.holds(now))
        }
    }

    package func text(colours: Bool) -> String {
        guard !rows.isEmpty else { return "no model has failed lately\n" }
        var table = TextTable(
            ("MODEL", false), ("FAILURE", false), ("IN A ROW", true), ("AGO", true), ("COOLDOWN", false))
        for row in rows {
            table.add(
                .init(row.model == FailureLedger.account ? "(all free models)" : row.model),
                .init(Failure.Kind.words(row.kind)), .init(String(row.consecutive)),
                .init(DurationText.of(now - row.failedAt)),
                row.isInCooldown ? .init(DurationText.of(row.cooldownUntil - now), .warning) : .init("over", .good))
        }
        return table.text(colours: colours)
    }

    package func write(to body: inout JSONWriter) {
        body.key("failures")
        body.array { list in
            for row in rows {
                list.object { entry in
                    entry.field("model", row.model)
                    entry.field("kind", row.kind)
                    entry.field("consecutive", row.consecutive)
                    entry.field("failed_at", row.failedAt)
                    entry.field("cooldown_until", row.cooldownUntil)
                    entry.field("in_cooldown", row.isInCooldown)
                }
            }
        }
    }
}

// MARK: Reading a server's status

extension FailuresReport {
    /// Reads the array that `write` makes.
    /// - Parameter now: by the server's clock.
    init(_ reader: inout JSONReader, now: UnixTime) throws(JSONError) {
        var rows: [Row] = []
        try reader.forEachElement { reader throws(JSONError) in
            var row = Row()
            try reader.forEachField { key, reader throws(JSONError) in
                switch key {
                case "model": row.model = try reader.string().string
                case "kind": row.kind = try reader.string().string
                case "consecutive": row.consecutive = try reader.integerIfAny() ?? 0
                case "failed_at": row.failedAt = try reader.unixTimeIfAny() ?? .epoch
                case "cooldown_until": row.cooldownUntil = try reader.unixTimeIfAny() ?? .epoch
                case "in_cooldown": row.isInCooldown = try reader.bool()
                default: try reader.skip()
                }
            }
            rows.append(row)
        }
        self.rows = rows
        self.now = now
    }
}
