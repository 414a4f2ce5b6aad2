import Foundation
import OllamaProxy

/// An exchange machine with everything around it played by the test: the clock, the upstream and the client.
struct ExchangeStage {
    static let models = [
        model("v/first:free", context: 3000), model("v/second:free", context: 2000),
        model("v/third:free", context: 1000),
    ]

    var machine: ExchangeMachine
    let ledger: FailureLedger
    var now = 0.0
    /// The names of all actions so far, in order.
    var actions: [String] = []
    var heads: [ReplyHead] = []
    var reports: [AttemptReport] = []
    var ends: [ExchangeReport] = []

    init(
        _ door: Door, asking name: String = "v/first:free", models: [Model] = models, freeOnly: Bool = true,
        hidesThinking: Bool = false, limits: ExchangeMachine.Limits = .init(heartbeat: 0),
        ledger: FailureLedger = FailureLedger()
    ) throws {
        let catalog = Catalog(models, selection: .init(freeOnly: freeOnly))
        let body = ByteBuffer(#"{"model":"x","messages":[]}"#)
        self.ledger = ledger
        machine = ExchangeMachine(
            door: door, request: UpstreamRequest(forwarding: body, edits: [.init(range: 9..<12, kind: .model)]),
            candidates: try CandidateSequence(for: name, in: catalog), hidesThinking: hidesThinking,
            remoteHost: "https://upstream.example", limits: limits, ledger: ledger,
            secret: Secret("sk-secret"), received: .at(0))
    }

    mutating func begin() {
        perform(machine.begin(now: .at(now)))
    }

    mutating func head(_ status: Int = 200, _ contentType: String = "text/event-stream", retryAfter: Int? = nil) {
        machine.upstreamHead(
            status: status, contentType: contentType, hints: .init(retryAfterSeconds: retryAfter))
    }

    mutating func bytes(_ text: String, pieces: Int = .max) {
        bytes(Array(text.utf8), pieces: pieces)
    }

    mutating func bytes(_ bytes: [UInt8], pieces: Int = .max) {
        forEachPiece(of: bytes, size: min(pieces, max(1, bytes.count))) { piece in
            perform(machine.upstreamBytes(piece, now: .at(now)))
        }
    }

    mutating func end(_ end: AttemptReader.TransferEnd = .complete) {
        perform(machine.upstreamEnded(end, now: .at(now)))
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
            case .startAttempt(let model): actions.append("start \(model.id)")
            case .cancelAttempt: actions.append("cancel")
            case .releaseAttempt: actions.append("release")
            case .beginStream(let head):
                actions.append("stream")
                heads.append(head)
            case .sendWhole(let head):
                actions.append("whole \(head.status)")
                heads.append(head)
            case .reportAttempt(let report):
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
