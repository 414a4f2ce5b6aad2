import OllamaProxy

/// An exchange machine with everything around it played by the fuzzer's bytes.
final class ExchangeRun {
    private let machine: ExchangeMachine
    private(set) var now = Examples.now
    /// The attempts whose transfers are under way, in the order they were begun.
    private(set) var transfers: [Attempt] = []
    private(set) var isStream = false
    private(set) var status = 0
    private(set) var headCount = 0
    private(set) var finishCount = 0
    private(set) var outcome: ExchangeRecord.Outcome?

    init?(_ door: Door, limits: ExchangeMachine.Limits, hidesThinking: Bool) {
        let body = ByteBuffer(#"{"model":"x","messages":[]}"#)
        let catalog = Examples.catalog()
        let ledgers = Ledgers()
        guard
            let candidates = try? CandidateSequence(
                for: "auto", in: catalog, performance: ledgers.performance, now: now)
        else { return nil }
        machine = ExchangeMachine(
            door: door,
            request: UpstreamRequest(
                forwarding: body,
                edits: [.init(range: 9..<12, kind: .model), .init(range: 25..<25, kind: .continuation(isFirst: true))]),
            candidates: candidates, hidesThinking: hidesThinking, remoteHost: "https://upstream.example",
            limits: limits, ledgers: ledgers, secret: Secret(Examples.key), received: now)
        perform(machine.begin(now: now))
    }

    var reply: ByteBuffer { machine.output }

    func head(of attempt: Attempt, status: Int, contentType: String) {
        machine.upstreamHead(of: attempt, status: status, contentType: contentType, hints: .init())
    }

    func bytes(_ bytes: Bytes, of attempt: Attempt) {
        perform(machine.upstreamBytes(bytes, of: attempt, now: now))
    }

    func end(_ end: AttemptReader.TransferEnd, of attempt: Attempt) {
        transfers.removeAll { $0 === attempt }
        perform(machine.upstreamEnded(end, of: attempt, now: now))
    }

    func wait(seconds: Int) {
        now = now + .seconds(seconds)
        // Several things may be due, each by a call of its own.
        for _ in 0..<20 {
            guard let deadline = machine.deadline, deadline <= now.monotonic else { return }
            perform(machine.deadlineReached(now: now))
        }
        fatalError("a deadline is not moved however often it is reached")
    }

    func clientLeaves() { perform(machine.clientLeft(now: now)) }

    func turnComes() { perform(machine.turnCame(now: now)) }

    func shutDown() { perform(machine.shutDown(now: now)) }

    private func perform(_ actions: [ExchangeAction]) {
        for action in actions {
            expect(finishCount == 0, "an action after the end: \(action)")
            switch action {
            case .startAttempt(let attempt): start(attempt)
            case .cancelAttempt(let attempt), .releaseAttempt(let attempt): transfers.removeAll { $0 === attempt }
            case .beginStream(let head):
                headCount += 1
                (isStream, status) = (true, head.status)
            case .sendWhole(let head):
                headCount += 1
                status = head.status
            case .finish(let report):
                finishCount += 1
                outcome = report.outcome
                expect(transfers.isEmpty, "an attempt outlives its exchange")
            case .forgetBody, .awaitTurn, .reportFailure, .reportStep, .refreshModels: break
            }
        }
    }

    private func start(_ attempt: Attempt) {
        guard attempt.isRunning else { return }
        expect(attempt.model.isFreeChat, "\(attempt.model.id) is asked in free mode")
        guard let body = machine.body(for: attempt)?.joined() else { return expect(false, "an attempt without a body") }
        expect(JSONTree(body)?["model"] == .string(attempt.model.id), "the body is wrong: \(body.text)")
        transfers.append(attempt)
    }
}
