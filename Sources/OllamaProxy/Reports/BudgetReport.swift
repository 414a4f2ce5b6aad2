/// What was taken of the account's free requests, and what is left.
package struct BudgetReport: Report {
    private let perMinute: Int?
    private let perDay: Int?
    private let minute: Int
    private let day: Int
    private let leftOfMinute: Int?
    private let leftOfDay: Int?
    private let reset: Int64
    private let now: Int64

    package init(_ budget: BudgetLedger, now: Moment) {
        perMinute = budget.minuteLimit
        perDay = budget.dayLimit
        let minute = budget.countOfMinute(now: now)
        self.minute = minute
        day = budget.countToday(now: now)
        leftOfMinute = budget.minuteLimit.map { max(0, $0 - minute) }
        leftOfDay = budget.remainingToday(now: now)
        reset = budget.reset(now: now)
        self.now = now.unixSeconds
    }

    package func text(colours: Bool) -> String {
        var table = TextTable(
            ("FREE REQUESTS", false), ("MADE", true), ("LIMIT", true), ("LEFT", true), ("RESET", false))
        table.add(
            .init("within a minute"), .init(String(minute)), limit(perMinute), left(leftOfMinute),
            .init("-", .faint))
        table.add(
            .init("today (UTC)"), .init(String(day)), limit(perDay), left(leftOfDay),
            .init("in \(DurationText.of(reset - now))"))
        return table.text(colours: colours)
    }

    package func write(to body: inout JSONWriter) {
        body.key("minute")
        body.object { $0.window(made: minute, limit: perMinute, remaining: leftOfMinute) }
        body.key("day")
        body.object {
            $0.window(made: day, limit: perDay, remaining: leftOfDay)
            $0.field("reset_at", Int(reset))
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
    /// - Parameters:
    ///   - limit: null when nothing is held back.
    fileprivate mutating func window(made: Int, limit: Int?, remaining: Int?) {
        field("made", made)
        key("limit")
        limit.map { integer($0) } ?? null()
        key("remaining")
        remaining.map { integer($0) } ?? null()
    }
}
