/// Tells a completion as Anthropic's messages do.
struct MessagesWriter {
    let completion: Completion
    let model: String

    private var stopReason: JSONValue {
        switch completion.finishReason {
        case nil: .null
        case "stop": "end_turn"
        case "length": "max_tokens"
        case "tool_calls": "tool_use"
        case let reason?: .string(reason)
        }
    }

    private func usage(output: JSONValue) -> JSONValue {
        [
            "input_tokens": completion.tokenCounts.prompt, "output_tokens": output, "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0, "cache_creation": nil, "inference_geo": nil, "output_tokens_details": nil,
            "server_tool_use": nil, "service_tier": "standard",
        ]
    }

    private func message(content: JSONValue, stopReason: JSONValue, output: JSONValue) -> JSONValue {
        [
            "id": .string(GenerationIdentifier.placeholder), "type": "message", "role": "assistant", "container": nil,
            "content": content, "model": .string(model), "stop_reason": stopReason, "stop_details": nil,
            "stop_sequence": nil, "usage": usage(output: output),
        ]
    }

    /// The whole answer.
    var body: JSONValue {
        var blocks: [JSONValue] = []
        if !completion.reasoning.isEmpty {
            blocks.append(
                ["type": "thinking", "thinking": .string(completion.reasoning.joined()), "signature": "fake"])
        }
        if !completion.content.isEmpty {
            blocks.append(["type": "text", "text": .string(completion.content.joined()), "citations": nil])
        }
        for call in completion.toolCalls {
            blocks.append(
                [
                    "type": "tool_use", "id": .string(call.identifier), "name": .string(call.name),
                    "caller": ["type": "direct"], "input": (try? JSONValue(parsing: Array(call.arguments.utf8))) ?? [:],
                ])
        }
        return message(
            content: .array(blocks), stopReason: stopReason, output: completion.tokenCounts.completion)
    }

    static func error(_ error: JSONValue) -> JSONValue {
        ["type": "error", "error": ["type": "api_error", "message": error["message"] ?? "no reason given"]]
    }

    func events() -> EventSequence {
        var spoken: [[UInt8]] = []
        var index = 0
        /// Every block begins with its first delta and ends with its last.
        func add(block: JSONValue, deltas: [JSONValue], closing: [JSONValue] = []) {
            guard !deltas.isEmpty else { return }
            let last = deltas.count - 1
            for (position, value) in deltas.enumerated() {
                var bytes: [UInt8] = []
                if position == 0 {
                    bytes += EventSequence.named(
                        ["type": "content_block_start", "index": .int(index), "content_block": block])
                }
                bytes += delta(value, index)
                if position == last {
                    for value in closing { bytes += delta(value, index) }
                    bytes += EventSequence.named(["type": "content_block_stop", "index": .int(index)])
                }
                spoken.append(bytes)
            }
            index += 1
        }
        add(
            block: ["type": "thinking", "thinking": "", "signature": ""],
            deltas: completion.reasoning.map { ["type": "thinking_delta", "thinking": .string($0)] },
            closing: [["type": "signature_delta", "signature": "fake"]])
        let words = completion.content.map { ["type": "text_delta", "text": .string($0)] as JSONValue }
        let textIndex = index
        add(block: ["type": "text", "text": "", "citations": nil], deltas: words)
        for call in completion.toolCalls {
            add(
                block: [
                    "type": "tool_use", "id": .string(call.identifier), "name": .string(call.name), "input": [:],
                    "caller": ["type": "direct"],
                ],
                // The first says nothing, as the official API has it.
                deltas: ([""] + call.argumentFragments).map {
                    ["type": "input_json_delta", "partial_json": .string($0)]
                })
        }

        let start: JSONValue = [
            "type": "message_start", "message": message(content: [], stopReason: nil, output: 1),
        ]
        return EventSequence(
            opening: [EventSequence.named(start), EventSequence.named(["type": "ping"])], spoken: spoken,
            repeated: words.map { delta($0, textIndex) }, closing: closing,
            error: EventSequence.named(Self.error(Completion.defaultError)),
            done: EventSequence.named(["type": "message_stop"]))
    }

    private func delta(_ value: JSONValue, _ index: Int) -> [UInt8] {
        EventSequence.named(["type": "content_block_delta", "index": .int(index), "delta": value])
    }

    private var closing: [[UInt8]] {
        var events: [[UInt8]] = []
        if completion.finishReason != nil {
            events.append(
                EventSequence.named([
                    "type": "message_delta",
                    "delta": [
                        "stop_reason": stopReason, "stop_sequence": nil, "stop_details": nil, "container": nil,
                    ],
                    "usage": usage(output: completion.tokenCounts.completion),
                ]))
        }
        if completion.done ?? true { events.append(EventSequence.named(["type": "message_stop"])) }
        return events
    }
}
