/// What one event of a chat stream says, or a whole answer that came in one piece: both have the same fields, under
/// `delta` in the one and `message` in the other.
///
/// Borrowed from the event's bytes, except for the error.
package struct AnswerEvent {
    package var content: JSONText?
    /// Content in parts, `[{"type":"text","text":…}]`, as some providers send it.
    package var contentParts: Bytes?
    package var reasoning: JSONText?
    /// `reasoning_details`, which repeats `reasoning` for most providers and replaces it for a few.
    package var reasoningDetails: Bytes?
    package var toolCalls: [ToolCallFragment] = []
    package var finishReason: FinishReason?
    /// The array of the tokens' probabilities.
    package var logprobs: Bytes?
    package var usage: Usage?
    package var error: UpstreamError?
    /// Whether there was a `choices` array with anything in it.
    package var hasChoice = false
    /// The event's name in the APIs whose events have one.
    package var name: JSONText?
    /// Whether a whole answer has words, where they are deeper than is read here.
    package var hasWords = false
    /// Whether nothing follows, in the APIs that say so.
    package var isLast = false
    /// The event as it lies in the stream, blank line included; nil where that is not known.
    package var streamed: Bytes?

    init() {}

    /// What a choice says with these words and nothing else.
    @inline(__always)
    init(content: JSONText) {
        self.content = content
        hasChoice = true
    }

    /// The same, in an event that was found as it lies in the stream.
    @inline(__always)
    init(content: JSONText, streamed: Bytes) {
        self.init(content: content)
        self.streamed = streamed
    }

    /// Whether there is nothing in it but one text.
    var saysOnlyContent: Bool {
        content != nil && contentParts == nil && reasoning == nil && reasoningDetails == nil && toolCalls.isEmpty
            && finishReason == nil && logprobs == nil && usage == nil && error == nil && hasChoice && name == nil
            && !hasWords && !isLast
    }

    package struct ToolCallFragment {
        package var index: Int?
        package var id: JSONText?
        package var name: JSONText?
        /// A piece of the arguments' text, itself JSON inside a JSON string.
        package var arguments: JSONText?
        /// Arguments that came as an object instead of a text.
        package var argumentsObject: Bytes?
    }

    package enum FinishReason: Equatable {
        case stop
        case length
        case toolCalls
        case error
    }

    package struct Usage: Equatable {
        package var promptTokens = 0
        package var completionTokens = 0

        package static func + (one: Usage, other: Usage) -> Usage {
            Usage(
                promptTokens: one.promptTokens &+ other.promptTokens,
                completionTokens: one.completionTokens &+ other.completionTokens)
        }
    }

    /// - Throws: `JSONError` when the data is not a JSON object.
    package init(_ data: Bytes) throws(JSONError) {
        var reader = JSONReader(data)
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "choices": try readChoices(from: &reader)
            case "usage": try readUsage(from: &reader)
            // An error of a choice that was read before is no less of one.
            case "error": error = try UpstreamError.read(from: &reader) ?? error
            default: try reader.skip()
            }
        }
        try reader.end()
    }

    /// Only the first choice counts: there is one answer to a chat.
    private mutating func readChoices(from reader: inout JSONReader) throws(JSONError) {
        guard try reader.kind() == .array else { return try reader.skip() }
        try reader.beginArray()
        while try reader.nextElement() {
            guard !hasChoice, try reader.kind() == .object else {
                try reader.skip()
                continue
            }
            hasChoice = true
            try reader.beginObject()
            while let key = try reader.nextKey() {
                switch key {
                case "delta", "message": try readDelta(from: &reader)
                case "finish_reason": finishReason = Self.finishReason(try reader.stringIfAny())
                case "logprobs": logprobs = try Self.logprobs(from: &reader)
                case "error": error = try UpstreamError.read(from: &reader) ?? error
                default: try reader.skip()
                }
            }
        }
    }

    private static func logprobs(from reader: inout JSONReader) throws(JSONError) -> Bytes? {
        var content: Bytes?
        try reader.forEachFieldIfObject { key, reader throws(JSONError) in
            if key == "content" { content = try reader.arrayIfAny() } else { try reader.skip() }
        }
        return content
    }

    private mutating func readDelta(from reader: inout JSONReader) throws(JSONError) {
        guard try reader.kind() == .object else { return try reader.skip() }
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "content":
                if try reader.kind() == .string {
                    content = try reader.string()
                } else {
                    contentParts = try reader.arrayIfAny()
                }
            case "reasoning": reasoning = try reader.stringIfAny() ?? reasoning
            // The name that other servers of this kind use.
            case "reasoning_content":
                let text = try reader.stringIfAny()
                reasoning = reasoning ?? text
            case "reasoning_details": reasoningDetails = try reader.arrayIfAny()
            case "tool_calls":
                var calls: [ToolCallFragment] = []
                try reader.forEachElementIfArray(atMost: 1000) { reader throws(JSONError) in
                    calls.append(try Self.toolCallFragment(from: &reader))
                }
                toolCalls += calls
            default: try reader.skip()
            }
        }
    }

    private static func toolCallFragment(from reader: inout JSONReader) throws(JSONError) -> ToolCallFragment {
        var fragment = ToolCallFragment()
        try reader.forEachFieldIfObject { key, reader throws(JSONError) in
            switch key {
            case "index": fragment.index = try reader.integerIfAny()
            case "id": fragment.id = try reader.stringIfAny()
            case "function":
                try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                    switch key {
                    case "name": fragment.name = try reader.stringIfAny()
                    case "arguments":
                        if try reader.kind() == .object {
                            fragment.argumentsObject = try reader.slice()
                        } else {
                            fragment.arguments = try reader.stringIfAny()
                        }
                    default: try reader.skip()
                    }
                }
            default: try reader.skip()
            }
        }
        return fragment
    }

    private static func finishReason(_ text: JSONText?) -> FinishReason? {
        guard let text, !text.isEmpty else { return nil }
        switch text {
        case "length": return .length
        case "tool_calls", "function_call": return .toolCalls
        case "error": return .error
        // "stop", "end_turn", "content_filter" and whatever comes next: the answer is over.
        default: return .stop
        }
    }

    private mutating func readUsage(from reader: inout JSONReader) throws(JSONError) {
        guard try reader.kind() == .object else { return try reader.skip() }
        var usage = Usage()
        try reader.forEachField { key, reader throws(JSONError) in
            switch key {
            case "prompt_tokens": usage.promptTokens = try reader.integerIfAny() ?? 0
            case "completion_tokens": usage.completionTokens = try reader.integerIfAny() ?? 0
            default: try reader.skip()
            }
        }
        self.usage = usage
    }

    // MARK: What the chunk amounts to

    /// Calls `piece` for each piece of the answer's text.
    package func forEachContent(_ piece: (JSONText) -> Void) {
        if let content, !content.isEmpty { piece(content) }
        if let contentParts { Self.forEachText(in: contentParts, keys: ["text"], piece) }
    }

    /// Calls `piece` for each piece of the model's thinking.
    package func forEachThinking(_ piece: (JSONText) -> Void) {
        if let reasoning, !reasoning.isEmpty { return piece(reasoning) }
        if let reasoningDetails { Self.forEachText(in: reasoningDetails, keys: ["text", "summary"], piece) }
    }

    package var hasContent: Bool {
        if hasWords || content?.isEmpty == false { return true }
        guard contentParts != nil else { return false }
        var found = false
        forEachContent { _ in found = true }
        return found
    }

    package var hasThinking: Bool {
        guard reasoning != nil || reasoningDetails != nil else { return false }
        var found = false
        forEachThinking { _ in found = true }
        return found
    }

    private static func forEachText(in parts: Bytes, keys: [StaticString], _ piece: (JSONText) -> Void) {
        var reader = JSONReader(parts)
        // The array was checked when it was sliced, so nothing is thrown here.
        try? reader.forEachElement { reader throws(JSONError) in
            try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                guard keys.contains(where: { key == $0 }) else { return try reader.skip() }
                if let text = try reader.stringIfAny(), !text.isEmpty { piece(text) }
            }
        }
    }
}
