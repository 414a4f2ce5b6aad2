extension Completion {
    private static let members: Set<String> = [
        "content", "tokens", "token_bytes", "reasoning", "tool_calls", "finish_reason", "native_finish_reason",
        "usage", "usage_shape", "done", "delay_ms", "first_delay_ms", "comments_before", "comments_between",
        "comment_interval_ms", "split", "repeat", "error_event", "error_after_events", "cut_after_events",
        "reset_after_events", "stall_after_events", "garbage_after_events", "unlimited", "long_line_bytes",
    ]

    /// A scripted answer of kind "stream".
    init(script value: JSONValue) throws(ScriptError) {
        let fields = try AnswerFields(value, kind: "stream", allowed: Self.members)
        try readWords(fields)
        try readToolCalls(fields)
        try readEnding(fields)
        try readPacing(fields)
        disturbances.errorEvent = fields["error_event"]
        disturbances.error = try fields.count("error_after_events")
        disturbances.garbage = try fields.count("garbage_after_events")
        disturbances.cut = try fields.count("cut_after_events")
        disturbances.reset = try fields.count("reset_after_events")
        disturbances.stall = try fields.count("stall_after_events")
    }

    private mutating func readWords(_ fields: AnswerFields) throws(ScriptError) {
        isUnlimited = try fields.bool("unlimited") ?? false
        reasoning = try fields.strings("reasoning") ?? []
        content = try fields.strings("content") ?? []
        if let length = try fields.count("long_line_bytes") { content.append(Self.text(bytes: length)) }
        if let count = try fields.count("tokens") {
            content += Array(repeating: Self.text(bytes: try fields.count("token_bytes") ?? 6), count: count)
        }
        if isUnlimited, content.isEmpty { content = [Self.text(bytes: try fields.count("token_bytes") ?? 1024)] }
        if let count = try fields.count("repeat") {
            content = Array(repeating: content, count: count).flatMap { $0 }
        }
    }

    private mutating func readToolCalls(_ fields: AnswerFields) throws(ScriptError) {
        guard let calls = fields["tool_calls"] else { return }
        guard let calls = calls.array else { throw ScriptError("\"tool_calls\" must be an array") }
        for (index, call) in calls.enumerated() {
            guard let name = call["name"]?.string else { throw ScriptError("a tool call needs a \"name\"") }
            toolCalls.append(
                ToolCall(
                    identifier: call["id"]?.string ?? "call_fake_\(index)", name: name,
                    arguments: call["arguments"]?.string ?? "{}", fragments: call["fragments"]?.int ?? 1))
        }
    }

    private mutating func readEnding(_ fields: AnswerFields) throws(ScriptError) {
        switch fields["finish_reason"] {
        case nil: finishReason = toolCalls.isEmpty ? "stop" : "tool_calls"
        case .null: finishReason = nil
        case .string(let reason): finishReason = reason
        default: throw ScriptError("\"finish_reason\" must be a string or null")
        }
        nativeFinishReason = try fields.string("native_finish_reason")

        switch fields["usage"] {
        case nil, .bool(true): usage = .counted
        case .bool(false), .null: usage = .none
        case .object(let members): usage = .given(.object(members))
        default: throw ScriptError("\"usage\" must be true, false or an object")
        }
        if let name = try fields.string("usage_shape") {
            guard let shape = UsageShape(rawValue: name) else {
                let known = UsageShape.allCases.map(\.rawValue).joined(separator: ", ")
                throw ScriptError("unknown usage_shape \"\(name)\"; known are \(known)")
            }
            usageShape = shape
        }
        done = try fields.bool("done")
    }

    private mutating func readPacing(_ fields: AnswerFields) throws(ScriptError) {
        delay = try fields.delay("delay_ms") ?? .none
        firstDelay = try fields.delay("first_delay_ms") ?? .none
        comments.before = try fields.count("comments_before") ?? 0
        comments.between = try fields.count("comments_between") ?? 0
        comments.interval = try fields.delay("comment_interval_ms")
        pieceLength = try fields.count("split")
        if pieceLength == 0 { throw ScriptError("\"split\" must be 1 or more") }
    }

    /// Text of exactly that many bytes.
    static func text(bytes: Int) -> String {
        let pattern = " token"
        return String(
            decoding: String(repeating: pattern, count: bytes / pattern.utf8.count + 1).utf8.prefix(bytes),
            as: UTF8.self)
    }
}
