// What OpenAI's responses say, in a stream of events or in one piece. Borrowed from their bytes like any chunk.

extension AnswerEvent {
    /// One event of a stream: its name says what it is about, which is in `delta` or in `response`.
    /// - Throws: `JSONError` when the data is not a JSON object.
    init(responsesEvent data: Bytes) throws(JSONError) {
        self.init()
        var event = (delta: JSONText?.none, text: JSONText?.none, itemType: JSONText?.none)
        var reader = JSONReader(data)
        try reader.forEachField { key, reader throws(JSONError) in
            switch key {
            case "type": name = try reader.stringIfAny()
            case "delta": event.delta = try reader.stringIfAny()
            case "text": event.text = try reader.stringIfAny()
            case "response": try readResponse(from: &reader)
            case "item": event.itemType = try reader.stringField("type")
            case "error": error = try UpstreamError.read(from: &reader) ?? error
            default: try reader.skip()
            }
        }
        try reader.end()
        guard let name else { return }
        switch name {
        case "response.output_text.delta", "response.refusal.delta": content = event.delta
        case "response.output_text.done": content = event.text
        case "response.reasoning_text.delta", "response.reasoning_summary_text.delta": reasoning = event.delta
        case "response.function_call_arguments.delta", "response.custom_tool_call_input.delta":
            if event.delta?.isEmpty == false { toolCalls = [ToolCallFragment()] }
        case "response.output_item.added", "response.output_item.done":
            if let type = event.itemType, Self.isCall(type) { toolCalls = [ToolCallFragment()] }
        case "response.completed", "response.incomplete": isLast = true
        case "response.failed":
            isLast = true
            error = error ?? UpstreamError()
        case "error": if error == nil { error = try UpstreamError.ofEvent(data) }
        default:
            // What came along with the beginning is not the answer.
            (content, hasWords, toolCalls, finishReason) = (nil, false, [], nil)
        }
    }

    /// A whole answer.
    /// - Throws: `JSONError` when the text is not a JSON object.
    init(responsesBody text: Bytes) throws(JSONError) {
        self.init()
        var reader = JSONReader(text)
        try readResponse(from: &reader)
        try reader.end()
    }

    private mutating func readResponse(from reader: inout JSONReader) throws(JSONError) {
        var status: JSONText?
        var hasReachedLimit = false
        try reader.forEachFieldIfObject { key, reader throws(JSONError) in
            switch key {
            case "status": status = try reader.stringIfAny()
            case "incomplete_details":
                try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                    guard key == "reason" else { return try reader.skip() }
                    hasReachedLimit = try reader.stringIfAny().map { $0 == "max_output_tokens" } ?? false
                }
            case "error": error = try UpstreamError.read(from: &reader) ?? error
            case "usage": try readTokenUsage(from: &reader)
            case "output":
                hasChoice = try reader.kind() == .array
                try reader.forEachElementIfArray { reader throws(JSONError) in try readItem(from: &reader) }
            default: try reader.skip()
            }
        }
        if let status {
            if status == "failed", error == nil { error = UpstreamError() }
            if status == "completed" || status == "incomplete" {
                finishReason = hasReachedLimit ? .length : .stop
            }
        }
    }

    /// One item of the output: a message, a call, or the model's thinking.
    private mutating func readItem(from reader: inout JSONReader) throws(JSONError) {
        try reader.forEachFieldIfObject { key, reader throws(JSONError) in
            switch key {
            case "type":
                if let type = try reader.stringIfAny(), Self.isCall(type) { toolCalls = [ToolCallFragment()] }
            // Words, a refusal, or the model's thinking.
            case "content", "summary":
                try reader.forEachElementIfArray { reader throws(JSONError) in
                    try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                        guard key == "text" || key == "refusal" else { return try reader.skip() }
                        if try reader.stringIfAny()?.isEmpty == false { hasWords = true }
                    }
                }
            default: try reader.skip()
            }
        }
    }

    private static func isCall(_ type: JSONText) -> Bool {
        type.string.hasSuffix("_call")
    }

    /// Usage as both of the newer APIs name it.
    mutating func readTokenUsage(from reader: inout JSONReader) throws(JSONError) {
        guard try reader.kind() == .object else { return try reader.skip() }
        var usage = self.usage ?? Usage()
        try reader.forEachField { key, reader throws(JSONError) in
            switch key {
            case "input_tokens": usage.promptTokens = try reader.integerIfAny() ?? usage.promptTokens
            case "output_tokens": usage.completionTokens = try reader.integerIfAny() ?? usage.completionTokens
            default: try reader.skip()
            }
        }
        self.usage = usage
    }
}

extension UpstreamError {
    /// An event that is an error itself: code and message are in the event.
    static func ofEvent(_ data: Bytes) throws(JSONError) -> UpstreamError {
        var reader = JSONReader(data)
        var error = try read(from: &reader) ?? UpstreamError()
        // The event's own type says only that it is one.
        if error.errorType == "error" { error.errorType = "" }
        return error
    }
}
