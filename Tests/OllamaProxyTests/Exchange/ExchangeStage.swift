import Foundation
import OllamaProxy

/// An exchange machine with everything around it played by the test: the clock, the upstream and the client.
struct ExchangeStage {
    static let models = [
        model("v/first:free", context: 3000), model("v/second:free", context: 2000),
        model("v/third:free", context: 1000),
    ]

    var machine: ExchangeMachine
    let ledgers: Ledgers
    var ledger: FailureLedger { ledgers.failures }
    /// Every attempt so far, in order.
    var attempts: [Attempt] = []
    var steps: [ExchangeStep] = []
    var now = 0.0
    /// The names of all actions so far, in order.
    var actions: [String] = []
    var heads: [ReplyHead] = []
    var reports: [FailedAttempt] = []
    var ends: [ExchangeRecord] = []
    /// The attempts whose requests will not be sent again, by their numbers.
    var bodiesForgotten: [Int] = []

    init(
        _ door: Door, asking name: String = "v/first:free", models: [Model] = models, freeOnly: Bool = true,
        needs: RequestNeeds = RequestNeeds(), hidesThinking: Bool = false,
        limits: ExchangeMachine.Limits = .init(heartbeat: .zero), ledger: FailureLedger = FailureLedger(),
        ledgers: Ledgers? = nil, received: Double = 0, _ change: (inout Catalog.Selection) -> Void = { _ in }
    ) throws {
        var selection = Catalog.Selection(freeOnly: freeOnly)
        change(&selection)
        let catalog = Catalog(models, selection: selection)
        let body = ByteBuffer(#"{"model":"x","messages":[]}"#)
        self.ledgers = ledgers ?? Ledgers(failures: ledger)
        now = received
        machine = ExchangeMachine(
            door: door,
            request: UpstreamRequest(
                forwarding: body,
                edits: [.init(range: 9..<12, kind: .model), .init(range: 25..<25, kind: .continuation(isFirst: false))]),
            needs: needs,
            candidates: try CandidateSequence(
                for: name, needs: needs, in: catalog, performance: self.ledgers.performance, now: .at(received)),
            hidesThinking: hidesThinking, remoteHost: "https://upstream.example", limits: limits,
            ledgers: self.ledgers, secret: Secret("sk-secret"), received: .at(received))
    }

    mutating func begin() {
        perform(machine.begin(now: .at(now)))
    }

    mutating func turnComes() {
        perform(machine.turnCame(now: .at(now)))
    }

    /// What follows is about the last attempt, unless another is named by its number.
    private func attempt(_ number: Int?) -> Attempt? {
        number.map { number in attempts[number - 1] } ?? attempts.last
    }

    mutating func head(
        _ status: Int = 200, _ contentType: String = "text/event-stream", retryAfter: Int? = nil, of number: Int? = nil
    ) {
        guard let attempt = attempt(number) else { return }
        machine.upstreamHead(
            of: attempt, status: status, contentType: contentType,
            hints: .init(retryAfter: retryAfter.map { .seconds($0) }))
    }

    mutating func bytes(_ text: String, pieces: Int = .max, of number: Int? = nil) {
        bytes(Array(text.utf8), pieces: pieces, of: number)
    }

    mutating func bytes(_ bytes: [UInt8], pieces: Int = .max, of number: Int? = nil) {
        // All of it comes from one attempt, whichever follows meanwhile.
        guard let attempt = attempt(number) else { return }
        forEachPiece(of: bytes, size: min(pieces, max(1, bytes.count))) { piece in
            perform(machine.upstreamBytes(piece, of: attempt, now: .at(now)))
        }
    }

    mutating func end(_ end: AttemptReader.TransferEnd = .complete, of number: Int? = nil) {
        guard let attempt = attempt(number) else { return }
        perform(machine.upstreamEnded(end, of: attempt, now: .at(now)))
    }

    /// The attempt is answered with this status and error.
    mutating func fails(_ status: Int, _ body: String, retryAfter: Int? = nil, of number: Int? = nil) {
        head(status, "application/json", retryAfter: retryAfter, of: number)
        bytes(body, of: number)
        end(of: number)
    }

    mutating func wait(until time: Double) {
        now = time
        if let deadline = machine.deadline, deadline <= Moment.at(time).monotonic {
            perform(machine.deadlineReached(now: .at(time)))
        }
    }

    mutating func clientLeaves() {
        perform(machine.clientLeft(now: .at(now)))
    }

    mutating func shutDown() {
        perform(machine.shutDown(now: .at(now)))
    }

    var output: String { machine.output.text }

    /// The reply's lines as objects.
    func lines() throws -> [[String: Any]] {
        try output.split(separator: "\n").map { line in
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
        }
    }

    private mutating func perform(_ performed: [ExchangeAction]) {
        for action in performed {
            switch action {
            case .startAttempt(let attempt):
                actions.append("start \(attempt.model.id)")
                attempts.append(attempt)
            case .cancelAttempt: actions.append("cancel")
            case .releaseAttempt: actions.append("release")
            case .forgetBody(let attempt):
                bodiesForgotten.append(attempt.number)
            case .awaitTurn: actions.append("wait")
            case .reportStep(let step): steps.append(step)
            case .beginStream(let head):
                actions.append("stream")
                heads.append(head)
            case .sendWhole(let head):
                actions.append("whole \(head.status)")
                heads.append(head)
            case .reportFailure(let report):
                actions.append("failed \(report.failure.kind.rawValue)")
                reports.append(report)
            case .refreshModels: actions.append("refresh")
            case .finish(let report):
                actions.append("finish \(report.outcome.rawValue)")
                ends.append(report)
            }
        }
    }
}

/// Events as the upstream writes them.
enum Events {
    static func content(_ text: String) -> String {
        "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\(text)\"},\"finish_reason\":null}]}\n\n"
    }

    static func thinking(_ text: String) -> String {
        "data: {\"choices\":[{\"delta\":{\"content\":\"\",\"reasoning\":\"\(text)\"}}]}\n\n"
    }

    static func finish(_ reason: String = "stop") -> String {
        "data: {\"choices\":[{\"delta\":{\"content\":\"\"},\"finish_reason\":\"\(reason)\"}]}\n\n"
    }

    static func error(_ code: Int, _ message: String) -> String {
        "data: {\"choices\":[],\"error\":{\"code\":\(code),\"message\":\"\(message)\"}}\n\n"
    }

    static let usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":5}}\n\n"
    static let comment = ": OPENROUTER PROCESSING\n\n"
    static let done = "data: [DONE]\n\n"
}
