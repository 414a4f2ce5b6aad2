/// The free requests made, and what is left of the quota.
package struct BudgetReport: Report {
    struct Window {
        var made = 0
        /// nil without a limit.
        var limit: Int?
        var remaining: Int?
    }

    private(set) var minute = Window()
    private(set) var day = Window()
    /// When the day's count starts again at 0.
    private(set) var reset = UnixTime.epoch
    private let now: UnixTime

    package init(_ budget: BudgetLedger, now: Moment) {
        minute.made = budget.countOfMinute(now: now)
        minute.limit = budget.minuteLimit
        minute.remaining = budget.minuteLimit.map { [made = minute.made] in max(0, $0 - made) }
        day.made = budget.countToday(now: now)
        day.limit = budget.dayLimit
        day.remaining = budget.remainingToday(now: now)
        reset = budget.reset(now: now)
        self.now = now.wall
    }

    package func text(colours: Bool) -> String {
        var table = TextTable(
            ("FREE REQUESTS", false), ("MADE", true), ("LIMIT", true), ("LEFT", true), ("RESET", false))
        table.add(
            .init("within a minute"), .init(String(minute.made)), limit(minute.limit), left(minute.remaining),
            .init("-", .faint))
        table.add(
            .init("today (UTC)"), .init(String(day.made)), limit(day.limit), left(day.remaining),
            .init("in \(DurationText.of(reset - now))"))
        return table.text(colours: colours)
    }

    package func write(to body: inout JSONWriter) {
        body.key("minute")
        body.object { $0.window(minute) }
        body.key("day")
        body.object {
            $0.window(day)
            $0.field("reset_at", reset)
        }
    }

    private func limit(_ value: Int?) -> TextTable.Cell {
        value.map { .init(String($0)) } ?? .init("none", .faint)
    }

    private func left(_ value: Int?) -> TextTable.Cell {
        value.map { .init(String($0), $0 == 0 ? .bad : .good) } ?? .init("any", .faint)
    }
}

extension JSONWriter {
    fileprivate mutating func window(_ window: BudgetReport.Window) {
        field("made", window.made)
        field("limit", orNull: window.limit)
        field("remaining", orNull: window.remaining)
    }
}

// MARK: Reading a server's status

extension BudgetReport {
    /// Reads the object that `write` makes.
    /// - Parameter now: by the server's clock.
    init(_ reader: inout JSONReader, now: UnixTime) throws(JSONError) {
        var (minute, day, reset) = (Window(), Window(), UnixTime.epoch)
        try reader.forEachField { key, reader throws(JSONError) in
            switch key {
            case "minute": minute = try Window(&reader) { _, reader throws(JSONError) in try reader.skip() }
            case "day":
                day = try Window(&reader) { key, reader throws(JSONError) in
                    guard key == "reset_at" else { return try reader.skip() }
                    reset = try reader.unixTimeIfAny() ?? .epoch
                }
            default: try reader.skip()
            }
        }
        (self.minute, self.day, self.reset, self.now) = (minute, day, reset, now)
    }
}

extension BudgetReport.Window {
    fileprivate init(
        _ reader: inout JSONReader, other: (JSONText, inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        var window = BudgetReport.Window()
        try reader.forEachField { key, reader throws(JSONError) in
            switch key {
            case "made": window.made = try reader.integerIfAny() ?? 0
            case "limit": window.limit = try reader.integerIfAny()
            case "remaining": window.remaining = try reader.integerIfAny()
            default: try other(key, &reader)
            }
        }
        self = window
    }
}
