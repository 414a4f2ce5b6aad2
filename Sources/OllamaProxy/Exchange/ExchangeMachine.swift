/// Decides everything about one exchange: which model is tried, when its answer is trusted, what a failure leads to
/// and how the reply ends. It performs nothing: each input returns the actions it leads to.
///
/// ```
///  ready ──begin──▶ running ──end of the answer──▶ finished
///                    │  ▲ │ ▲                         ▲
///    no turn is free │  │ └─┘ failure: next model,    │
///                    ▼  │     or the answer resumed   │
///                  queued ──no turn in time──────────▶┤
///                                                     │
///         no model left, stop, client gone, shutdown ─┘
/// ```
///
/// Beside it is the client's side, `Reply`: not begun, heartbeats, committed. The first word of a streamed answer commits
/// it; a reply that is not streamed commits only when the answer is whole, so every failure before leads to the next model.
///
/// A class, because it is asked several times for each chunk and a copy would retain all that it refers to.
package final class ExchangeMachine {
    /// What does not change while the exchange lasts.
    struct Terms {
        let door: Door
        let needs: RequestNeeds
        /// The client asked not to see the model think.
        let hidesThinking: Bool
        /// The upstream as a URL without a path, for replies that name it.
        let remoteHost: String
        let limits: Limits
        /// What no reply may hold, though an upstream's error quote it.
        let secret: Secret
        let received: Moment

        /// Whether another attempt may go on with an answer that breaks. Of several answers at once nothing tells which
        /// was how far, and a document would be begun again from its first brace.
        var mayBeResumed: Bool {
            limits.continuesStreams && door.canBeResumed && needs.structuredOutput == .none && !needs.hasSeveralAnswers
        }
    }

    /// A model to ask.
    struct Next {
        let model: Model
        let isRequested: Bool
        /// It was asked before, and its failure was nobody's fault.
        var isAgain = false
    }

    enum State {
        case ready
        /// A model's turn has not come.
        case queued(Next)
        /// The attempts under way: one; two while a second is asked because the first is silent, until `hedge` passes one
        /// that was asked alone.
        case running([Attempt], hedge: Instant)
        case finished
    }

    let terms: Terms
    let ledgers: Ledgers
    var candidates: CandidateSequence
    /// nil once no further attempt can need it.
    var request: UpstreamRequest?
    var state = State.ready
    var reply = Reply()
    var admission: Admission
    var attempts = AttemptLog()
    /// The model that answers, or was asked last.
    var model: Model?
    var totalDeadline = Instant.never

    package init(
        door: Door, request: UpstreamRequest, needs: RequestNeeds = RequestNeeds(), candidates: CandidateSequence,
        hidesThinking: Bool, remoteHost: String, limits: Limits, ledgers: Ledgers, secret: Secret, received: Moment
    ) {
        terms = Terms(
            door: door, needs: needs, hidesThinking: hidesThinking, remoteHost: remoteHost, limits: limits,
            secret: secret, received: received)
        self.request = request
        self.candidates = candidates
        self.ledgers = ledgers
        admission = Admission(arrival: ledgers.turns.arrive())
    }

    package var door: Door { terms.door }
    /// The order of arrival among all requests.
    package var arrival: TurnQueue.Arrival { admission.arrival }
    /// What the client has not read yet.
    package var output: ByteBuffer { reply.output }
    /// Whether the reply has begun, so that output may be taken.
    package var isStreaming: Bool { reply.isBegun }

    /// When `deadlineReached` wants to be called; nil for never.
    package var deadline: Instant? {
        var earliest = min(reply.deadline, totalDeadline, admission.deadline)
        if case .running(let attempts, let hedge) = state {
            earliest = min(earliest, hedge)
            for attempt in attempts { earliest = min(earliest, attempt.deadline) }
        }
        return earliest == .never ? nil : earliest
    }

    /// The request's body for one attempt; nil when none is to be made any more. It may share its bytes with the one made
    /// before.
    package func body(for attempt: Attempt) -> UpstreamBody? {
        request?.body(
            for: attempt.model, continuing: attempt.prefix, isShared: attempt.sharesBody,
            priceLimit: candidates.priceLimit)
    }

    var isFinished: Bool { if case .finished = state { true } else { false } }

    var running: [Attempt] { if case .running(let attempts, _) = state { attempts } else { [] } }

    /// In debug builds what must hold after each input is looked at, so that every test looks for nothing.
    private func checked(_ actions: [ExchangeAction]) -> [ExchangeAction] {
        assert(violation == nil, violation ?? "")
        return actions
    }

    // MARK: Inputs

    /// The request is complete.
    package func begin(now: Moment) -> [ExchangeAction] {
        // The client may have left before the request was complete.
        guard case .ready = state else { return [] }
        let limits = terms.limits
        if door.streams, limits.heartbeat > .zero { reply.expectHeartbeats(every: limits.heartbeat, now: now) }
        if limits.total > .zero { totalDeadline = terms.received.monotonic + limits.total }
        return checked(startNext(now: now))
    }

    /// The exchange is first in the queue and a request is allowed.
    package func turnCame(now: Moment) -> [ExchangeAction] {
        guard case .queued(var next) = state else { return [] }
        // The model may have failed for another request meanwhile.
        if ledgers.failures.cooldown(of: next.model.id, now: now) != nil,
            let other = candidates.next(ledger: ledgers.failures, skipsCooldown: true, now: now)
        {
            candidates.putBack(next.model)
            next = Next(model: other, isRequested: candidates.lastIsRequested)
        }
        return checked(startNext(next, now: now))
    }

    /// The status line and headers of an attempt's reply have come.
    package func upstreamHead(
        of attempt: Attempt, status: Int, contentType: String, hints: FailureRules.RetryHints
    ) {
        if attempt.isRunning { attempt.reader.receiveHead(status: status, contentType: contentType, hints: hints) }
    }

    /// A piece of an attempt's reply has come.
    package func upstreamBytes(_ bytes: Bytes, of attempt: Attempt, now: Moment) -> [ExchangeAction] {
        guard attempt.isRunning else { return [] }
        let verdict = attempt.reader.receive(bytes, now: now, output: sink(of: attempt))
        let actions = trustIfDue(attempt, now: now)
        attempt.renewDeadline(terms.limits, blanksAreAlive: !door.streamsUpstream, now: now)
        guard verdict != .pending else { return checked(actions) }
        return checked(actions + follow(verdict, of: attempt, now: now, transferIsOver: false))
    }

    /// An attempt's transfer is over.
    package func upstreamEnded(
        _ end: AttemptReader.TransferEnd, of attempt: Attempt, now: Moment
    ) -> [ExchangeAction] {
        guard attempt.isRunning else { return [] }
        if case .unreachable = end, attempt.model.isFree {
            ledgers.budget.uncount(attempt.started, now: now)
        }
        let verdict = attempt.reader.end(end, now: now, output: sink(of: attempt))
        let actions = trustIfDue(attempt, now: now)
        return checked(actions + follow(verdict, of: attempt, now: now, transferIsOver: true))
    }

    /// The time in `deadline` has come.
    package func deadlineReached(now: Moment) -> [ExchangeAction] {
        isFinished ? [] : checked(passDeadline(now: now))
    }

    /// We have stopped or started again reading from the upstream, because the client reads slowly. Silence that is
    /// our own doing proves nothing.
    package func upstreamPaused(_ isPaused: Bool, now: Moment) {
        for attempt in running {
            if isPaused {
                attempt.suspendDeadline()
            } else {
                attempt.renewDeadline(terms.limits, blanksAreAlive: false, now: now)
            }
        }
    }

    /// Nobody is there to read the reply.
    package func clientLeft(now: Moment) -> [ExchangeAction] {
        guard !isFinished else { return [] }
        return checked(cancelAll(now: now) + finish(.clientLeft, status: 499, now: now))
    }

    /// The time to finish streams is over: the server stops.
    package func shutDown(now: Moment) -> [ExchangeAction] {
        guard !isFinished else { return [] }
        return checked(cancelAll(now: now) + fail(with: .shuttingDown, outcome: .shutDown, now: now))
    }

    // MARK: Deadlines

    private func passDeadline(now: Moment) -> [ExchangeAction] {
        let limits = terms.limits
        if totalDeadline <= now.monotonic {
            let error = ExchangeErrors.tooSlow(limits.total, attempts.failures)
            return cancelAll(now: now) + fail(with: error, now: now)
        }
        if admission.deadline <= now.monotonic {
            let turn = ledgers.budget.turnTime(ahead: ledgers.turns.ahead(of: arrival), now: now)
            return fail(with: turnError(at: turn, isFull: false, now: now), now: now)
        }
        if reply.deadline <= now.monotonic {
            let wasBegun = reply.isBegun
            reply.beat(door, requestedName: candidates.requestedName, every: limits.heartbeat, now: now)
            return wasBegun ? [] : [beginStream(model: nil, now: now)]
        }
        guard case .running(let attempts, let hedge) = state else { return [] }
        if hedge <= now.monotonic { return self.hedge(now: now) }
        guard let attempt = attempts.first(where: { $0.deadline <= now.monotonic }) else { return [] }
        if attempt.reader.progress.hasFinishReason {
            let verdict = attempt.reader.endWithoutUsage(now: now, output: sink(of: attempt))
            return follow(verdict, of: attempt, now: now, transferIsOver: false)
        }
        let failure =
            attempt.reader.progress.hasSpoken
            ? FailureRules.idle(for: limits.idle) : FailureRules.silent(for: limits.firstToken)
        return follow(.failed(failure), of: attempt, now: now, transferIsOver: false)
    }
}
