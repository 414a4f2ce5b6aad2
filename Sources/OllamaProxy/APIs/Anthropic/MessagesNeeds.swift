// What a request in the shape of Anthropic's messages asks of a model.

extension RequestNeeds {
    /// Reads a field that tells something, or passes over it.
    mutating func readMessagesField(_ key: JSONText, from reader: inout JSONReader) throws(JSONError) {
        switch key {
        case "max_tokens": try readAnswerTokens(from: &reader)
        case "thinking":
            try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                guard key == "type", let type = try reader.stringIfAny() else { return try reader.skip() }
                thinks = type == "enabled" || type == "adaptive"
            }
        case "output_format": try readFormat(from: &reader)
        case "output_config":
            try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                if key == "format" { try readFormat(from: &reader) } else { try reader.skip() }
            }
        default: try reader.skip()
        }
    }
}
