// Requests of Ollama's API as they go upstream.

extension UpstreamRequest {
    /// A chat, always streamed upstream: silence and broken answers then show at once.
    /// - Throws: `RequestError`, status 400, for an image of unknown format.
    package init(_ request: OllamaChatRequest) throws(RequestError) {
        try self.init(
            request.generation, messages: request.messages, tools: request.tools, request.strings)
    }

    /// A prompt, sent as a chat.
    /// - Throws: `RequestError`, status 400, for an image of unknown format.
    package init(_ request: OllamaGenerateRequest) throws(RequestError) {
        try self.init(request.generation, messages: request.messages, tools: nil, .none)
    }

    private init(
        _ generation: OllamaGeneration, messages: [OllamaChatRequest.Message], tools: Bytes?, _ strings: LongStrings
    ) throws(RequestError) {
        // A large prompt would be copied again each time that the buffer grows.
        let output = ByteBuffer(capacity: messages.reduce(512 + (tools?.count ?? 0)) { $0 + $1.textBytes })
        output.append("{")
        let messagesEnd = try ChatWriter.writeCommonFields(
            generation, messages: messages, tools: tools, strings, to: output)
        self.init(
            output, messagesEnd: messagesEnd,
            fields: ModelFields(think: generation.think, maxTokens: generation.options.maxTokens))
    }

    /// Texts to embed.
    package init(_ request: OllamaEmbedRequest, input: Bytes) {
        let output = ByteBuffer(capacity: input.count + 256)
        output.append("{")
        var writer = JSONWriter(into: output)
        writer.field("input", raw: input)
        writer.field("encoding_format", "float")
        if let dimensions = request.dimensions { writer.field("dimensions", dimensions) }
        self.init(output, messagesEnd: nil)
    }
}
