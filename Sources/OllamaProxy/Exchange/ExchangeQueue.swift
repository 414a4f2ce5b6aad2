// How an exchange waits for its turn to make a free request.

extension ExchangeMachine {
    /// Why a turn is not worth waiting for; nil when it is.
    func turnRefusal(ahead: Int, now: Moment) -> RequestError? {
        let turn = ledgers.budget.turnTime(ahead: ahead, now: now)
        let isFull = ledgers.turns.isFull && !ledgers.turns.contains(arrival)
        guard turn > latestTurn(now) || isFull else { return nil }
        return turnError(at: turn, isFull: isFull, now: now)
    }

    /// How long the turn may take to come, on the monotonic clock; the limit is for all waits of a request together.
    private func latestTurn(_ now: Moment) -> Int64 {
        queueDeadline == .max ? Self.time(limits.queue, after: now) - waited : queueDeadline
    }

    func awaitTurn(_ next: Next, ahead: Int, now: Moment) -> [ExchangeAction] {
        let turn = ledgers.budget.turnTime(ahead: ahead, now: now)
        pending = next
        queueDeadline = latestTurn(now)
        if state != .queued { queuedAt = now }
        state = .queued
        ledgers.turns.enter(arrival)
        let seconds = Nanoseconds.wholeSeconds(turn - now.monotonic)
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
