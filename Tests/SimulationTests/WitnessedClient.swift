import Foundation
import OllamaProxy
import Simulation

/// Watches one exchange and records everything that should not be.
final class WitnessedClient: ExchangeSurroundings {
    /// What holds for the whole run.
    struct Rules {
        var freeOnly: Bool
        var maxPricePerMillion: Double?
        var limits: ExchangeMachine.Limits
    }

    private let rules: Rules
    private let door: Door
    private let received: Moment
    private let upstream: RandomUpstream
    private let counter: CountingUpstream
    private var random: SplitMix64
    /// Reads only when it is told to, and makes the upstream wait when so many bytes are unread.
    let isSlow: Bool
    let mark: Int
    private(set) var violations: [String] = []
    /// What happened to this client that not every client meets.
    private(set) var events: Set<ScriptedRun.Event> = []
    private(set) var reply: [UInt8] = []
    private var head: ReplyHead?
    private var isStream = false
    private var bodyIsForgotten = false
    private(set) var report: ExchangeRecord?
    /// By number.
    private var attempts: [Int: AttemptState] = [:]
    private var hasBrokenMidway = false

    private struct AttemptState {
        var isOver = false
        var hasFailed = false
        var text: String?
    }

    init(
        door: Door, rules: Rules, upstream: RandomUpstream, counter: CountingUpstream, received: Moment,
        random: SplitMix64
    ) {
        self.door = door
        self.rules = rules
        self.upstream = upstream
        self.counter = counter
        self.received = received
        self.random = random
        isSlow = self.random.chance(0.3)
        mark = isSlow ? self.random.integer(1...300) : 64 << 10
    }

    private func require(_ isTrue: Bool, _ violation: @autoclosure () -> String) {
        if !isTrue { violations.append(violation()) }
    }

    // MARK: Upstream

    func answer(to attempt: Attempt, body: ByteBuffer, now: Moment) -> UpstreamScript {
        let model = attempt.model
        let price = max(Double(model.prices.prompt) ?? .infinity, Double(model.prices.completion) ?? .infinity)
        if rules.freeOnly {
            require(price == 0 && model.isFreeChat, "\(model.id) was asked in free mode, at \(price)")
        } else if let most = rules.maxPricePerMillion {
            require(price >= 0 && price * 1e6 <= most + 1e-9, "\(model.id) is dearer than \(most) a million")
        }
        let fields = body.withBytes { try? JSONSerialization.jsonObject(with: Data($0)) } as? [String: Any]
        require(fields?["model"] as? String == model.id, "the body names another model: \(body.text)")
        if rules.freeOnly || rules.maxPricePerMillion != nil {
            let dear = rules.freeOnly ? ["models", "route", "service_tier", "plugins"] : ["models", "route"]
            require(
                dear.allSatisfy { fields?[$0] == nil },
                "what may cost money is in the body: \(body.text)")
        }
        let answer = upstream.answer(asStream: door.streamsUpstream, &random)
        attempts[attempt.number]?.text = answer.text
        if answer.arrives, model.isFree { counter.count(start: now, way: .seconds(random.double(0...0.9))) }
        return answer.script
    }

    func transferEnds(of attempt: Attempt, now: Moment) {
        end(attempt, "ends")
    }

    private func end(_ attempt: Attempt, _ how: String) {
        require(
            attempts[attempt.number]?.isOver == false, "attempt \(attempt.number) \(how) and was over, or never begun")
        attempts[attempt.number]?.isOver = true
    }

    // MARK: Actions

    func noticed(_ action: ExchangeAction, now: Moment) {
        require(report == nil, "an action after the end: \(action)")
        switch action {
        case .startAttempt(let attempt):
            require(attempts[attempt.number] == nil, "attempt \(attempt.number) is begun twice")
            require(!bodyIsForgotten, "attempt \(attempt.number) is begun without a body")
            attempts[attempt.number] = AttemptState()
            let running = attempts.values.count { !$0.isOver }
            require(running <= (rules.limits.hedge > .zero ? 2 : 1), "\(running) attempts at once")
            require(attempts.count <= rules.limits.attempts, "\(attempts.count) attempts")
        case .cancelAttempt(let attempt):
            end(attempt, "is cancelled")
            attempts[attempt.number]?.hasFailed = true
        case .releaseAttempt(let attempt): end(attempt, "is released")
        case .reportFailure(let failed):
            require(attempts[failed.record.number]?.isOver == true, "attempt \(failed.record.number) fails and goes on")
            attempts[failed.record.number]?.hasFailed = true
            if failed.record.wasCommitted {
                hasBrokenMidway = true
                events.insert(.brokenMidway)
            }
        case .beginStream(let head):
            require(self.head == nil, "a second head")
            require(door.streams, "a stream where none was asked for")
            self.head = head
            isStream = true
        case .sendWhole(let head):
            require(self.head == nil, "a second head")
            self.head = head
        case .finish(let report):
            self.report = report
            require(attempts.values.allSatisfy(\.isOver), "an attempt outlives its exchange")
            checkTime(now)
            record(report)
        case .reportStep(.queued): events.insert(.queued)
        case .reportStep(.hedged): events.insert(.hedged)
        case .reportStep(.resumed): events.insert(.resumed)
        case .forgetBody: bodyIsForgotten = true
        case .awaitTurn, .refreshModels: break
        }
    }

    private func record(_ report: ExchangeRecord) {
        switch report.outcome {
        case .answered:
            events.insert(.answered)
            if attempts.count > 1 { events.insert(.answeredByAnother) }
            if hasBrokenMidway { events.insert(.mended) }
        case .failed: events.insert(.failed)
        case .clientLeft: events.insert(.clientLeft)
        case .shutDown: events.insert(.shutDown)
        }
    }

    private func checkTime(_ now: Moment) {
        let most = rules.limits.total
        guard most > .zero else { return }
        require(now.monotonic - received.monotonic <= most, "it takes longer than \(most.secondsRoundedUp) s")
    }

    func deadlineStands(_ deadline: Instant, now: Moment) {
        violations.append("the deadline \(deadline) was not moved at \(now.monotonic)")
    }

    // MARK: Reply

    func read(_ output: ByteBuffer, now: Moment) {
        if isSlow, output.count >= mark { events.insert(.paused) }
        if !isSlow { take(output) }
    }

    /// Takes all there is.
    func take(_ output: ByteBuffer) {
        guard head != nil else { return }
        reply += output.withBytes { Array($0) }
        output.removeAll()
    }

    /// Everything has happened.
    func checkEnd() {
        guard let report else { return violations.append("it never ends") }
        if report.outcome == .clientLeft { return }
        guard let head else { return violations.append("no reply, and \(report.outcome)") }
        let check = ReplyCheck(reply, door: door)
        violations += isStream ? check.stream(report.outcome) : check.whole(report.outcome, status: head.status)
        if report.outcome == .answered { checkText(check) }
    }

    /// An answer that came whole from one model is the client's to the letter.
    private func checkText(_ check: ReplyCheck) {
        let answering = attempts.filter { !$0.value.hasFailed }
        require(answering.count == 1, "\(answering.count) attempts answered")
        guard let text = answering.first?.value.text else { return }
        guard !hasBrokenMidway else {
            return require(check.text.hasSuffix(text), "the client reads \"\(check.text)\", and \"\(text)\" took it up")
        }
        events.insert(.comparedToTheLetter)
        require(check.text == text, "the client reads \"\(check.text)\" of \"\(text)\"")
    }
}
