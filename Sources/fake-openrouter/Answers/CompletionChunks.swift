/// Renders the data events of one streamed completion in OpenRouter's key order of 2026.
struct CompletionChunks {
    let model: String
    let created: Int
    private let prefix: [UInt8]

    init(model: String) {
        self.model = model
        created = Clock.epochSeconds
        prefix = Array(
            Self.envelope(model: model, created: created, object: "chat.completion.chunk").rendered.dropLast())
    }

    /// The members with which every chunk and every body begins.
    static func envelope(model: String, created: Int, object: String) -> JSONValue {
        [
            "id": .string(GenerationIdentifier.placeholder), "object": .string(object), "created": .int(created),
            "model": .string(model), "provider": "Fake",
        ]
    }

    /// One `data:` event around any JSON value.
    static func event(_ value: JSONValue) -> [UInt8] {
        Array("data: ".utf8) + value.rendered + [0x0A, 0x0A]
    }

    static let done = Array("data: [DONE]\n\n".utf8)
    static let comment = Array(": OPENROUTER PROCESSING\n\n".utf8)

    func content(_ text: String) -> [UInt8] {
        chunk(delta: ["content": .string(text), "role": "assistant"])
    }

    func reasoning(_ text: String) -> [UInt8] {
        chunk(delta: [
            "content": "", "role": "assistant", "reasoning": .string(text),
            "reasoning_details": [
                ["type": "reasoning.text", "text": .string(text), "format": "unknown", "index": 0]
            ],
        ])
    }

    /// A call's first event: its name, and no arguments yet.
    func toolCallStart(index: Int, identifier: String, name: String) -> [UInt8] {
        chunk(delta: [
            "content": nil, "role": "assistant",
            "tool_calls": [
                [
                    "index": .int(index), "id": .string(identifier), "type": "function",
                    "function": ["name": .string(name), "arguments": ""],
                ]
            ],
        ])
    }

    func toolCallArguments(index: Int, fragment: String) -> [UInt8] {
        chunk(delta: [
            "content": nil, "role": "assistant",
            "tool_calls": [
                ["index": .int(index), "type": "function", "function": ["arguments": .string(fragment)]]
            ],
        ])
    }

    func finish(reason: String, nativeReason: String) -> [UInt8] {
        chunk(
            delta: ["content": "", "role": "assistant"], finishReason: .string(reason),
            nativeFinishReason: .string(nativeReason))
    }

    /// The chunk that carries the usage, in one of the shapes seen over the years.
    func usage(_ usage: JSONValue, shape: UsageShape, reason: String?, nativeReason: String?) -> [UInt8] {
        let delta: JSONValue = ["content": "", "role": "assistant"]
        switch shape {
        case .emptyChoices: return event(["choices": [], "usage": usage])
        case .repeatFinish:
            let choice: JSONValue = [
                "index": 0, "delta": delta, "finish_reason": reason.map(JSONValue.string) ?? .null,
                "native_finish_reason": nativeReason.map(JSONValue.string) ?? .null,
            ]
            return event(["service_tier": nil, "choices": [choice], "usage": usage])
        case .nullFinish:
            let choice: JSONValue = ["index": 0, "delta": delta, "finish_reason": nil, "native_finish_reason": nil]
            return event(["choices": [choice], "usage": usage])
        case .noFinishKey:
            return event(["choices": [["index": 0, "delta": delta]], "usage": usage])
        }
    }

    /// An error in the midst of a stream: no choices, and as a rule nothing after it.
    func error(_ error: JSONValue) -> [UInt8] {
        event(["choices": [], "error": error])
    }

    private func chunk(delta: JSONValue, finishReason: JSONValue = .null, nativeFinishReason: JSONValue = .null)
        -> [UInt8]
    {
        event([
            "choices": [
                [
                    "index": 0, "delta": delta, "finish_reason": finishReason,
                    "native_finish_reason": nativeFinishReason,
                ]
            ]
        ])
    }

    private func event(_ rest: JSONValue) -> [UInt8] {
        Array("data: ".utf8) + prefix + [UInt8(ascii: ",")] + rest.rendered.dropFirst() + [0x0A, 0x0A]
    }
}

/// Where a stream's usage is.
enum UsageShape: String, CaseIterable {
    case emptyChoices = "empty_choices"
    case repeatFinish = "repeat_finish"
    case nullFinish = "null_finish"
    case noFinishKey = "no_finish_key"
}
