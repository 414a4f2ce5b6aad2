// What a request in the shape of OpenAI's responses asks of a model.

extension RequestNeeds {
    /// Reads a field of the body.
    /// - Returns: whether the key names one that matters here; the value is untouched otherwise.
    mutating func readResponsesField(
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
            try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                guard key == "format" else { return try reader.skip() }
                try readFormat(from: &reader)
            }
        default: return false
        }
        return true
    }
}
