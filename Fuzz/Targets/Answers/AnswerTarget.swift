import OllamaProxy

/// What the upstream answers, through the reader and the translator of each door: the reply has the right shape, and
/// is the same however the answer is cut.
enum AnswerTarget {
    static let chatDoors: [Door] = [true, false].flatMap { stream in
        [
            .ollamaChat(stream: stream), .ollamaGenerate(stream: stream), .openAIChat(stream: stream),
            .openAICompletion(stream: stream, includesUsage: stream),
        ]
    }
    static let responsesDoors = [Door.responses(stream: true), .responses(stream: false)]
    static let messagesDoors = [Door.messages(stream: true), .messages(stream: false)]
    static let embedDoors = [
        Door.ollamaEmbed(count: 1, isLegacy: false), .ollamaEmbed(count: 2, isLegacy: false),
        .ollamaEmbed(count: 1, isLegacy: true), .openAIEmbeddings,
    ]

    private struct Answer {
        let status: Int
        let contentType: String
        let end: AttemptReader.TransferEnd
        let hidesThinking: Bool
        let body: Bytes
    }

    static func run(_ bytes: Bytes, doors: [Door]) {
        var input = FuzzInput(bytes)
        let door = input.choice(of: doors)
        let flags = input.byte()
        let pattern = input.byte()
        let answer = Answer(
            status: flags & 0xC0 == 0xC0 ? [400, 402, 429, 503][Int(flags & 3)] : 200,
            contentType: (flags & 1 == 0) == door.streamsUpstream ? "text/event-stream" : "application/json",
            end: flags & 2 == 0 ? .complete : .failed("reset"), hidesThinking: flags & 4 != 0, body: input.rest)
        let whole = exchange(door, answer, pattern: nil)
        let cut = exchange(door, answer, pattern: pattern)
        ReplyShape(door: door).check(whole)
        expect(
            whole.reply.text == cut.reply.text && whole.outcome == cut.outcome && whole.status == cut.status,
            "another reply in pieces: \(cut.reply.text) for \(whole.reply.text)")
    }

    private static func exchange(_ door: Door, _ answer: Answer, pattern: UInt8?) -> ExchangeRun {
        let limits = ExchangeMachine.Limits(attempts: 1, heartbeat: .zero)
        guard let run = ExchangeRun(door, limits: limits, hidesThinking: answer.hidesThinking),
            let attempt = run.transfers.first
        else { fatalError("no attempt is made") }
        run.head(of: attempt, status: answer.status, contentType: answer.contentType)
        if let pattern {
            var pieces = Pieces(pattern: pattern)
            pieces.forEach(of: answer.body) { run.bytes($0, of: attempt) }
        } else {
            run.bytes(answer.body, of: attempt)
        }
        run.end(answer.end, of: attempt)
        return run
    }
}
