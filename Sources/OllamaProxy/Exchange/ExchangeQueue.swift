// How an exchange waits for its turn to make a free request.

extension ExchangeMachine {
    /// Why a turn is not worth waiting for; nil when it is.
    func turnRefusal(ahead: Int, now: Moment) -> RequestError? {
        let turn = ledgers.budget.turnTime(ahead: ahead, now: now)
        let isFull = ledgers.turns.isFull && !ledgers.turns.contains(arrival)
        guard turn > latestTurn(now) || isFull else { return nil }
        return turnError(at: turn, isFull: isFull, now: now)
    }

    /// How long the turn may take to come; the limit is for all waits of a request together.
    private func latestTurn(_ now: Moment) -> Instant {
        queueDeadline == .never ? now.monotonic + limits.queue - waited : queueDeadline
    }

    func awaitTurn(_ next: Next, ahead: Int, now: Moment) -> [ExchangeAction] {
        let turn = ledgers.budget.turnTime(ahead: ahead, now: now)
        pending = next
        queueDeadline = latestTurn(now)
        if state != .queued { queuedAt = now }
        state = .queued
        ledgers.turns.enter(arrival)
        return [.reportStep(.queued(for: max(.zero, turn - now.monotonic))), .awaitTurn]
    }

    func turnError(at turn: Instant, isFull: Bool, now: Moment) -> RequestError {
        ExchangeErrors.minuteIsUsedUp(
            until: turn, longest: limits.queue, isFull: isFull, ledgers.budget, failures, now: now)
    }

    func leaveQueue(now: Moment) {
        queueDeadline = .never
        ledgers.turns.leave(arrival)
        if let queuedAt { waited += now.monotonic - queuedAt.monotonic }
        queuedAt = nil
    }
}
