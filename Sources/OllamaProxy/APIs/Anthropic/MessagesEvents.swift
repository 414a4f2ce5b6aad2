// What Anthropic's messages say, in a stream of events or in one piece. Borrowed from their bytes like any chunk.

extension AnswerEvent {
    /// One event of a stream.
    /// - Throws: `JSONError` when the data is not a JSON object.
    init(messagesEvent data: Bytes) throws(JSONError) {
        self.init()
        var chunk = self
        var blockType: JSONText?
        var reader = JSONReader(data)
        try reader.forEachField { key, reader throws(JSONError) in
            switch key {
            case "type": chunk.name = try reader.stringIfAny()
            case "delta": try chunk.readMessagesDelta(from: &reader)
            case "content_block": blockType = try reader.stringField("type")
            case "message":
                try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                    if key == "usage" { try chunk.readTokenUsage(from: &reader) } else { try reader.skip() }
                }
            case "usage": try chunk.readTokenUsage(from: &reader)
            case "error": chunk.error = try UpstreamError.read(from: &reader) ?? chunk.error
            default: try reader.skip()
            }
        }
        try reader.end()
        self = chunk
        guard let name else { return }
        switch name {
        case "content_block_start": if let blockType, blockType == "tool_use" { toolCalls = [ToolCallFragment()] }
        case "message_stop": isLast = true
        case "error": error = error ?? UpstreamError()
        default: break
        }
    }

    private mutating func readMessagesDelta(from reader: inout JSONReader) throws(JSONError) {
        var chunk = self
        try reader.forEachFieldIfObject { key, reader throws(JSONError) in
            switch key {
            case "text": chunk.content = try reader.stringIfAny()
            case "thinking": chunk.reasoning = try reader.stringIfAny()
            case "partial_json":
                if try reader.stringIfAny()?.isEmpty == false { chunk.toolCalls = [ToolCallFragment()] }
            case "stop_reason": chunk.finishReason = try Self.finishReason(ofMessage: &reader)
            default: try reader.skip()
            }
        }
        self = chunk
    }

    private static func finishReason(ofMessage reader: inout JSONReader) throws(JSONError) -> FinishReason? {
        try reader.stringIfAny().map { $0 == "max_tokens" ? .length : .stop }
    }

    /// A whole answer.
    /// - Throws: `JSONError` when the text is not a JSON object.
    init(messagesBody text: Bytes) throws(JSONError) {
        self.init()
        var chunk = self
        var reader = JSONReader(text)
        try reader.forEachField { key, reader throws(JSONError) in
            switch key {
            case "content":
                guard let blocks = try reader.arrayIfAny() else { return }
                chunk.hasChoice = true
                try chunk.readBlocks(blocks)
            case "stop_reason": chunk.finishReason = try Self.finishReason(ofMessage: &reader)
            case "usage": try chunk.readTokenUsage(from: &reader)
            case "error": chunk.error = try UpstreamError.read(from: &reader) ?? chunk.error
            default: try reader.skip()
            }
        }
        try reader.end()
        self = chunk
    }

    private mutating func readBlocks(_ blocks: Bytes) throws(JSONError) {
        var chunk = self
        var reader = JSONReader(blocks)
        try reader.forEachElement { reader throws(JSONError) in
            try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                switch key {
                case "type": if try reader.stringIfAny().map({ $0 == "tool_use" }) == true { chunk.hasWords = true }
                case "text", "thinking": if try reader.stringIfAny()?.isEmpty == false { chunk.hasWords = true }
                default: try reader.skip()
                }
            }
        }
        self = chunk
    }
}
