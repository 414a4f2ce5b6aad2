// What a request in the shape of OpenAI's responses or Anthropic's messages asks of a model.

extension RequestNeeds {
    /// Reads a field of a forwarded body.
    /// - Returns: whether the key names one that matters here; the value is untouched otherwise.
    mutating func readField(
        _ key: JSONText, of dialect: Dialect, from reader: inout JSONReader
    ) throws(JSONError) -> Bool {
        switch dialect {
        case .chat: try readChatField(key, from: &reader)
        case .responses: try readResponsesField(key, from: &reader)
        case .messages: try readMessagesField(key, from: &reader)
        case .embeddings: false
        }
    }

    // MARK: Responses

    private mutating func readResponsesField(
        _ key: JSONText, from reader: inout JSONReader
    ) throws(JSONError) -> Bool {
        switch key {
        case "input", "instructions":
            if try reader.kind() == .array {
                // Items are messages, calls and what came of them.
                try readMessages(from: &reader)
            } else if let text = try reader.stringIfAny() {
                addText(text)
            }
        case "max_output_tokens": try readAnswerTokens(from: &reader)
        case "reasoning": return try readChatField(key, from: &reader)
        case "text":
            var needs = self
            try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                guard key == "format" else { return try reader.skip() }
                try needs.readFormat(from: &reader)
            }
            self = needs
        default: return false
        }
        return true
    }

    /// More than any model answers, and little enough to be added to.
    private static let mostAnswerTokens = 1 << 40

    /// Reads the longest answer that is asked for, which a model that never answers at such length rejects.
    mutating func readAnswerTokens(from reader: inout JSONReader) throws(JSONError) {
        guard let count = try reader.integerIfAny(), count > 0 else { return }
        answerTokens = max(answerTokens ?? 0, min(count, Self.mostAnswerTokens))
        answerTokensAreFixed = true
    }

    /// Reads a format by its `type`.
    mutating func readFormat(from reader: inout JSONReader) throws(JSONError) {
        var found = StructuredOutput.none
        try reader.forEachFieldIfObject { key, reader throws(JSONError) in
            guard key == "type", let type = try reader.stringIfAny() else { return try reader.skip() }
            if type == "json_schema" { found = .schema } else if type == "json_object" { found = .json }
        }
        structuredOutput = max(structuredOutput, found)
    }

    // MARK: Messages

    private mutating func readMessagesField(_ key: JSONText, from reader: inout JSONReader) throws(JSONError) -> Bool {
        var needs = self
        switch key {
        case "system": try needs.readBlocks(from: &reader)
        case "messages":
            try reader.forEachElementIfArray { reader throws(JSONError) in
                try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                    if key == "content" { try needs.readBlocks(from: &reader) } else { try reader.skip() }
                }
            }
        case "max_tokens": try needs.readAnswerTokens(from: &reader)
        case "thinking":
            try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                guard key == "type", let type = try reader.stringIfAny() else { return try reader.skip() }
                needs.thinks = type == "enabled" || type == "adaptive"
            }
        case "output_config":
            try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                if key == "format" { try needs.readFormat(from: &reader) } else { try reader.skip() }
            }
        default: return false
        }
        self = needs
        return true
    }

    /// Reads a text, or blocks of content. What tools return may hold blocks again, and those nothing of the kind.
    private mutating func readBlocks(from reader: inout JSONReader, depth: Int = 0) throws(JSONError) {
        guard depth < 3 else { return addText(try reader.slice()) }
        guard try reader.kind() == .array else {
            if let text = try reader.stringIfAny() { addText(text) }
            return
        }
        var needs = self
        try reader.forEachElement { reader throws(JSONError) in
            let block = try reader.slice()
            var fields = JSONReader(block)
            let type = try fields.stringField("type")
            switch type.map({ $0 == "image" ? Model.Modalities.image : $0 == "document" ? .file : .text }) ?? .text {
            case .text: try needs.readTextBlock(block, depth: depth)
            case let modality:
                needs.inputs.insert(modality)
                needs.attachments += 1
            }
        }
        self = needs
    }

    private mutating func readTextBlock(_ block: Bytes, depth: Int) throws(JSONError) {
        var needs = self
        var reader = JSONReader(block)
        try reader.forEachFieldIfObject { key, reader throws(JSONError) in
            switch key {
            case "type", "cache_control": try reader.skip()
            case "content": try needs.readBlocks(from: &reader, depth: depth + 1)
            default: needs.addText(try reader.slice())
            }
        }
        self = needs
    }
}
