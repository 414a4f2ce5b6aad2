/// A request to `POST /api/chat`, read once. All its texts are borrowed from the body it was read from.
package struct OllamaChatRequest {
    package var model = ""
    package var messages: [Message] = []
    package var options = GenerationOptions()
    package var format: Format?
    /// The `tools` array as it stands; nil when there are none.
    package var tools: Bytes?
    package var think: Think?
    /// Ollama streams unless told otherwise.
    package var stream = true
    /// `keep_alive` is zero, in whichever way it is written.
    package var keepAliveIsZero = false

    package struct Message {
        package var role: JSONText?
        package var content: JSONText?
        /// Content in parts, as OpenAI's clients write it.
        package var contentParts: Bytes?
        package var thinking: JSONText?
        package var images: [JSONText] = []
        package var toolCalls: [ToolCall] = []
        package var toolName: JSONText?
        package var toolCallID: JSONText?
    }

    package struct ToolCall {
        package var id: JSONText?
        package var name: JSONText?
        /// The arguments' value as it stands, an object or a string that holds one.
        package var arguments: Bytes?
    }

    package enum Format {
        case json
        case schema(Bytes)
    }

    package enum Think: Equatable {
        case on
        case off
        case level(String)
    }

    /// No messages: the client only wants the model loaded, or unloaded.
    package var isLoadOrUnload: Bool { messages.isEmpty }

    /// - Throws: `RequestError`, status 400.
    package init(_ body: Bytes) throws(RequestError) {
        do {
            var reader = JSONReader(body)
            try reader.beginObject()
            while let key = try reader.nextKey() { try readField(key, from: &reader) }
            try reader.end()
        } catch let error as JSONError {
            throw .invalidBody(error)
        } catch let error as RequestError {
            throw error
        } catch {
            throw .badRequest("\(error)")
        }
        guard !model.isEmpty else { throw .modelRequired }
    }

    private mutating func readField(_ key: JSONText, from reader: inout JSONReader) throws {
        switch key {
        case "model", "name": model = try reader.stringOrNull()?.string ?? model
        case "stream": stream = try reader.kind() == .null ? Self.skipped(&reader, true) : reader.bool()
        case "messages": try readMessages(from: &reader)
        case "format": format = try Self.format(from: &reader)
        case "think": think = try Self.think(from: &reader)
        case "keep_alive": keepAliveIsZero = try KeepAlive.isZero(from: &reader)
        case "tools": tools = try Self.tools(from: &reader)
        case "options":
            guard try reader.kind() != .null else { return try reader.null() }
            try reader.beginObject()
            while let key = try reader.nextKey() {
                if try !options.read(key, from: &reader) { try reader.skip() }
            }
        default:
            // Some clients put the options at the top level.
            if try !options.read(key, from: &reader) { try reader.skip() }
        }
    }

    private static func skipped<Value>(_ reader: inout JSONReader, _ value: Value) throws(JSONError) -> Value {
        try reader.skip()
        return value
    }

    private mutating func readMessages(from reader: inout JSONReader) throws(JSONError) {
        guard try reader.kind() != .null else { return try reader.null() }
        var messages: [Message] = []
        try reader.forEachElement { reader throws(JSONError) in
            messages.append(try Self.message(from: &reader))
        }
        self.messages = messages
    }

    private static func message(from reader: inout JSONReader) throws(JSONError) -> Message {
        var message = Message()
        try reader.forEachField { key, reader throws(JSONError) in
            switch key {
            case "role": message.role = try reader.stringOrNull()
            case "content":
                if try reader.kind() == .array {
                    message.contentParts = try reader.slice()
                } else {
                    message.content = try reader.stringOrNull()
                }
            case "thinking": message.thinking = try reader.stringOrNull()
            case "tool_name": message.toolName = try reader.stringOrNull()
            case "tool_call_id": message.toolCallID = try reader.stringOrNull()
            case "images":
                guard try reader.kind() != .null else { return try reader.null() }
                try reader.forEachElement { reader throws(JSONError) in message.images.append(try reader.string()) }
            case "tool_calls":
                guard try reader.kind() != .null else { return try reader.null() }
                try reader.forEachElement { reader throws(JSONError) in
                    message.toolCalls.append(try toolCall(from: &reader))
                }
            default: try reader.skip()
            }
        }
        return message
    }

    private static func toolCall(from reader: inout JSONReader) throws(JSONError) -> ToolCall {
        var call = ToolCall()
        try reader.forEachField { key, reader throws(JSONError) in
            switch key {
            case "id": call.id = try reader.stringOrNull()
            case "function":
                try reader.forEachField { key, reader throws(JSONError) in
                    switch key {
                    case "name": call.name = try reader.stringOrNull()
                    case "arguments": call.arguments = try reader.slice()
                    default: try reader.skip()
                    }
                }
            default: try reader.skip()
            }
        }
        return call
    }

    /// Ollama's own rule: "json", a JSON Schema, or nothing, which is also how `""` and null are written.
    private static func format(from reader: inout JSONReader) throws -> Format? {
        switch try reader.kind() {
        case .null: return try skipped(&reader, nil)
        case .object:
            return .schema(try reader.slice())
        case .string:
            let text = try reader.string()
            if text.isEmpty { return nil }
            if text == "json" { return .json }
            throw RequestError.badRequest(
                "invalid format: \"\(text.string)\"; expected \"json\" or a valid JSON Schema object")
        default:
            throw RequestError.badRequest(
                "invalid format: \(try reader.slice().text); expected \"json\" or a valid JSON Schema object")
        }
    }

    private static func think(from reader: inout JSONReader) throws -> Think? {
        switch try reader.kind() {
        case .null: return try skipped(&reader, nil)
        case .bool: return try reader.bool() ? .on : .off
        case .string:
            let level = try reader.string().string
            if level.isEmpty { return nil }
            guard ["low", "medium", "high", "max"].contains(level) else {
                throw RequestError.badRequest(
                    "invalid think value: \"\(level)\" (must be \"high\", \"medium\", \"low\", \"max\", true or false)")
            }
            return .level(level)
        default: throw RequestError.badRequest("think must be a boolean or a string")
        }
    }

    private static func tools(from reader: inout JSONReader) throws(JSONError) -> Bytes? {
        guard try reader.kind() != .null else { return try skipped(&reader, nil) }
        var isEmpty = true
        let array = try reader.slice()
        var elements = JSONReader(array)
        try elements.forEachElement { reader throws(JSONError) in
            isEmpty = false
            try reader.forEachField { _, reader throws(JSONError) in try reader.skip() }
        }
        return isEmpty ? nil : array
    }
}

/// Ollama's `keep_alive`: a number of seconds, or a text such as "5m" or "-1".
package enum KeepAlive {
    /// Whether it asks for the model to be unloaded at once: 0, "0", "0s", "0m" and so on.
    package static func isZero(from reader: inout JSONReader) throws(JSONError) -> Bool {
        switch try reader.kind() {
        case .number: return JSONNumber.double(try reader.number()) == 0
        case .string:
            let text = try reader.string().string
            return text.contains("0") && !text.contains { "123456789".contains($0) }
        default:
            try reader.skip()
            return false
        }
    }
}
