/// What a client is told when an exchange fails: what happened at each attempt, and when trying again makes sense.
enum ExchangeErrors {
    /// No candidate is left, or no attempt.
    /// - Parameter note: why no more was tried, where there were more.
    static func exhausted(
        _ failures: [FailedAttempt], ledger: FailureLedger, note: String? = nil, now: Moment
    ) -> RequestError {
        guard let last = failures.last else { return RequestError(status: 503, message: "no model to try") }
        var status = last.failure.status
        if failures.count > 1, status == 404 || !failures.allSatisfy({ $0.failure.status == status }) { status = 502 }
        // A request that grew too long for one model after another is too long.
        if last.failure.kind == .tooLong, failures.allSatisfy({ $0.failure.scope == .request }) {
            status = last.failure.status
        }
        var retryAfter: Span?
        if status == 429 {
            let times = failures.compactMap { ledger.cooldown(of: $0.model, now: now)?.until }
            retryAfter = times.min().map { max(.seconds(1), $0 - now.wall) }
        }
        let message = list(failures) + (note.map { "; \($0)" } ?? "")
        return RequestError(status: status, message: message, retryAfter: retryAfter)
    }

    /// The last failure says that no other model would do better.
    static func stopped(_ failures: [FailedAttempt], status: Int) -> RequestError {
        guard failures.count == 1, let only = failures.first else {
            return RequestError(status: status, message: list(failures))
        }
        return RequestError(status: status, message: only.failure.message)
    }

    /// One failure speaks for itself, several are numbered.
    static func list(_ failures: [FailedAttempt]) -> String {
        guard failures.count > 1 else {
            return failures.first.map { "\($0.model): \($0.failure.message)" } ?? "nothing was tried"
        }
        let lines = failures.map { "\($0.number). \($0.model): \($0.failure.message)" }
        return "\(failures.count) attempts failed: " + lines.joined(separator: "; ")
    }

    /// All free models are in cooldown because of the account.
    static func accountInCooldown(
        _ cooldown: FailureLedger.Record, _ failures: [FailedAttempt], now: Moment
    ) -> RequestError {
        let wait = cooldown.until - now.wall
        var reason = failures.last?.failure.message ?? "the account lacks credits"
        while reason.hasSuffix(".") { reason.removeLast() }
        return RequestError(
            status: cooldown.kind == .unpaid ? 402 : 429,
            message: "\(reason). Free models can be asked again at \(Timestamp.text(cooldown.until)), "
                + "in \(DurationText.of(wait))",
            retryAfter: max(.seconds(1), wait))
    }

    /// Today's quota is used up.
    static func dayIsUsedUp(until reset: UnixTime, _ budget: BudgetLedger, _ failures: [FailedAttempt], now: Moment)
        -> RequestError
    {
        let wait = reset - now.wall
        let count = budget.countToday(now: now)
        let limit = budget.dayLimit.map { " (\(count) made here, \($0) allowed)" } ?? ""
        let before = failures.isEmpty ? "" : "; " + list(failures)
        return RequestError(
            status: 429,
            message: "today's quota of free requests is used up\(limit); it resets at "
                + "\(Timestamp.text(reset)), in \(DurationText.of(wait))\(before)",
            retryAfter: max(.seconds(1), wait))
    }

    /// This minute's quota is used up, and the turn would come too late.
    /// - Parameters:
    ///   - turn: when it would come.
    ///   - longest: how long a request may wait.
    static func minuteIsUsedUp(
        until turn: Instant, longest: Span, isFull: Bool, _ budget: BudgetLedger, _ failures: [FailedAttempt],
        now: Moment
    ) -> RequestError {
        let wait = max(.seconds(1), turn - now.monotonic)
        let limit = budget.minuteLimit.map { " (\($0) per minute)" } ?? ""
        let reason =
            isFull
            ? "the queue is full"
            : "the next turn is in \(DurationText.of(wait)), "
                + "and requests queue for at most \(longest.secondsRoundedUp) s"
        let before = failures.isEmpty ? "" : "; " + list(failures)
        return RequestError(
            status: 429, message: "this minute's quota of free requests is used up\(limit): \(reason)\(before)",
            retryAfter: wait)
    }

    /// The time for the whole request is over.
    static func tooSlow(_ limit: Span, _ failures: [FailedAttempt]) -> RequestError {
        let before = failures.isEmpty ? "" : "; " + list(failures)
        return RequestError(status: 504, message: "no complete answer within \(limit.secondsRoundedUp) s\(before)")
    }
}
