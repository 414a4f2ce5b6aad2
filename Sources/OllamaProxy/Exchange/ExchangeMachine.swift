/// Decides everything about one exchange: which model is tried, when its answer is trusted, what a failure leads to
/// and how the reply ends. It performs nothing: each input returns the actions it leads to.
///
/// ```
///            begin                    first delta                  end of the answer
///  ready ────────────▶ waiting ──────────────────────▶ streaming ───────────────────▶ finished
///                       │   ▲                              │ failure: error line          ▲
///                       │   │ failure: next model          └──────────────────────────────┤
///                       │   │                                                             │
///                       └───┴── no model left, stop, client gone, shutdown ───────────────┘
/// ```
///
/// A class, because it is asked several times for each chunk and a copy would retain all that it refers to.
///
/// A reply that is not streamed stays in `waiting` until the answer is whole, so every failure before leads to the
/// next model.
package final class ExchangeMachine {
    package struct Limits: Equatable {
        /// Attempts for one request.
        package var attempts: Int
        /// Seconds until the first content, thinking or tool delta.
        package var firstToken: Int
        /// Seconds of silence in the middle of an answer.
        package var idle: Int
        /// Seconds after which a client that waits for a stream is shown a sign of life; 0 for never.
        package var heartbeat: Int

        package init(attempts: Int = 5, firstToken: Int = 30, idle: Int = 120, heartbeat: Int = 15) {
            self.attempts = attempts
            self.firstToken = firstToken
            self.idle = idle
            self.heartbeat = heartbeat
        }
    }

    private enum State {
        case ready
        case waiting
        case streaming
        case finished
    }

    /// Seconds to wait for the usage and `[DONE]` after the finish reason.
    private static let epilogueSeconds: Int64 = 5

    /// What the client has not read yet: what is streamed, or the whole of a reply that is not.
    package let output = ByteBuffer()
    /// What an attempt adds to a stream before it is trusted; dropped with the attempt.
    private let staging = ByteBuffer()
    /// When the running attempt will have been silent for too long, on the monotonic clock.
    private var attemptDeadline: Int64?
    /// When the client is due a sign of life.
    private var heartbeatDeadline: Int64?
    /// Whether the reply has begun. Heartbeats begin it before any answer is trusted; a fallback stays possible.
    private var headIsSent = false

    /// When, on the monotonic clock, `deadlineReached` wants to be called; nil for never.
    package var deadline: Int64? {
        guard let heartbeatDeadline else { return attemptDeadline }
        return min(heartbeatDeadline, attemptDeadline ?? .max)
    }

    package let door: Door
    private let request: UpstreamRequest
    private let hidesThinking: Bool
    private let remoteHost: String
    private let limits: Limits
    private let ledger: FailureLedger
    private let secret: Secret
    private let received: Moment
    private var candidates: CandidateSequence
    private var state = State.ready
    private var model: Model?
    private var reader: AttemptReader?
    private var failures: [AttemptReport] = []
    private var attempts = 0
    /// The events of the running attempt that have put the deadline off.
    private var seenEvents = 0
    /// The running attempt's finish reason has come.
    private var isInEpilogue = false

    /// - Parameters:
    ///   - hidesThinking: the client asked not to see the model think.
    ///   - remoteHost: the upstream as a URL without a path, for replies that name it.
    ///   - secret: what no reply may hold, though an upstream's error quote it.
    package init(
        door: Door, request: UpstreamRequest, candidates: CandidateSequence, hidesThinking: Bool, remoteHost: String,
        limits: Limits, ledger: FailureLedger, secret: Secret, received: Moment
    ) {
        self.door = door
        self.request = request
        self.candidates = candidates
        self.hidesThinking = hidesThinking
        self.remoteHost = remoteHost
        self.limits = limits
        self.ledger = ledger
        self.secret = secret
        self.received = received
    }

    /// Whether the reply has begun, so that output may be taken.
    package var isStreaming: Bool { headIsSent }

    /// The request's body for one model. It may share its bytes with the one made before, which must not be in use
    /// any more.
    package func body(for model: Model) -> ByteBuffer {
        request.body(for: model)
    }

    // MARK: Inputs

    /// The request is complete.
    package func begin(now: Moment) -> [ExchangeAction] {
        // The client may have left before the request was complete.
        guard state == .ready else { return [] }
        if door.streams, limits.heartbeat > 0 {
            heartbeatDeadline = now.monotonic + Int64(limits.heartbeat) * Nanoseconds.perSecond
        }
        return startNext(now: now)
    }

    /// The status line and headers of the running attempt's reply have come.
    package func upstreamHead(status: Int, contentType: String, hints: Classification.RetryHints) {
        reader?.receiveHead(status: status, contentType: contentType, hints: hints)
    }

    /// A piece of the running attempt's reply has come.
    package func upstreamBytes(_ bytes: Bytes, now: Moment) -> [ExchangeAction] {
        guard state == .waiting || state == .streaming, let reader else { return [] }
        let verdict = reader.receive(bytes, now: now, output: sink)
        var actions = commitIfDue()
        renewDeadline(now: now)
        actions += follow(verdict, now: now, transferIsOver: false)
        return actions
    }

    /// The running attempt's transfer is over.
    package func upstreamEnded(_ end: AttemptReader.TransferEnd, now: Moment) -> [ExchangeAction] {
        guard state == .waiting || state == .streaming, let reader else { return [] }
        let verdict = reader.end(end, now: now, output: sink)
        var actions = commitIfDue()
        actions += follow(verdict, now: now, transferIsOver: true)
        return actions
    }

    /// The time in `deadline` has come.
    package func deadlineReached(now: Moment) -> [ExchangeAction] {
        if let heartbeatDeadline, heartbeatDeadline <= now.monotonic { return beatHeart(now: now) }
        guard let attemptDeadline, attemptDeadline <= now.monotonic, let reader else { return [] }
        if reader.hasFinishReason {
            let verdict = reader.endWithoutUsage(now: now, output: sink)
            return follow(verdict, now: now, transferIsOver: false)
        }
        let failure =
            reader.hasSpoken
            ? Classification.idle(seconds: limits.idle) : Classification.silent(seconds: limits.firstToken)
        return follow(.failed(failure), now: now, transferIsOver: false)
    }

    /// We have stopped or started again reading from the upstream, because the client reads slowly. Silence that is
    /// our own doing proves nothing.
    package func upstreamPaused(_ isPaused: Bool, now: Moment) {
        if isPaused {
            attemptDeadline = nil
            isInEpilogue = false
        } else {
            renewDeadline(now: now)
        }
    }

    /// Nobody is there to read the reply.
    package func clientLeft(now: Moment) -> [ExchangeAction] {
        guard state != .finished else { return [] }
        let actions: [ExchangeAction] = reader == nil ? [] : [.cancelAttempt]
        return actions + finish(.clientLeft, status: 499, now: now)
    }

    /// The time to finish streams is over: the server stops.
    package func shutDown(now: Moment) -> [ExchangeAction] {
        guard state != .finished else { return [] }
        let actions: [ExchangeAction] = reader == nil ? [] : [.cancelAttempt]
        return actions + fail(with: .shuttingDown, outcome: .shutDown, now: now)
    }

    // MARK: Attempts

    private func startNext(now: Moment) -> [ExchangeAction] {
        if let rest = candidates.accountCoolDown(ledger: ledger, now: now) {
            return fail(with: accountError(rest, now: now), outcome: .failed, now: now)
        }
        guard attempts < limits.attempts, let next = candidates.next(ledger: ledger, now: now) else {
            return fail(with: exhaustedError(now: now), outcome: .failed, now: now)
        }
        attempts += 1
        seenEvents = 0
        isInEpilogue = false
        state = .waiting
        model = next
        staging.removeAll()
        if !headIsSent { output.removeAll() }
        reader = AttemptReader(
            door: door, translator: translator(for: next), hidesThinking: hidesThinking, received: received, now: now)
        attemptDeadline = now.monotonic + Int64(limits.firstToken) * Nanoseconds.perSecond
        return [.startAttempt(next)]
    }

    private func translator(for model: Model) -> any ReplyTranslator {
        switch door {
        case .ollamaChat(let stream): ollamaReply(.chat, by: model, streams: stream)
        case .ollamaGenerate(let stream): ollamaReply(.generate, by: model, streams: stream)
        case .ollamaEmbed(let count, let isLegacy):
            OllamaEmbedReply(requestedName: candidates.requestedName, count: count, isLegacy: isLegacy)
        case .openAIChat(stream: true): OpenAIStreamForwarding()
        case .openAIChat(stream: false): OpenAIBodyForwarding()
        }
    }

    private func ollamaReply(_ shape: OllamaReply.Shape, by model: Model, streams: Bool) -> OllamaReply {
        OllamaReply(
            shape, requestedName: candidates.requestedName, model: model.id, remoteHost: remoteHost, streams: streams,
            hidesThinking: hidesThinking)
    }

    /// The first word of a streamed answer commits to it.
    private func commitIfDue() -> [ExchangeAction] {
        guard state == .waiting, door.streams, let reader, reader.hasSpoken, let model else { return [] }
        state = .streaming
        heartbeatDeadline = nil
        output.append(staging)
        staging.removeAll(keepingAtMost: 0)
        guard !headIsSent else { return [] }
        headIsSent = true
        return [.beginStream(ReplyHead(status: 200, contentType: door.contentType, model: model.id))]
    }

    /// Where the running attempt writes to.
    private var sink: ByteBuffer { door.streams && state == .waiting ? staging : output }

    /// Shows a waiting client that its request is alive, as many give up after a minute without a word.
    private func beatHeart(now: Moment) -> [ExchangeAction] {
        heartbeatDeadline = now.monotonic + Int64(limits.heartbeat) * Nanoseconds.perSecond
        door.appendHeartbeat(requestedName: candidates.requestedName, now: now, to: output)
        guard !headIsSent else { return [] }
        headIsSent = true
        return [.beginStream(ReplyHead(status: 200, contentType: door.contentType))]
    }

    /// Puts the deadline off if what has come is a sign of life, which comments are not.
    private func renewDeadline(now: Moment) {
        guard let reader, !isInEpilogue else { return }
        if reader.hasFinishReason {
            isInEpilogue = true
            attemptDeadline = now.monotonic + Self.epilogueSeconds * Nanoseconds.perSecond
        } else if reader.eventCount != seenEvents || attemptDeadline == nil {
            seenEvents = reader.eventCount
            if reader.hasSpoken {
                attemptDeadline = now.monotonic + Int64(limits.idle) * Nanoseconds.perSecond
            } else if reader.isAlive {
                // Thinking that stays hidden is one too.
                attemptDeadline = now.monotonic + Int64(limits.firstToken) * Nanoseconds.perSecond
            }
        } else if door == .openAIChat(stream: false) {
            // And so are the blanks that come before a whole body.
            attemptDeadline = now.monotonic + Int64(limits.firstToken) * Nanoseconds.perSecond
        }
    }

    private func follow(
        _ verdict: AttemptReader.Verdict, now: Moment, transferIsOver: Bool
    ) -> [ExchangeAction] {
        switch verdict {
        case .pending: return []
        case .answered:
            var actions: [ExchangeAction] = transferIsOver ? [] : [.releaseAttempt]
            // Only now: a model that always breaks off has not succeeded by having begun.
            if let model { ledger.noteSuccess(of: model.id) }
            if state == .waiting, let model {
                actions.append(.sendWhole(ReplyHead(status: 200, contentType: door.contentType, model: model.id)))
            }
            return actions + finish(.answered, status: 200, now: now)
        case .failed(let failure): return fail(failure, now: now, transferIsOver: transferIsOver)
        }
    }

    // MARK: Failures

    private func fail(_ failure: Failure, now: Moment, transferIsOver: Bool) -> [ExchangeAction] {
        guard let model else { return [] }
        var failure = failure
        failure.message = secret.removed(from: failure.message)
        ledger.note(failure, of: model.id, now: now)
        let report = AttemptReport(
            number: attempts, model: model.id, failure: failure, wasCommitted: state == .streaming)
        failures.append(report)
        reader = state == .streaming ? reader : nil
        var actions: [ExchangeAction] = transferIsOver ? [] : [.cancelAttempt]
        actions.append(.reportAttempt(report))
        if failure.meansModelIsGone { actions.append(.refreshModels) }
        if state == .streaming {
            let error = RequestError(status: failure.status, message: "\(model.id): \(failure.message)")
            return actions + fail(with: error, outcome: .failed, now: now)
        }
        guard failure.decision == .nextModel else {
            var error = RequestError(status: failure.status, message: failure.message)
            if case .account = failure.coolDown, let rest = ledger.accountCoolDown(now: now) {
                error = accountError(rest, now: now, message: failure.message)
            }
            return actions + fail(with: error, outcome: .failed, now: now)
        }
        return actions + startNext(now: now)
    }

    /// Ends the exchange with an error: as the whole reply, or as the last words of one that has begun.
    private func fail(
        with error: RequestError, outcome: ExchangeReport.Outcome, now: Moment
    ) -> [ExchangeAction] {
        if headIsSent {
            door.appendError(status: error.status, message: error.message, to: output)
            return finish(outcome, status: 200, now: now)
        }
        output.removeAll()
        output.append(door.family.errorBody(status: error.status, message: error.message))
        let head = ReplyHead(
            status: error.status, contentType: MediaType.json, retryAfterSeconds: error.retryAfterSeconds)
        return [.sendWhole(head)] + finish(outcome, status: error.status, now: now)
    }

    private func accountError(
        _ rest: FailureLedger.Record, now: Moment, message: String? = nil
    ) -> RequestError {
        let wait = Int(max(1, rest.until - now.unixSeconds))
        let reason = message ?? (rest.kind == .unpaid ? "The account lacks credits." : "The free limit is reached.")
        return RequestError(
            status: rest.kind == .unpaid ? 402 : 429,
            message: "\(reason) Free models can be asked again at \(Timestamp.text(unixSeconds: rest.until)).",
            retryAfterSeconds: wait)
    }

    private func exhaustedError(now: Moment) -> RequestError {
        guard let last = failures.last else {
            return RequestError(status: 503, message: "no model can be tried")
        }
        var status = last.failure.status
        if failures.count > 1, status == 404 || !failures.allSatisfy({ $0.failure.status == status }) { status = 502 }
        var retryAfter: Int?
        if status == 429 {
            let times = failures.compactMap { ledger.coolDown(of: $0.model, now: now)?.until }
            retryAfter = times.min().map { Int(max(1, $0 - now.unixSeconds)) }
        }
        let isOneReason = failures.count > 1 && failures.allSatisfy { $0.failure.message == last.failure.message }
        let reasons =
            isOneReason
            ? last.failure.message : failures.map { "\($0.model): \($0.failure.message)" }.joined(separator: "; ")
        let message = failures.count == 1 ? reasons : "\(failures.count) models were tried and failed: \(reasons)"
        return RequestError(status: status, message: message, retryAfterSeconds: retryAfter)
    }

    private func finish(
        _ outcome: ExchangeReport.Outcome, status: Int, now: Moment
    ) -> [ExchangeAction] {
        state = .finished
        attemptDeadline = nil
        heartbeatDeadline = nil
        let report = ExchangeReport(
            outcome: outcome, requestedName: candidates.requestedName, model: model?.id, attempts: attempts,
            status: status,
            timeToFirstToken: reader.flatMap { reader in
                reader.hasSpoken ? reader.times.firstToken.monotonic - received.monotonic : nil
            },
            usage: reader?.usage)
        reader = nil
        return [.finish(report)]
    }
}
