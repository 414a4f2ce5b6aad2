/// What a model says, and how it is sent: the common form of scripted streams and of the built-in demo.
struct Completion {
    struct ToolCall {
        let identifier: String
        let name: String
        let arguments: String
        let fragments: Int
    }

    enum Usage {
        case none
        case counted
        case given(JSONValue)
    }

    /// Comments of the stream, by which an upstream shows that it is alive.
    struct Comments {
        var before = 0
        var between = 0
        var interval: Delay?
    }

    /// Points, counted in data events, at which the stream goes wrong.
    struct Disturbances {
        var error: Int?
        var garbage: Int?
        var cut: Int?
        var reset: Int?
        var stall: Int?

        /// Sent as a data event of its own; nil for the usual error when a disturbance asks for one.
        var errorEvent: JSONValue?
    }

    var content: [String] = []
    var reasoning: [String] = []
    var toolCalls: [ToolCall] = []
    /// Nil when no event may carry a finish reason.
    var finishReason: String? = "stop"
    var nativeFinishReason: String?
    var usage = Usage.counted
    var usageShape = UsageShape.emptyChoices
    var promptTokens = 12
    /// Nil: sent unless the stream fails.
    var done: Bool?

    var firstDelay = Delay.none
    var delay = Delay.none
    var comments = Comments()
    var pieceLength: Int?
    var isUnlimited = false

    var disturbances = Disturbances()

    var nativeReason: String? {
        nativeFinishReason ?? finishReason.map { $0 == "stop" ? "end_turn" : $0 == "tool_calls" ? "tool_use" : $0 }
    }

    var usageValue: JSONValue? {
        switch usage {
        case .none: return nil
        case .given(let value): return value
        case .counted:
            let completionTokens = content.count + reasoning.count + toolCalls.reduce(0) { $0 + $1.fragments + 1 }
            return [
                "prompt_tokens": .int(promptTokens), "completion_tokens": .int(completionTokens),
                "total_tokens": .int(promptTokens + completionTokens), "cost": 0, "is_byok": false,
                "prompt_tokens_details": ["cached_tokens": 0, "audio_tokens": 0],
                "cost_details": [
                    "upstream_inference_cost": nil, "upstream_inference_prompt_cost": 0,
                    "upstream_inference_completions_cost": 0,
                ],
                "completion_tokens_details": ["reasoning_tokens": .int(reasoning.count)],
            ]
        }
    }

    static let defaultError: JSONValue = [
        "code": 502, "message": "Upstream error from Fake: the provider went away",
        "metadata": ["error_type": "provider_unavailable"],
    ]

    /// Bytes that are neither server-sent events nor JSON.
    static let garbage: [UInt8] = Array("%PDF-\u{0} <garbage> ".utf8) + [0xFF, 0xFE, 0x00, 0x80, 0x0A, 0x7B, 0x0A]
}

extension Completion.ToolCall {
    /// The arguments in as many parts as asked for, none of them cut inside a character.
    var argumentFragments: [String] {
        let characters = Array(arguments)
        guard fragments > 1, characters.count > 1 else { return [arguments] }
        let count = min(fragments, characters.count)
        return (0..<count).map { index in
            String(characters[(index * characters.count / count)..<((index + 1) * characters.count / count)])
        }
    }
}
