// What a failed attempt leads to.

extension ExchangeMachine {
    func failed(
        _ failure: Failure, _ attempt: Attempt, now: Moment, transferIsOver: Bool
    ) -> [ExchangeAction] {
        var failure = failure
        failure.message = secret.removed(from: failure.message)
        if failure.scope == .account { adapt(&failure, to: attempt.model) }
        // Asked twice by one request, a model has failed one request.
        if failures.contains(where: { $0.model == attempt.model.id }) { failure.counts = false }
        attempt.isRunning = false
        hedgeDeadline = .never
        running.removeAll { $0 === attempt }
        learn(from: failure, attempt, now: now)
        let report = AttemptReport(
            number: attempt.number, model: attempt.model.id, failure: failure, wasCommitted: isCommitted)
        failures.append(report)
        traces.append(AttemptTrace(of: attempt, .failed(failure.kind), reason: failure.summary, now: now))
        var actions: [ExchangeAction] = transferIsOver ? [] : [.cancelAttempt(attempt)]
        actions.append(.reportAttempt(report))
        if failure.kind == .gone { actions.append(.refreshModels) }
        // The other one may still answer.
        guard running.isEmpty else { return actions }
        if isCommitted, !mayContinue(after: failure) {
            let error = RequestError(status: failure.status, message: "\(attempt.model.id): \(failure.message)")
            return actions + fail(with: error, now: now)
        }
        let tries = failures.count { $0.model == attempt.model.id }
        switch failure.decision {
        case .nextModel:
            if failure.isTransient, tries == 1, deservesAnotherTry(attempt, failure) {
                pending = Next(model: attempt.model, isRequested: attempt.isRequested)
            }
        case .sameModelOnce where tries == 1 && holdsBack(failure):
            pending = Next(model: attempt.model, isRequested: attempt.isRequested, isAgain: true)
        case .sameModelOnce, .stop: return actions + fail(with: stopped(failure, now: now), now: now)
        }
        let next = startNext(now: now)
        if isCommitted, case .startAttempt(let taking)? = next.first {
            actions.append(.reportStep(.continued(model: taking.model.id)))
        }
        return actions + next
    }

    /// Where the client pays for the model it asked for, it is that model it wants; and where no other can serve the
    /// request, the same one is better than none.
    private func deservesAnotherTry(_ attempt: Attempt, _ failure: Failure) -> Bool {
        guard candidates.freeOnly else { return attempt.isRequested }
        return failures.count == 1 && !candidates.hasMore && failure.kind != .silent
    }

    /// What concerns the account's free requests, or its balance, is not the same for a model that is paid for.
    private func adapt(_ failure: inout Failure, to model: Model) {
        guard !candidates.freeOnly else { return }
        if !model.isFree, case .account = failure.coolDown { failure.coolDown = .none }
        if failure.decision == .stop { failure.decision = .nextModel }
    }

    /// Whether asking the same model again makes sense: not at once, where the minute's limit is not kept here.
    private func holdsBack(_ failure: Failure) -> Bool {
        failure.accountLimit == nil || ledgers.budget.minuteLimit != nil
    }

    private func learn(from failure: Failure, _ attempt: Attempt, now: Moment) {
        ledgers.failures.note(failure, of: attempt.model.id, now: now)
        if failure.scope == .model || failure.scope == .provider {
            ledgers.performance.noteFailure(of: attempt.model.id, now: now)
        }
        if let limit = failure.accountLimit, attempt.model.isFree { ledgers.budget.note(limit, now: now) }
        if failure.kind == .tooLong { candidates.noteTooLong(for: attempt.model, tokens: failure.requestedTokens) }
    }

    private func mayContinue(after failure: Failure) -> Bool {
        request != nil && failure.decision != .stop && committedReader?.canBeTakenUp == true
    }

    private func stopped(_ failure: Failure, now: Moment) -> RequestError {
        if case .account = failure.coolDown, let rest = ledgers.failures.accountCoolDown(now: now) {
            return ExchangeErrors.accountRests(rest, failures, now: now)
        }
        if failure.accountLimit?.window == .day, case .exhausted(let reset) = ledgers.budget.admission(now: now) {
            return ExchangeErrors.dayIsUsedUp(until: reset, ledgers.budget, failures, now: now)
        }
        var error = ExchangeErrors.stopped(failures, status: failure.status)
        if let limit = failure.accountLimit {
            let wait = ledgers.budget.turnTime(ahead: 0, now: now) - now.monotonic
            let reset = limit.reset.map { $0 - now.wall } ?? .zero
            error.retryAfter = max(.seconds(1), reset, wait)
        }
        return error
    }
}
