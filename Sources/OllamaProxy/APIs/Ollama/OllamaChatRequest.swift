/// A request to `POST /api/chat`, read once. All its texts are borrowed from the body it was read from.
package struct OllamaChatRequest {
    package var generation = OllamaGeneration()
    package var messages: [Message] = []
    /// The `tools` array as it is; nil when there are none.
    package var tools: Bytes?
    /// Those of the body.
    let strings: LongStrings

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

        package init() {}
    }

    package struct ToolCall {
        package var id: JSONText?
        package var name: JSONText?
        /// The arguments' value as it is, an object or a string that holds one.
        package var arguments: Bytes?
    }

    /// No messages: the client only wants the model loaded, or unloaded.
    package var isLoadOrUnload: Bool { messages.isEmpty }

    /// - Throws: `RequestError`, status 400.
    package init(_ body: Bytes, _ strings: LongStrings = .none) throws(RequestError) {
        var request = (generation: OllamaGeneration(), messages: [Message](), tools: Bytes?.none)
        try RequestBody.read(body, strings) { key, reader in
            switch key {
            case "messages": request.messages = try Self.messages(from: &reader)
            case "tools": request.tools = try Self.tools(from: &reader)
            default: if try !request.generation.read(key, from: &reader) { try reader.skip() }
            }
        }
        guard !request.generation.model.isEmpty else { throw .modelRequired }
        (generation, messages, tools) = request
        self.strings = strings
    }

    /// Longer than any chat. What a body could hold of empty messages, calls or pictures would fill the memory.
    private static let mostMessages = 50_000
    private static let mostCalls = 10_000
    private static let mostImages = 1000

    private static func messages(from reader: inout JSONReader) throws(JSONError) -> [Message] {
        var messages: [Message] = []
        guard try reader.kind() != .null else {
            try reader.null()
            return messages
        }
        var callsLeft = mostCalls
        try reader.forEachElement(atMost: mostMessages) { reader throws(JSONError) in
            messages.append(try message(from: &reader, callsLeft: &callsLeft))
        }
        return messages
    }

    private static func message(
        from reader: inout JSONReader, callsLeft: inout Int
    ) throws(JSONError) -> Message {
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
            case "images": message.images = try reader.stringsOrNull(atMost: mostImages)
            case "tool_calls":
                guard try reader.kind() != .null else { return try reader.null() }
                try reader.forEachElement(atMost: callsLeft) { reader throws(JSONError) in
                    callsLeft -= 1
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

    private static func tools(from reader: inout JSONReader) throws(JSONError) -> Bytes? {
        guard try reader.kind() != .null else {
            try reader.null()
            return nil
        }
        // A copy of the reader looks at the elements, so that the array itself can be taken as it is.
        var elements = reader
        var isEmpty = true
        try elements.forEachElement { reader throws(JSONError) in
            isEmpty = false
            try reader.forEachField { _, reader throws(JSONError) in try reader.skip() }
        }
        let array = try reader.slice()
        return isEmpty ? nil : array
    }
}
