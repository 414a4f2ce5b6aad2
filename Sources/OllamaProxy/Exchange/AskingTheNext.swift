/// Which model is asked next, and when: at once, when its turn comes, or beside one that is silent.
extension ExchangeMachine {
    /// Asks the next model, or has the request wait for its turn.
    /// - Parameter given: a model that is to be asked before all others.
    func startNext(_ given: Next? = nil, now: Moment) -> [ExchangeAction] {
        ledgers.refresh(now)
        var given = given
        var refusal: RequestError?
        while attempts.count < terms.limits.attempts, let next = given ?? nextCandidate(now: now) {
            given = nil
            guard next.model.isFree else { return start(next, now: now) }
            // What costs nothing is limited for the whole account.
            if let error = freeRefusal(next, now: now) {
                refusal = error
            } else {
                let ahead = ledgers.turns.ahead(of: arrival)
                switch ledgers.budget.admission(now: now) {
                case .granted where ahead == 0: return start(next, now: now)
                case .granted, .wait:
                    guard let error = turnRefusal(ahead: ahead, now: now) else {
                        return awaitTurn(next, ahead: ahead, now: now)
                    }
                    refusal = error
                case .exhausted(let reset):
                    refusal = ExchangeErrors.dayIsUsedUp(until: reset, ledgers.budget, attempts.failures, now: now)
                }
            }
            // Where not only free models are used, the next may be one that is not.
            if candidates.freeOnly { break }
        }
        return fail(with: refusal ?? exhausted(now), now: now)
    }

    private func nextCandidate(now: Moment) -> Next? {
        candidates.next(ledger: ledgers.failures, now: now).map {
            Next(model: $0, isRequested: candidates.lastIsRequested)
        }
    }

    /// Why a free model is not to be asked now, whatever the minute and the day allow.
    private func freeRefusal(_ next: Next, now: Moment) -> RequestError? {
        if let cooldown = ledgers.failures.accountCooldown(now: now) {
            return ExchangeErrors.accountInCooldown(cooldown, attempts.failures, now: now)
        }
        guard !next.isAgain, attempts.freeCount > 0, attempts.freeCount >= attemptsAllowed(now) else { return nil }
        let left = ledgers.budget.remainingToday(now: now) ?? 0
        return exhausted(now, note: "no other model was tried: only \(left) free requests left today")
    }

    private func attemptsAllowed(_ now: Moment) -> Int {
        ledgers.budget.attemptsAllowed(of: terms.limits.attempts, now: now)
    }

    private func exhausted(_ now: Moment, note: String? = nil) -> RequestError {
        ExchangeErrors.exhausted(attempts.failures, ledger: ledgers.failures, note: note, now: now)
    }

    func start(_ next: Next, now: Moment) -> [ExchangeAction] {
        let others = running
        admission.leave(ledgers.turns, now: now)
        if next.model.isFree { ledgers.budget.count(now: now) }
        attempts.begin(isFree: next.model.isFree)
        model = next.model
        reply.clearUnlessBegun()
        let attempt = Attempt(
            number: attempts.count, model: next.model, reader: reader(for: next.model, now: now),
            prefix: reply.committedReader?.progress.partial.flatMap { $0.isEmpty ? nil : $0 },
            sharesBody: !others.isEmpty,
            isRequested: next.isRequested, firstToken: terms.limits.firstToken, now: now)
        let mayHedge =
            terms.limits.hedge > .zero && door.streamsUpstream && others.isEmpty && !reply.isCommitted
        state = .running(others + [attempt], hedge: mayHedge ? now.monotonic + terms.limits.hedge : .never)
        return [.startAttempt(attempt)]
    }

    /// A reader of a new answer, or of the rest of one that was begun.
    private func reader(for model: Model, now: Moment) -> AttemptReader {
        if let broken = reply.committedReader { return AttemptReader(resuming: broken) }
        let opening = Door.Opening(
            model: model, requestedName: candidates.requestedName, remoteHost: terms.remoteHost,
            hidesThinking: terms.hidesThinking, mayBeResumed: terms.mayBeResumed)
        return AttemptReader(
            door: door, translator: door.translator(opening), hidesThinking: terms.hidesThinking,
            mayBeEmpty: terms.needs.mayBeAnsweredByNothing, partial: terms.mayBeResumed ? ByteBuffer() : nil,
            received: terms.received, now: now)
    }

    /// Where an attempt writes to.
    func sink(of attempt: Attempt) -> ByteBuffer {
        attempt.isTrusted && door.streams ? reply.output : attempt.staging
    }

    /// The first word decides: of two attempts the other is given up, and a stream is the client's from here on.
    func trustIfDue(_ attempt: Attempt, now: Moment) -> [ExchangeAction] {
        guard !attempt.isTrusted, attempt.reader.progress.hasSpoken else { return [] }
        var actions: [ExchangeAction] = []
        for other in running where other !== attempt { actions.append(cancel(other, now: now)) }
        state = .running([attempt], hedge: .never)
        model = attempt.model
        attempt.isTrusted = true
        return door.streams ? actions + commit(attempt, now: now) : actions
    }

    func commit(_ attempt: Attempt, now: Moment) -> [ExchangeAction] {
        let wasBegun = reply.isBegun
        reply.commit(attempt)
        return (wasBegun ? [] : [beginStream(model: attempt.model, now: now)]) + forgetRequest(of: attempt)
    }

    /// A prompt may be many times larger than all else that an open stream needs.
    private func forgetRequest(of attempt: Attempt) -> [ExchangeAction] {
        guard !terms.mayBeResumed else { return [] }
        request = nil
        return [.forgetBody(attempt)]
    }

    func beginStream(model: Model?, now: Moment) -> ExchangeAction {
        .beginStream(head(status: 200, contentType: door.contentType, model: model, now: now))
    }

    func cancel(_ attempt: Attempt, now: Moment) -> ExchangeAction {
        attempt.isRunning = false
        attempts.end(attempt, .givenUp, now: now)
        return .cancelAttempt(attempt)
    }

    /// Whatever follows leaves the state of running.
    func cancelAll(now: Moment) -> [ExchangeAction] {
        running.map { cancel($0, now: now) }
    }

    /// Asks a second model because the first says nothing.
    func hedge(now: Moment) -> [ExchangeAction] {
        let attempts = running
        state = .running(attempts, hedge: .never)
        guard attempts.count == 1, let first = attempts.first, !first.reader.progress.isAlive,
            self.attempts.count < terms.limits.attempts, !candidates.freeOnly || terms.limits.hedgesFree,
            let upcoming = candidates.peek(ledger: ledgers.failures, now: now),
            !upcoming.isFree || mayHedgeForFree(now: now), let next = nextCandidate(now: now)
        else { return [] }
        return [.reportStep(.hedged(model: next.model.id))] + start(next, now: now)
    }

    /// A free request is worth more than a second's wait: where it is short, it is kept.
    private func mayHedgeForFree(now: Moment) -> Bool {
        terms.limits.hedgesFree && attemptsAllowed(now) > attempts.freeCount && ledgers.turns.count == 0
            && ledgers.failures.accountCooldown(now: now) == nil && ledgers.budget.admission(now: now) == .granted
    }

    // MARK: The queue

    /// Why a turn is not worth waiting for; nil when it is.
    private func turnRefusal(ahead: Int, now: Moment) -> RequestError? {
        let turn = ledgers.budget.turnTime(ahead: ahead, now: now)
        let isFull = ledgers.turns.isFull && !ledgers.turns.contains(arrival)
        guard turn > admission.latestTurn(terms.limits.queue, now: now) || isFull else { return nil }
        return turnError(at: turn, isFull: isFull, now: now)
    }

    private func awaitTurn(_ next: Next, ahead: Int, now: Moment) -> [ExchangeAction] {
        let turn = ledgers.budget.turnTime(ahead: ahead, now: now)
        state = .queued(next)
        admission.enter(ledgers.turns, limit: terms.limits.queue, now: now)
        return [.reportStep(.queued(for: max(.zero, turn - now.monotonic))), .awaitTurn]
    }

    func turnError(at turn: Instant, isFull: Bool, now: Moment) -> RequestError {
        ExchangeErrors.minuteIsUsedUp(
            until: turn, longest: terms.limits.queue, isFull: isFull, ledgers.budget, attempts.failures, now: now)
    }
}
