// What Anthropic's messages say, in a stream of events or in one piece. Borrowed from their bytes like any chunk.

extension AnswerEvent {
    /// One event of a stream.
    /// - Throws: `JSONError` when the data is not a JSON object.
    init(messagesEvent data: Bytes) throws(JSONError) {
        self.init()
        var blockType: JSONText?
        var reader = JSONReader(data)
        try reader.forEachField { key, reader throws(JSONError) in
            switch key {
            case "type": name = try reader.stringIfAny()
            case "delta": try readMessagesDelta(from: &reader)
            case "content_block": blockType = try reader.stringField("type")
            case "message":
                try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                    if key == "usage" { try readTokenUsage(from: &reader) } else { try reader.skip() }
                }
            case "usage": try readTokenUsage(from: &reader)
            case "error": error = try UpstreamError.read(from: &reader) ?? error
            default: try reader.skip()
            }
        }
        try reader.end()
        guard let name else { return }
        switch name {
        case "content_block_start": if let blockType, blockType == "tool_use" { toolCalls = [ToolCallFragment()] }
        case "message_stop": isLast = true
        case "error": error = error ?? UpstreamError()
        default: break
        }
    }

    private mutating func readMessagesDelta(from reader: inout JSONReader) throws(JSONError) {
        try reader.forEachFieldIfObject { key, reader throws(JSONError) in
            switch key {
            case "text": content = try reader.stringIfAny()
            case "thinking": reasoning = try reader.stringIfAny()
            case "partial_json":
                if try reader.stringIfAny()?.isEmpty == false { toolCalls = [ToolCallFragment()] }
            case "stop_reason": finishReason = try Self.finishReason(ofMessage: &reader)
            default: try reader.skip()
            }
        }
    }

    private static func finishReason(ofMessage reader: inout JSONReader) throws(JSONError) -> FinishReason? {
        try reader.stringIfAny().map { $0 == "max_tokens" ? .length : .stop }
    }

    /// A whole answer.
    /// - Throws: `JSONError` when the text is not a JSON object.
    init(messagesBody text: Bytes) throws(JSONError) {
        self.init()
        var reader = JSONReader(text)
        try reader.forEachField { key, reader throws(JSONError) in
            switch key {
            case "content":
                guard let blocks = try reader.arrayIfAny() else { return }
                hasChoice = true
                try readBlocks(blocks)
            case "stop_reason": finishReason = try Self.finishReason(ofMessage: &reader)
            case "usage": try readTokenUsage(from: &reader)
            case "error": error = try UpstreamError.read(from: &reader) ?? error
            default: try reader.skip()
            }
        }
        try reader.end()
    }

    private mutating func readBlocks(_ blocks: Bytes) throws(JSONError) {
        var reader = JSONReader(blocks)
        try reader.forEachElement { reader throws(JSONError) in
            try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                switch key {
                case "type": if try reader.stringIfAny().map({ $0 == "tool_use" }) == true { hasWords = true }
                case "text", "thinking": if try reader.stringIfAny()?.isEmpty == false { hasWords = true }
                default: try reader.skip()
                }
            }
        }
    }
}
