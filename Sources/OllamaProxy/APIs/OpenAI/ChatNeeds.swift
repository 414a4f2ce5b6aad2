// What a request in the shape of OpenAI's chat asks of a model.

extension RequestNeeds {
    /// Reads a field that tells something, or passes over it.
    mutating func readChatField(_ key: JSONText, from reader: inout JSONReader) throws(JSONError) {
        switch key {
        case "max_tokens", "max_completion_tokens": try readAnswerTokens(from: &reader)
        case "n": if try reader.integerIfAny() ?? 1 > 1 { hasSeveralAnswers = true }
        case "response_format": try readFormat(from: &reader)
        case "reasoning_effort":
            if let effort = try reader.stringIfAny(), !effort.isEmpty, effort != "none" { thinks = true }
        case "reasoning":
            var isOn: Bool?
            try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                switch key {
                case "enabled": isOn = try reader.boolIfAny() ?? isOn
                case "effort": if let effort = try reader.stringIfAny() { isOn = isOn ?? (effort != "none") }
                case "max_tokens": if try reader.integerIfAny() ?? 0 > 0 { isOn = isOn ?? true }
                default: try reader.skip()
                }
            }
            if isOn == true { thinks = true }
        default: try reader.skip()
        }
    }
}
