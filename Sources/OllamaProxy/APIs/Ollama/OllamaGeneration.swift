/// What requests to `/api/chat` and `/api/generate` have in common. All texts are borrowed from the request's body.
package struct OllamaGeneration {
    package var model = ""
    package var options = GenerationOptions()
    package var format: Format?
    package var think: Think?
    /// Ollama streams unless told otherwise.
    package var stream = true
    package var keepAlive: KeepAlive?
    /// Whether the probabilities of the tokens are asked for.
    package var logprobs = false
    /// How many alternatives for each token, 0 to 20.
    package var topLogprobs: Int?

    package enum Format {
        case json
        case schema(Bytes)
    }

    /// The client only wants the model unloaded.
    package var isUnload: Bool { keepAlive == .lasting(.zero) }

    /// Reads the value of a field that both requests have.
    /// - Returns: whether the key names one; the value is untouched otherwise.
    mutating func read(_ key: JSONText, from reader: inout JSONReader) throws -> Bool {
        switch key {
        case "model", "name": model = try RequestBody.name(from: &reader) ?? model
        case "stream": stream = try reader.boolOrNull() ?? true
        case "format": format = try Self.format(from: &reader)
        case "think": think = try Self.think(from: &reader)
        case "keep_alive": keepAlive = try KeepAlive.read(from: &reader)
        case "truncate", "shift": try reader.skip(.bool, expected: .bool)
        case "logprobs": logprobs = try reader.boolOrNull() ?? false
        case "top_logprobs": topLogprobs = try Self.topLogprobs(from: &reader)
        case "options":
            guard try reader.kind() != .null else {
                try reader.null()
                return true
            }
            try reader.beginObject()
            while let key = try reader.nextKey() {
                if try !options.read(key, from: &reader) { try reader.skip() }
            }
        default:
            // Some clients put the options at the top level.
            return try options.read(key, from: &reader)
        }
        return true
    }

    /// Ollama's own rule: "json", a JSON Schema, or nothing, which is also how `""` and null are written.
    private static func format(from reader: inout JSONReader) throws -> Format? {
        switch try reader.kind() {
        case .null:
            try reader.null()
            return nil
        case .object: return .schema(try reader.slice())
        case .string:
            let text = try reader.string()
            if text.isEmpty { return nil }
            if text == "json" { return .json }
            throw invalidFormat("\"\(text.beginning(100))\"")
        default: throw invalidFormat(String(Bytes(rebasing: try reader.slice().prefix(400)).text.prefix(100)))
        }
    }

    private static func invalidFormat(_ value: String) -> RequestError {
        .badRequest("invalid format: \(value); expected \"json\" or a valid JSON Schema object")
    }

    private static func think(from reader: inout JSONReader) throws -> Think? {
        switch try reader.kind() {
        case .null:
            try reader.null()
            return nil
        case .bool: return try reader.bool() ? .on : .off
        case .string:
            let level = try reader.string().beginning(101)
            if level.isEmpty { return nil }
            guard ["low", "medium", "high", "max"].contains(level) else {
                throw RequestError.badRequest(
                    "invalid think value: \"\(level.prefix(100))\" "
                        + "(must be \"high\", \"medium\", \"low\", \"max\", true or false)")
            }
            return .level(level)
        default: throw RequestError.badRequest("think must be a boolean or a string")
        }
    }

    private static func topLogprobs(from reader: inout JSONReader) throws -> Int? {
        guard try reader.kind() != .null else {
            try reader.null()
            return nil
        }
        guard let count = JSONNumber.integer(try reader.number()), (0...20).contains(count) else {
            throw RequestError.badRequest("top_logprobs must be between 0 and 20")
        }
        return count
    }
}
