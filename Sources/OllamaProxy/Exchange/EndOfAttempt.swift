/// What the end of an attempt leads to: an answer, another attempt, or the end of the exchange.
extension ExchangeMachine {
    func follow(
        _ verdict: AttemptReader.Verdict, of attempt: Attempt, now: Moment, transferIsOver: Bool
    ) -> [ExchangeAction] {
        switch verdict {
        case .pending: return []
        case .answered: return answered(attempt, now: now, transferIsOver: transferIsOver)
        case .failed(let failure):
            return (transferIsOver ? [] : [.cancelAttempt(attempt)]) + failed(failure, attempt, now: now)
        }
    }

    private func answered(_ attempt: Attempt, now: Moment, transferIsOver: Bool) -> [ExchangeAction] {
        // As a rule no other runs beside it: its first word has ended those.
        var actions = running.filter { $0 !== attempt }.map { cancel($0, now: now) }
        attempt.isRunning = false
        model = attempt.model
        attempts.end(attempt, .answered, now: now)
        if !transferIsOver { actions.append(.releaseAttempt(attempt)) }
        // Only now: a model that always breaks off has not succeeded by having begun.
        ledgers.failures.recordSuccess(of: attempt.model.id)
        recordPerformance(of: attempt, now: now)
        if door.streams {
            // An answer that is resumed may end without another word.
            if !attempt.isTrusted { actions += commit(attempt, now: now) }
        } else {
            reply.become(attempt.staging)
            actions.append(
                .sendWhole(head(status: 200, contentType: door.contentType, model: attempt.model, now: now)))
        }
        return actions + finish(.answered, status: 200, reader: attempt.reader, now: now)
    }

    private func recordPerformance(of attempt: Attempt, now: Moment) {
        let times = attempt.reader.progress.times
        // Times say something of an answer that came word by word, from its first.
        let isTimed = door.streamsUpstream && !attempt.reader.progress.isResumption
        ledgers.performance.recordSuccess(
            of: attempt.model.id,
            firstToken: isTimed ? times.firstToken.monotonic - attempt.started.monotonic : nil,
            answer: times.ended.monotonic - times.firstToken.monotonic,
            tokens: attempt.reader.progress.usage?.completionTokens ?? 0, now: now)
    }

    private func failed(_ failure: Failure, _ attempt: Attempt, now: Moment) -> [ExchangeAction] {
        let failure = adapted(failure, to: attempt.model)
        attempt.isRunning = false
        state = .running(running.filter { $0 !== attempt }, hedge: .never)
        learn(from: failure, attempt, now: now)
        attempts.end(
            attempt, .failed(failure.kind), failure: failure, wasCommitted: reply.isCommitted, now: now)
        var actions = attempts.failures.last.map { [ExchangeAction.reportFailure($0)] } ?? []
        if failure.kind == .gone { actions.append(.refreshModels) }
        switch Aftermath.of(failure, in: situation(of: attempt)) {
        case .wait: return actions
        case .breakOff:
            let error = RequestError(status: failure.status, message: "\(attempt.model.id): \(failure.message)")
            return actions + fail(with: error, now: now)
        case .stop: return actions + fail(with: stopped(failure, now: now), now: now)
        case .again(let blamesNobody):
            let again = Next(model: attempt.model, isRequested: attempt.isRequested, isAgain: blamesNobody)
            return actions + resumed(by: startNext(again, now: now))
        case .next: return actions + resumed(by: startNext(now: now))
        }
    }

    private func situation(of attempt: Attempt) -> Aftermath.Situation {
        Aftermath.Situation(
            othersRun: !running.isEmpty, isCommitted: reply.isCommitted,
            canBeResumed: request != nil && reply.committedReader?.progress.canBeResumed == true,
            failuresOfModel: attempts.failures(of: attempt.model), failures: attempts.failures.count,
            freeOnly: candidates.freeOnly, isRequested: attempt.isRequested, hasOthers: candidates.hasMore,
            keepsMinuteLimit: ledgers.budget.minuteLimit != nil)
    }

    /// Says so where the attempt that is started goes on with an answer.
    private func resumed(by actions: [ExchangeAction]) -> [ExchangeAction] {
        guard reply.isCommitted, case .startAttempt(let attempt)? = actions.first else { return actions }
        return [.reportStep(.resumed(model: attempt.model.id))] + actions
    }

    /// What concerns the account's free requests, or its balance, is not the same for a model that is paid for.
    private func adapted(_ failure: Failure, to model: Model) -> Failure {
        var failure = failure
        failure.message = terms.secret.removed(from: failure.message)
        // Asked twice by one request, a model has failed one request.
        if attempts.failures(of: model) > 0 { failure.counts = false }
        guard failure.scope == .account, !candidates.freeOnly else { return failure }
        if !model.isFree, case .account = failure.cooldown { failure.cooldown = .none }
        if failure.decision == .stop { failure.decision = .nextModel }
        return failure
    }

    private func learn(from failure: Failure, _ attempt: Attempt, now: Moment) {
        ledgers.failures.record(failure, of: attempt.model.id, now: now)
        if failure.scope == .model || failure.scope == .provider {
            ledgers.performance.recordFailure(of: attempt.model.id, now: now)
        }
        if let limit = failure.accountLimit, attempt.model.isFree { ledgers.budget.record(limit, now: now) }
        if failure.kind == .tooLong { candidates.recordTooLong(for: attempt.model, tokens: failure.requestedTokens) }
    }

    // MARK: Ends

    private func stopped(_ failure: Failure, now: Moment) -> RequestError {
        if case .account = failure.cooldown, let cooldown = ledgers.failures.accountCooldown(now: now) {
            return ExchangeErrors.accountInCooldown(cooldown, attempts.failures, now: now)
        }
        if failure.accountLimit?.window == .day, case .exhausted(let reset) = ledgers.budget.admission(now: now) {
            return ExchangeErrors.dayIsUsedUp(until: reset, ledgers.budget, attempts.failures, now: now)
        }
        var error = ExchangeErrors.stopped(attempts.failures, status: failure.status)
        if let limit = failure.accountLimit {
            let wait = ledgers.budget.turnTime(ahead: 0, now: now) - now.monotonic
            let reset = limit.reset.map { $0 - now.wall } ?? .zero
            error.retryAfter = max(.seconds(1), reset, wait)
        }
        return error
    }

    /// Ends the exchange with an error.
    func fail(
        with error: RequestError, outcome: ExchangeRecord.Outcome = .failed, now: Moment
    ) -> [ExchangeAction] {
        reply.append(error, door.errors)
        if reply.isBegun { return finish(outcome, status: 200, now: now) }
        var head = head(status: error.status, contentType: MediaType.json, model: nil, now: now)
        head.retryAfter = error.retryAfter
        return [.sendWhole(head)] + finish(outcome, status: error.status, now: now)
    }

    func head(status: Int, contentType: StaticString, model: Model?, now: Moment) -> ReplyHead {
        let isCounted = candidates.freeOnly || self.model?.isFree == true
        return ReplyHead(
            status: status, contentType: contentType, model: model?.id, attempts: attempts.count,
            budgetRemaining: isCounted ? ledgers.budget.remainingToday(now: now) : nil)
    }

    func finish(
        _ outcome: ExchangeRecord.Outcome, status: Int, reader: AttemptReader? = nil, now: Moment
    ) -> [ExchangeAction] {
        state = .finished
        admission.leave(ledgers.turns, now: now)
        reply.end()
        totalDeadline = .never
        let reader = reader ?? reply.committedReader
        let record = ExchangeRecord(
            outcome: outcome, requestedName: candidates.requestedName, model: model?.id, attemptCount: attempts.count,
            status: status, waited: admission.waited,
            timeToFirstToken: reader.flatMap { reader in
                reader.progress.hasSpoken || reply.isCommitted
                    ? reader.progress.times.firstToken.monotonic - terms.received.monotonic : nil
            },
            usage: reader?.totalUsage, attempts: attempts.records)
        return [.finish(record)]
    }
}
