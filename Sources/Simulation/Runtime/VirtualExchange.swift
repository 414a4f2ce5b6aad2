import OllamaProxy

/// What is around one exchange: the upstream that answers its attempts, and the client that reads its reply.
package protocol ExchangeSurroundings: AnyObject {
    /// An attempt's request reaches the upstream.
    func answer(to attempt: Attempt, body: ByteBuffer, now: Moment) -> UpstreamScript
    /// The machine wants something done; it is performed right after.
    func noticed(_ action: ExchangeAction, now: Moment)
    /// There may be something in the output. What is not taken out counts as unread.
    func read(_ output: ByteBuffer, now: Moment)
    /// An attempt's transfer ends by itself; the machine is told right after.
    func transferEnds(of attempt: Attempt, now: Moment)
    /// The deadline that was reached is still in the past, however often the machine was called at it.
    func deadlineStands(_ deadline: Instant, now: Moment)
}

extension ExchangeSurroundings {
    package func transferEnds(of attempt: Attempt, now: Moment) {}
}

/// Performs what one exchange machine decides, as the proxy's own runtime does, on the virtual clock.
package final class VirtualExchange {
    private let machine: ExchangeMachine
    private unowned let runtime: VirtualRuntime
    private let surroundings: any ExchangeSurroundings
    /// With so much unread by the client, the upstream is not read any further.
    private let highWaterMark: Int
    private var transfers: [VirtualTransfer] = []
    /// When a call is scheduled for; nil for none.
    private var wakeTime: Span?
    private(set) package var isFinished = false

    /// Calls at one deadline, each of which may do one of several things that are due.
    private static let mostCallsAtOnce = 20

    init(
        _ machine: ExchangeMachine, runtime: VirtualRuntime, surroundings: any ExchangeSurroundings, highWaterMark: Int
    ) {
        self.machine = machine
        self.runtime = runtime
        self.surroundings = surroundings
        self.highWaterMark = highWaterMark
    }

    private var now: Moment { runtime.schedule.now }

    var arrival: TurnQueue.Arrival { machine.arrival }

    func begin() { perform(machine.begin(now: now)) }

    func turnCame() { perform(machine.turnCame(now: now)) }

    package func clientLeaves() { perform(machine.clientLeft(now: now)) }

    package func shutDown() { perform(machine.shutDown(now: now)) }

    /// The client has read, or could have.
    package func clientReads() {
        surroundings.read(machine.output, now: now)
        guard machine.output.count < highWaterMark, transfers.contains(where: \.isHeld) else { return }
        machine.upstreamPaused(false, now: now)
        updateWake()
        for transfer in transfers where transfer.isHeld { transfer.resume() }
    }

    // MARK: Upstream

    fileprivate func takesBytes() -> Bool {
        guard machine.isStreaming, machine.output.count >= highWaterMark else { return true }
        machine.upstreamPaused(true, now: now)
        return false
    }

    fileprivate func perform(_ step: UpstreamScript.Step, of transfer: VirtualTransfer) {
        switch step {
        case .head(let status, let contentType, let hints):
            machine.upstreamHead(of: transfer.attempt, status: status, contentType: contentType, hints: hints)
        case .bytes(let bytes):
            perform(bytes.withUnsafeBufferPointer { machine.upstreamBytes($0, of: transfer.attempt, now: now) })
        case .end(let end):
            transfers.removeAll { $0 === transfer }
            surroundings.transferEnds(of: transfer.attempt, now: now)
            perform(machine.upstreamEnded(end, of: transfer.attempt, now: now))
        }
    }

    // MARK: Actions

    private func perform(_ actions: [ExchangeAction]) {
        for action in actions {
            surroundings.noticed(action, now: now)
            switch action {
            case .startAttempt(let attempt): start(attempt)
            case .cancelAttempt(let attempt), .releaseAttempt(let attempt):
                for transfer in transfers where transfer.attempt === attempt { transfer.isOver = true }
                transfers.removeAll { $0.attempt === attempt }
            case .awaitTurn: runtime.awaitTurn(self)
            case .finish:
                isFinished = true
                runtime.ended(self)
            case .forgetBody, .beginStream, .sendWhole, .reportFailure, .reportStep, .refreshModels: break
            }
        }
        updateWake()
        surroundings.read(machine.output, now: now)
    }

    private func start(_ attempt: Attempt) {
        guard attempt.isRunning, let body = machine.body(for: attempt) else { return }
        let script = surroundings.answer(to: attempt, body: body.joined(), now: now)
        let transfer = VirtualTransfer(attempt, script: script, exchange: self, schedule: runtime.schedule)
        transfers.append(transfer)
        transfer.scheduleNext()
    }

    // MARK: Time

    private func updateWake() {
        guard let deadline = machine.deadline else { return }
        let time = runtime.schedule.elapsed(at: deadline)
        if let wakeTime, wakeTime <= time { return }
        wakeTime = time
        runtime.schedule.at(time) { [self] in wake(time) }
    }

    private func wake(_ time: Span) {
        guard wakeTime == time else { return }
        wakeTime = nil
        var calls = 0
        while let deadline = machine.deadline, deadline <= now.monotonic, !isFinished {
            calls += 1
            guard calls <= Self.mostCallsAtOnce else { return surroundings.deadlineStands(deadline, now: now) }
            perform(machine.deadlineReached(now: now))
        }
        updateWake()
    }
}

/// What one attempt is still to be answered.
final class VirtualTransfer {
    let attempt: Attempt
    var isOver = false
    /// Whether its next step is due and waits for the client to read.
    private(set) var isHeld = false
    private let script: UpstreamScript
    private let exchange: VirtualExchange
    private let schedule: EventSchedule
    private let start: Span
    private var next = 0

    init(_ attempt: Attempt, script: UpstreamScript, exchange: VirtualExchange, schedule: EventSchedule) {
        self.attempt = attempt
        self.script = script
        self.exchange = exchange
        self.schedule = schedule
        start = schedule.elapsed
    }

    func scheduleNext() {
        guard !isOver, next < script.steps.count else { return }
        schedule.at(start + script.steps[next].after) { [self] in deliver() }
    }

    func resume() {
        isHeld = false
        schedule.after(.zero) { [self] in deliver() }
    }

    private func deliver() {
        guard !isOver else { return }
        let step = script.steps[next].step
        // Neither more bytes nor the end are noticed of a transfer that is not read.
        guard exchange.takesBytes() else {
            isHeld = true
            return
        }
        next += 1
        exchange.perform(step, of: self)
        scheduleNext()
    }
}
