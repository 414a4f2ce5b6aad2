import OllamaProxy

/// Several attempts, time and the client in any order: each exchange ends once, with a reply of the right shape.
enum ExchangeTarget {
    private static let doors = AnswerTarget.chatDoors + AnswerTarget.responsesDoors + AnswerTarget.messagesDoors

    static func run(_ bytes: Bytes) {
        var input = FuzzInput(bytes)
        let door = input.choice(of: doors)
        let flags = input.byte()
        let limits = ExchangeMachine.Limits(
            attempts: Int(flags & 3) + 1, firstToken: .seconds(20), idle: .seconds(30),
            total: .seconds(flags & 4 == 0 ? 0 : 90),
            heartbeat: .seconds(flags & 8 == 0 ? 0 : 7), queue: .seconds(30), hedge: .seconds(flags & 16 == 0 ? 0 : 5),
            hedgesFree: true,
            continuesStreams: flags & 32 != 0)
        guard let run = ExchangeRun(door, limits: limits, hidesThinking: flags & 64 != 0) else {
            fatalError("no exchange")
        }
        while !input.rest.isEmpty { step(run, &input) }
        // What was given up brings nothing any more, and a reply to nobody need not be whole.
        run.shutDown()
        if run.outcome != .clientLeft { ReplyShape(door: door).check(run) }
    }

    private static func step(_ run: ExchangeRun, _ input: inout FuzzInput) {
        let code = input.byte()
        // The upper half decides which of the attempts under way is meant.
        guard !run.transfers.isEmpty else { return elsewhere(code, run) }
        let attempt = run.transfers[Int(code >> 4) % run.transfers.count]
        switch code & 15 {
        case 0: run.head(of: attempt, status: 200, contentType: "text/event-stream")
        case 1: run.head(of: attempt, status: 200, contentType: "application/json")
        case 2:
            run.head(
                of: attempt, status: input.choice(of: [400, 401, 402, 403, 404, 408, 413, 429, 500, 502, 503]),
                contentType: "application/json")
        case 3, 4, 5:
            let count = Int(input.byte())
            withCopy(of: input.bytes(atMost: count)) { run.bytes($0, of: attempt) }
        case 6, 7, 8, 9: phrases[Int(input.byte()) % phrases.count].withBytes { run.bytes($0, of: attempt) }
        case 10: run.end(.complete, of: attempt)
        case 11: run.end(.failed("reset"), of: attempt)
        case 12: run.end(.unreachable("refused"), of: attempt)
        default: elsewhere(code, run)
        }
    }

    private static func elsewhere(_ code: UInt8, _ run: ExchangeRun) {
        switch code {
        case 0xFF: run.clientLeaves()
        case 0xFE: run.turnComes()
        default: run.wait(seconds: Int(code >> 4) * 4)
        }
    }

    /// What upstreams say, so that the fuzzer need not find the words.
    private static let phrases = [
        ": PROCESSING\n\n",
        "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n",
        "data: {\"id\":\"a\",\"choices\":[{\"delta\":{\"content\":\"word \"}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"<think>hm\"}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"</think> \"}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"reasoning\":\"hm\"}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"{\"}}]}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"}\"}}]}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"error\"}]}\n\n",
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":5}}\n\n",
        "data: {\"error\":{\"code\":429,\"message\":\"slow down\"}}\n\n",
        "data: [DONE]\n\n",
        "{\"choices\":[{\"message\":{\"content\":\"word\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1}}",
        "{\"error\":{\"code\":503,\"message\":\"no provider\",\"metadata\":{\"raw\":\"sk-or-fuzz\"}}}",
        "data: {\"type\":\"response.output_text.delta\",\"delta\":\"word\"}\n\n",
        "data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\"}}\n\n",
        "data: {\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":\"server_error\",\"message\":\"no\"}}}\n\n",
        "{\"status\":\"completed\",\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"word\"}]}]}",
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"word\"}}\n\n",
        "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":5}}\n\n",
        "data: {\"type\":\"message_stop\"}\n\n",
        "{\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":\"word\"}],\"stop_reason\":\"end_turn\"}",
    ]
}
