// What a request in the shape of OpenAI's responses asks of a model.

extension RequestNeeds {
    /// Reads a field that tells something, or passes over it.
    mutating func readResponsesField(_ key: JSONText, from reader: inout JSONReader) throws(JSONError) {
        switch key {
        case "max_output_tokens": try readAnswerTokens(from: &reader)
        case "reasoning": try readChatField(key, from: &reader)
        case "text":
            try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                guard key == "format" else { return try reader.skip() }
                try readFormat(from: &reader)
            }
        default: try reader.skip()
        }
    }
}
