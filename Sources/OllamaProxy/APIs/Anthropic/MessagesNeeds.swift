// What a request in the shape of Anthropic's messages asks of a model.

extension RequestNeeds {
    /// Reads a field of the body.
    /// - Returns: whether the key names one that matters here; the value is untouched otherwise.
    mutating func readMessagesField(_ key: JSONText, from reader: inout JSONReader) throws(JSONError) -> Bool {
        switch key {
        case "system": try readBlocks(from: &reader)
        case "messages":
            try reader.forEachElementIfArray { reader throws(JSONError) in
                try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                    if key == "content" { try readBlocks(from: &reader) } else { try reader.skip() }
                }
            }
        case "max_tokens": try readAnswerTokens(from: &reader)
        case "thinking":
            try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                guard key == "type", let type = try reader.stringIfAny() else { return try reader.skip() }
                thinks = type == "enabled" || type == "adaptive"
            }
        case "output_config":
            try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                if key == "format" { try readFormat(from: &reader) } else { try reader.skip() }
            }
        default: return false
        }
        return true
    }

    /// Reads a text, or blocks of content. What tools return may hold blocks again, and those nothing of the kind.
    private mutating func readBlocks(from reader: inout JSONReader, depth: Int = 0) throws(JSONError) {
        guard depth < 3 else { return addText(try reader.slice()) }
        guard try reader.kind() == .array else {
            if let text = try reader.stringIfAny() { addText(text) }
            return
        }
        try reader.forEachElement { reader throws(JSONError) in
            let block = try reader.slice()
            var fields = JSONReader(block)
            let type = try fields.stringField("type")
            switch type.map({ $0 == "image" ? Model.Modalities.image : $0 == "document" ? .file : .text }) ?? .text {
            case .text: try readTextBlock(block, depth: depth)
            case let modality:
                inputs.insert(modality)
                attachments += 1
            }
        }
    }

    private mutating func readTextBlock(_ block: Bytes, depth: Int) throws(JSONError) {
        var reader = JSONReader(block)
        try reader.forEachFieldIfObject { key, reader throws(JSONError) in
            switch key {
            case "type", "cache_control": try reader.skip()
            case "content": try readBlocks(from: &reader, depth: depth + 1)
            default: addText(try reader.slice())
            }
        }
    }
}
