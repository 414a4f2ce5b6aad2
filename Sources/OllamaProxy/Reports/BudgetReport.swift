/// What was taken of the account's free requests, and what is left.
package struct BudgetReport: Report {
    private let perMinute: Int?
    private let perDay: Int?
    private let minute: Int
    private let day: Int
    private let remaining: Int?
    private let secondsToReset: Int64
    private let reset: Int64

    package init(_ budget: BudgetLedger, now: Moment) {
        perMinute = budget.minuteLimit
        perDay = budget.dayLimit
        minute = budget.countOfMinute(now: now)
        day = budget.countToday(now: now)
        remaining = budget.remainingToday(now: now)
        reset = budget.reset(now: now)
        secondsToReset = reset - now.unixSeconds
    }

    package func text(colours: Bool) -> String {
        var table = TextTable(
            ("FREE REQUESTS", false), ("MADE", true), ("LIMIT", true), ("LEFT", true), ("RESET", false))
        table.add(
            .init("within a minute"), .init(String(minute)), limit(perMinute),
            left(perMinute.map { max(0, $0 - minute) }),
            .init("-", .faint))
        table.add(
            .init("today (UTC)"), .init(String(day)), limit(perDay), left(remaining),
            .init("in \(DurationText.of(secondsToReset))"))
        return table.text(colours: colours)
    }

    package func json() -> ByteBuffer {
        let body = JSONWriter.object { body in
            body.key("minute")
            body.object { $0.window(made: minute, limit: perMinute, remaining: perMinute.map { max(0, $0 - minute) }) }
            body.key("day")
            body.object {
                $0.window(made: day, limit: perDay, remaining: remaining)
                $0.field("reset_at", Int(reset))
            }
        }
        body.append("\n")
        return body
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
