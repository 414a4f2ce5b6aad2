/// A chat in Ollama's shape as OpenRouter's `POST /chat/completions` wants it.
package enum ChatWriter {
    /// Writes the fields that are the same for every model, without the braces around them.
    /// - Returns: where the messages' bracket closes in `output`.
    package static func writeCommonFields(
        _ generation: OllamaGeneration, messages: [OllamaChatRequest.Message], tools: Bytes?,
        _ strings: LongStrings = .none, to output: ByteBuffer
    ) throws(RequestError) -> Int {
        var writer = JSONWriter(into: output)
        writer.key("messages")
        var pairing = ToolCallPairing()
        try writer.array { array throws(RequestError) in
            for message in messages { try write(message, strings, pairing: &pairing, to: &array) }
        }
        let messagesEnd = output.count - 1
        if let tools { writer.field("tools", raw: tools) }
        writeFormat(generation.format, to: &writer)
        generation.options.write(to: &writer)
        if generation.logprobs { writer.field("logprobs", true) }
        if let count = generation.topLogprobs { writer.field("top_logprobs", count) }
        writer.field("stream", true)
        writer.key("stream_options")
        writer.object { $0.field("include_usage", true) }
        return messagesEnd
    }

    private static func writeFormat(_ format: OllamaGeneration.Format?, to writer: inout JSONWriter) {
        guard let format else { return }
        writer.key("response_format")
        writer.object { object in
            switch format {
            case .json: object.field("type", "json_object")
            case .schema(let schema):
                object.field("type", "json_schema")
                object.key("json_schema")
                // Not `strict`: that makes OpenAI's models reject the schemas that common generators write, which
                // leave additionalProperties open. Providers that guide the decoding follow the schema either way.
                object.object { named in
                    named.field("name", "response")
                    named.field("schema", raw: schema)
                }
            }
        }
    }

    private static func write(
        _ message: OllamaChatRequest.Message, _ strings: LongStrings, pairing: inout ToolCallPairing,
        to array: inout JSONWriter
    ) throws(RequestError) {
        let isToolResult = message.role.map { $0 == "tool" } ?? false
        try array.object { object throws(RequestError) in
            if let role = message.role { object.field("role", role) } else { object.field("role", "user") }
            try writeContent(of: message, strings, to: &object)
            if let thinking = message.thinking, !thinking.isEmpty { object.field("reasoning", thinking) }
            if !message.toolCalls.isEmpty {
                object.key("tool_calls")
                object.array { calls in
                    for call in message.toolCalls { write(call, pairing: &pairing, to: &calls) }
                }
            }
            if isToolResult {
                if let id = pairing.id(ofResult: message) { object.field("tool_call_id", id) }
                if let name = message.toolName, !name.isEmpty { object.field("name", name) }
            }
        }
    }

    /// Content in parts, without the fields that the upstream's API does not have.
    private static func withKnownFields(of parts: Bytes, _ strings: LongStrings, _ write: (Bytes) -> Void) {
        var walk = BodyWalk(.translated(isGuarded: false), strings, tools: FreeOfCharge.chat.tools)
        // The array was checked when it was sliced, so nothing is thrown here.
        try? walk.part(parts, .list(.object(FreeOfCharge.part)), named: "content")
        guard !walk.edits.isEmpty else { return write(parts) }
        let output = ByteBuffer(capacity: parts.count)
        ForwardingEdit.apply(walk.edits, to: parts, output)
        output.withBytes(write)
    }

    private static func writeContent(
        of message: OllamaChatRequest.Message, _ strings: LongStrings, to object: inout JSONWriter
    ) throws(RequestError) {
        object.key("content")
        if let parts = message.contentParts, message.images.isEmpty {
            return withKnownFields(of: parts, strings) { object.raw($0) }
        }
        guard !message.images.isEmpty else {
            if let content = message.content { object.text(content) } else { object.string("") }
            return
        }
        try object.array { parts throws(RequestError) in
            if let given = message.contentParts { withKnownFields(of: given, strings) { parts.elements(of: $0) } }
            if let content = message.content, !content.isEmpty {
                parts.object { part in
                    part.field("type", "text")
                    part.field("text", content)
                }
            }
            for image in message.images {
                try parts.object { part throws(RequestError) in
                    part.field("type", "image_url")
                    part.key("image_url")
                    try part.object { url throws(RequestError) in
                        url.key("url")
                        try ImageDataURL.write(image, to: &url)
                    }
                }
            }
        }
    }

    private static func write(
        _ call: OllamaChatRequest.ToolCall, pairing: inout ToolCallPairing, to calls: inout JSONWriter
    ) {
        calls.object { object in
            object.field("id", pairing.id(ofCall: call))
            object.field("type", "function")
            object.key("function")
            object.object { function in
                if let name = call.name { function.field("name", name) } else { function.field("name", "") }
                function.key("arguments")
                writeArguments(call.arguments, to: &function)
            }
        }
    }

    /// Upstream the arguments are a JSON text inside a JSON string.
    private static func writeArguments(_ arguments: Bytes?, to function: inout JSONWriter) {
        guard let arguments, !arguments.equals("null") else { return function.string("{}") }
        if arguments.first == UInt8(ascii: "\"") { return function.raw(arguments) }
        function.string(builder: { JSONWriter.appendEscaped(arguments, to: $0) })
    }
}
