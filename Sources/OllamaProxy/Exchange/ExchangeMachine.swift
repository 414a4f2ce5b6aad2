/// Decides everything about one exchange: which model is tried, when its answer is trusted, what a failure leads to
/// and how the reply ends. It performs nothing: each input returns the actions it leads to.
///
/// ```
///            begin               first delta              end of the answer
///  ready ──────────▶ running ─────────────────▶ committed ─────────────────▶ finished
///    │               ▲  │  ▲ failure: next model   │  │ failure: error, or another    ▲
///    │ budget used   │  └──┘                       │  └─ attempt takes the answer up  │
///    └───────────▶ queued                          │                                  │
///                    └── no turn in time, no model left, stop, client gone, shutdown ─┘
/// ```
///
/// A class, because it is asked several times for each chunk and a copy would retain all that it refers to.
///
/// A reply that is not streamed commits only when the answer is whole, so every failure before leads to the next model.
package final class ExchangeMachine {
    enum State {
        case ready
        case queued
        case running
        case finished
    }

    /// A model to ask.
    struct Next {
        let model: Model
        let isRequested: Bool
        /// It was asked before, and nobody is to blame for its failure.
        var isAgain = false
    }

    /// What the client has not read yet: what is streamed, or the whole of a reply that is not.
    package private(set) var output = ByteBuffer()
    /// Whether the reply has begun. Heartbeats begin it before any answer is trusted; a fallback stays possible.
    private var headIsSent = false
    /// Whether part of an answer is in the reply, which nothing takes back.
    var isCommitted = false

    // Those of attempts are the attempts' own.
    private var heartbeatDeadline = Instant.never
    private var totalDeadline = Instant.never
    var queueDeadline = Instant.never
    var hedgeDeadline = Instant.never

    package let door: Door
    /// The order of arrival among all requests.
    package let arrival: TurnQueue.Arrival
    /// nil once no further attempt can need it.
    private(set) var request: UpstreamRequest?
    private let needs: RequestNeeds
    private let hidesThinking: Bool
    private let remoteHost: String
    let limits: Limits
    let ledgers: Ledgers
    let secret: Secret
    private let received: Moment
    var candidates: CandidateSequence
    var state = State.ready
    /// The attempts under way: one, two while a second is asked because the first is silent.
    var running: [Attempt] = []
    var failures: [AttemptReport] = []
    var traces: [AttemptTrace] = []
    private var attemptCount = 0
    /// The model that answers, or was asked last.
    private var model: Model?
    /// A model that is to be asked again, or whose turn has not come.
    var pending: Next?
    /// Attempts on free models.
    private var freeAttemptCount = 0
    /// The last reader whose words are in the reply.
    var committedReader: AttemptReader?
    var queuedAt: Moment?
    var waited = Span.zero

    /// - Parameters:
    ///   - hidesThinking: the client asked not to see the model think.
    ///   - remoteHost: the upstream as a URL without a path, for replies that name it.
    ///   - secret: what no reply may hold, though an upstream's error quote it.
    package init(
        door: Door, request: UpstreamRequest, needs: RequestNeeds = RequestNeeds(), candidates: CandidateSequence,
        hidesThinking: Bool, remoteHost: String, limits: Limits, ledgers: Ledgers, secret: Secret, received: Moment
    ) {
        self.door = door
        self.request = request
        self.needs = needs
        self.candidates = candidates
        self.hidesThinking = hidesThinking
        self.remoteHost = remoteHost
        self.limits = limits
        self.ledgers = ledgers
        self.secret = secret
        self.received = received
        arrival = ledgers.turns.arrive()
    }

    /// Whether the reply has begun, so that output may be taken.
    package var isStreaming: Bool { headIsSent }

    /// When `deadlineReached` wants to be called; nil for never.
    package var deadline: Instant? {
        var earliest = min(heartbeatDeadline, totalDeadline, queueDeadline, hedgeDeadline)
        for attempt in running { earliest = min(earliest, attempt.deadline) }
        return earliest == .never ? nil : earliest
    }

    /// The request's body for one attempt; nil when none is to be made any more. It may share its bytes with the one made
    /// before.
    package func body(for attempt: Attempt) -> ByteBuffer? {
        request?.body(
            for: attempt.model, continuing: attempt.prefix, isShared: attempt.sharesBody,
            priceLimit: candidates.priceLimit)
    }

    // MARK: Inputs

    /// The request is complete.
    package func begin(now: Moment) -> [ExchangeAction] {
        // The client may have left before the request was complete.
        guard state == .ready else { return [] }
        state = .running
        if door.streams, limits.heartbeat > .zero { heartbeatDeadline = now.monotonic + limits.heartbeat }
        if limits.total > .zero { totalDeadline = received.monotonic + limits.total }
        return startNext(now: now)
    }

    /// The exchange is first in the queue and a request is allowed.
    package func turnCame(now: Moment) -> [ExchangeAction] {
        guard state == .queued else { return [] }
        // Meanwhile others may have found that the model had better rest.
        if let pending, ledgers.failures.coolDown(of: pending.model.id, now: now) != nil,
            let other = candidates.next(ledger: ledgers.failures, onlyAwake: true, now: now)
        {
            candidates.putBack(pending.model)
            self.pending = Next(model: other, isRequested: candidates.lastIsRequested)
        }
        return startNext(now: now)
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
        attempt.renewDeadline(limits, blanksAreAlive: !door.streamsUpstream, now: now)
        return verdict == .pending ? actions : actions + follow(verdict, of: attempt, now: now, transferIsOver: false)
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
        return trustIfDue(attempt, now: now) + follow(verdict, of: attempt, now: now, transferIsOver: true)
    }

    /// The time in `deadline` has come.
    package func deadlineReached(now: Moment) -> [ExchangeAction] {
        guard state != .finished else { return [] }
        if totalDeadline <= now.monotonic {
            return cancelAll(now: now) + fail(with: ExchangeErrors.tooSlow(limits.total, failures), now: now)
        }
        if queueDeadline <= now.monotonic {
            let turn = ledgers.budget.turnTime(ahead: ledgers.turns.ahead(of: arrival), now: now)
            return fail(with: turnError(at: turn, isFull: false, now: now), now: now)
        }
        if heartbeatDeadline <= now.monotonic { return beatHeart(now: now) }
        if hedgeDeadline <= now.monotonic { return hedge(now: now) }
        guard let attempt = running.first(where: { $0.deadline <= now.monotonic }) else { return [] }
        if attempt.reader.hasFinishReason {
            let verdict = attempt.reader.endWithoutUsage(now: now, output: sink(of: attempt))
            return follow(verdict, of: attempt, now: now, transferIsOver: false)
        }
        let failure =
            attempt.reader.hasSpoken
            ? FailureRules.idle(for: limits.idle) : FailureRules.silent(for: limits.firstToken)
        return follow(.failed(failure), of: attempt, now: now, transferIsOver: false)
    }

    /// We have stopped or started again reading from the upstream, because the client reads slowly. Silence that is
    /// our own doing proves nothing.
    package func upstreamPaused(_ isPaused: Bool, now: Moment) {
        for attempt in running {
            if isPaused {
                attempt.suspendDeadline()
            } else {
                attempt.renewDeadline(limits, blanksAreAlive: false, now: now)
            }
        }
    }

    /// Nobody is there to read the reply.
    package func clientLeft(now: Moment) -> [ExchangeAction] {
        guard state != .finished else { return [] }
        return cancelAll(now: now) + finish(.clientLeft, status: 499, now: now)
    }

    /// The time to finish streams is over: the server stops.
    package func shutDown(now: Moment) -> [ExchangeAction] {
        guard state != .finished else { return [] }
        return cancelAll(now: now) + fail(with: .shuttingDown, outcome: .shutDown, now: now)
    }

    // MARK: Attempts

    func startNext(now: Moment) -> [ExchangeAction] {
        ledgers.refresh(now)
        var refusal: RequestError?
        while attemptCount < limits.attempts, let next = nextModel(now: now) {
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
                    refusal = ExchangeErrors.dayIsUsedUp(until: reset, ledgers.budget, failures, now: now)
                }
            }
            // Where not only free models are used, the next may be one that is not.
            if candidates.freeOnly { break }
        }
        return fail(with: refusal ?? exhausted(now), now: now)
    }

    /// Why a free model is not to be asked now, whatever the minute and the day allow.
    private func freeRefusal(_ next: Next, now: Moment) -> RequestError? {
        if let rest = ledgers.failures.accountCoolDown(now: now) {
            return ExchangeErrors.accountRests(rest, failures, now: now)
        }
        guard !next.isAgain, freeAttemptCount > 0, freeAttemptCount >= attemptsAllowed(now) else { return nil }
        let left = ledgers.budget.remainingToday(now: now) ?? 0
        return exhausted(now, note: "no further model was tried, as only \(left) free requests are left today")
    }

    private func attemptsAllowed(_ now: Moment) -> Int {
        ledgers.budget.attemptsAllowed(of: limits.attempts, now: now)
    }

    func exhausted(_ now: Moment, note: String? = nil) -> RequestError {
        ExchangeErrors.exhausted(failures, ledger: ledgers.failures, note: note, now: now)
    }

    private func nextModel(now: Moment) -> Next? {
        if let pending {
            self.pending = nil
            return pending
        }
        return candidates.next(ledger: ledgers.failures, now: now).map {
            Next(model: $0, isRequested: candidates.lastIsRequested)
        }
    }

    private func start(_ next: Next, now: Moment) -> [ExchangeAction] {
        leaveQueue(now: now)
        state = .running
        if next.model.isFree {
            ledgers.budget.count(now: now)
            freeAttemptCount += 1
        }
        attemptCount += 1
        model = next.model
        if !headIsSent { output.removeAll() }
        let reader =
            committedReader.map(AttemptReader.init(continuing:))
            ?? AttemptReader(
                door: door,
                translator: door.translator(
                    Door.Opening(
                        model: next.model, requestedName: candidates.requestedName, remoteHost: remoteHost,
                        hidesThinking: hidesThinking, mayBeTakenUp: mayBeTakenUp)),
                hidesThinking: hidesThinking, mayBeEmpty: needs.mayBeAnsweredByNothing,
                partial: mayBeTakenUp ? ByteBuffer() : nil,
                received: received, now: now)
        let attempt = Attempt(
            number: attemptCount, model: next.model, reader: reader,
            prefix: committedReader?.partial.flatMap { $0.isEmpty ? nil : $0 }, sharesBody: !running.isEmpty,
            isRequested: next.isRequested, firstToken: limits.firstToken, now: now)
        let mayHedge = limits.hedge > .zero && door.streamsUpstream && running.isEmpty && !isCommitted
        hedgeDeadline = mayHedge ? now.monotonic + limits.hedge : .never
        running.append(attempt)
        return [.startAttempt(attempt)]
    }

    /// Whether another attempt may go on with an answer that breaks. Of several answers at once nothing tells which
    /// was how far, and a document would be begun again from its first brace.
    private var mayBeTakenUp: Bool {
        limits.continuesStreams && door.canBeTakenUp && needs.structuredOutput == .none && !needs.hasSeveralAnswers
    }

    /// Where an attempt writes to.
    private func sink(of attempt: Attempt) -> ByteBuffer {
        attempt.isTrusted && door.streams ? output : attempt.staging
    }

    /// The first word decides: of two attempts the other is given up, and a stream is the client's from here on.
    private func trustIfDue(_ attempt: Attempt, now: Moment) -> [ExchangeAction] {
        guard !attempt.isTrusted, attempt.reader.hasSpoken else { return [] }
        var actions: [ExchangeAction] = []
        hedgeDeadline = .never
        for other in running where other !== attempt { actions.append(cancel(other, now: now)) }
        running = [attempt]
        model = attempt.model
        attempt.isTrusted = true
        return door.streams ? actions + commit(attempt, now: now) : actions
    }

    private func commit(_ attempt: Attempt, now: Moment) -> [ExchangeAction] {
        isCommitted = true
        committedReader = attempt.reader
        heartbeatDeadline = .never
        output.append(attempt.staging)
        attempt.staging.removeAll(keepingAtMost: 0)
        return beginStream(model: attempt.model, now: now) + forgetRequest(of: attempt)
    }

    /// A prompt may be many times larger than all else that an open stream needs.
    private func forgetRequest(of attempt: Attempt) -> [ExchangeAction] {
        guard !mayBeTakenUp else { return [] }
        request = nil
        return [.forgetBody(attempt)]
    }

    private func beginStream(model: Model?, now: Moment) -> [ExchangeAction] {
        guard !headIsSent else { return [] }
        headIsSent = true
        return [.beginStream(head(status: 200, contentType: door.contentType, model: model, now: now))]
    }

    private func cancel(_ attempt: Attempt, now: Moment) -> ExchangeAction {
        attempt.isRunning = false
        traces.append(AttemptTrace(of: attempt, .givenUp, now: now))
        return .cancelAttempt(attempt)
    }

    private func cancelAll(now: Moment) -> [ExchangeAction] {
        defer { running = [] }
        return running.map { cancel($0, now: now) }
    }

    /// Asks a second model because the first says nothing.
    private func hedge(now: Moment) -> [ExchangeAction] {
        hedgeDeadline = .never
        guard running.count == 1, let first = running.first, !first.reader.isAlive, attemptCount < limits.attempts,
            !candidates.freeOnly || limits.hedgesFree,
            let upcoming = candidates.peek(ledger: ledgers.failures, now: now),
            !upcoming.isFree || mayHedgeForFree(now: now), let next = nextModel(now: now)
        else { return [] }
        return [.reportStep(.hedged(model: next.model.id))] + start(next, now: now)
    }

    /// A free request is worth more than a second's wait: where it is short, it is kept.
    private func mayHedgeForFree(now: Moment) -> Bool {
        limits.hedgesFree && attemptsAllowed(now) > freeAttemptCount && ledgers.turns.count == 0
            && ledgers.failures.accountCoolDown(now: now) == nil && ledgers.budget.admission(now: now) == .granted
    }

    /// Shows a waiting client that its request is alive, as many give up after a minute without a word.
    private func beatHeart(now: Moment) -> [ExchangeAction] {
        heartbeatDeadline = now.monotonic + limits.heartbeat
        door.heartbeat(candidates.requestedName, now, output)
        return beginStream(model: nil, now: now)
    }

    // MARK: Ends of attempts

    private func follow(
        _ verdict: AttemptReader.Verdict, of attempt: Attempt, now: Moment, transferIsOver: Bool
    ) -> [ExchangeAction] {
        switch verdict {
        case .pending: return []
        case .answered: return answered(attempt, now: now, transferIsOver: transferIsOver)
        case .failed(let failure): return failed(failure, attempt, now: now, transferIsOver: transferIsOver)
        }
    }

    private func answered(_ attempt: Attempt, now: Moment, transferIsOver: Bool) -> [ExchangeAction] {
        // As a rule no other runs beside it: its first word has ended those.
        var actions = running.filter { $0 !== attempt }.map { cancel($0, now: now) }
        attempt.isRunning = false
        running = []
        model = attempt.model
        traces.append(AttemptTrace(of: attempt, .answered, now: now))
        if !transferIsOver { actions.append(.releaseAttempt(attempt)) }
        // Only now: a model that always breaks off has not succeeded by having begun.
        ledgers.failures.noteSuccess(of: attempt.model.id)
        notePerformance(of: attempt, now: now)
        if door.streams {
            // An answer that is taken up may end without another word.
            if !attempt.isTrusted { actions += commit(attempt, now: now) }
        } else {
            output = attempt.staging
            actions.append(
                .sendWhole(head(status: 200, contentType: door.contentType, model: attempt.model, now: now)))
        }
        return actions + finish(.answered, status: 200, reader: attempt.reader, now: now)
    }

    private func notePerformance(of attempt: Attempt, now: Moment) {
        let times = attempt.reader.times
        // Times say something of an answer that came word by word, from its first.
        let isTimed = door.streamsUpstream && !attempt.reader.isContinuation
        ledgers.performance.noteSuccess(
            of: attempt.model.id,
            firstToken: isTimed ? times.firstToken.monotonic - attempt.started.monotonic : nil,
            answer: times.ended.monotonic - times.firstToken.monotonic,
            tokens: attempt.reader.usage?.completionTokens ?? 0, now: now)
    }

    // MARK: Ends

    /// Ends the exchange with an error: as the whole reply, or as the last words of one that has begun.
    func fail(
        with error: RequestError, outcome: ExchangeReport.Outcome = .failed, now: Moment
    ) -> [ExchangeAction] {
        if headIsSent {
            door.errors.appendLast(status: error.status, message: error.message, to: output)
            return finish(outcome, status: 200, now: now)
        }
        output.removeAll()
        output.append(door.errors.body(status: error.status, message: error.message))
        var head = head(status: error.status, contentType: MediaType.json, model: nil, now: now)
        head.retryAfter = error.retryAfter
        return [.sendWhole(head)] + finish(outcome, status: error.status, now: now)
    }

    func head(status: Int, contentType: StaticString, model: Model?, now: Moment) -> ReplyHead {
        let isCounted = candidates.freeOnly || self.model?.isFree == true
        return ReplyHead(
            status: status, contentType: contentType, model: model?.id, attempts: attemptCount,
            budgetRemaining: isCounted ? ledgers.budget.remainingToday(now: now) : nil)
    }

    private func finish(
        _ outcome: ExchangeReport.Outcome, status: Int, reader: AttemptReader? = nil, now: Moment
    ) -> [ExchangeAction] {
        state = .finished
        leaveQueue(now: now)
        (heartbeatDeadline, totalDeadline, hedgeDeadline) = (.never, .never, .never)
        let reader = reader ?? committedReader
        let report = ExchangeReport(
            outcome: outcome, requestedName: candidates.requestedName, model: model?.id, attempts: attemptCount,
            status: status, waited: waited,
            timeToFirstToken: reader.flatMap { reader in
                reader.hasSpoken || isCommitted ? reader.times.firstToken.monotonic - received.monotonic : nil
            },
            usage: reader?.totalUsage, traces: traces)
        committedReader = nil
        return [.finish(report)]
    }
}
