// How an exchange waits for its turn to make a free request.

extension ExchangeMachine {
    /// Why a turn is not worth waiting for; nil when it is.
    func turnRefusal(ahead: Int, now: Moment) -> RequestError? {
        let turn = ledgers.budget.turnTime(ahead: ahead, now: now)
        let isFull = ledgers.turns.isFull && !ledgers.turns.contains(arrival)
        // All waits of a request together.
        let latest = queueDeadline == .max ? Self.time(limits.queue, after: now) - waited : queueDeadline
        guard turn > latest || isFull else { return nil }
        return turnError(at: turn, isFull: isFull, now: now)
    }

    func awaitTurn(_ next: Next, ahead: Int, now: Moment) -> [ExchangeAction] {
        let turn = ledgers.budget.turnTime(ahead: ahead, now: now)
        pending = next
        if queueDeadline == .max { queueDeadline = Self.time(limits.queue, after: now) - waited }
        if state != .queued { queuedAt = now }
        state = .queued
        ledgers.turns.enter(arrival)
        let seconds = (turn - now.monotonic + Nanoseconds.perSecond - 1) / Nanoseconds.perSecond
        return [.reportStep(.queued(seconds: Int(max(0, seconds)))), .awaitTurn]
    }

    func turnError(at turn: Int64, isFull: Bool, now: Moment) -> RequestError {
        ExchangeErrors.minuteIsUsedUp(
            until: turn, queueSeconds: limits.queue, isFull: isFull, ledgers.budget, failures, now: now)
    }

    func leaveQueue(now: Moment) {
        queueDeadline = .max
        ledgers.turns.leave(arrival)
        if let queuedAt { waited += now.monotonic - queuedAt.monotonic }
        queuedAt = nil
    }
}
