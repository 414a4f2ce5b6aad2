// Requests of Ollama's API as they go upstream.

extension UpstreamRequest {
    /// A chat, always streamed upstream: silence and broken answers then show at once.
    /// - Throws: `RequestError`, status 400, for an image of unknown format.
    package init(_ request: OllamaChatRequest) throws(RequestError) {
        try self.init(request.generation, messages: request.messages, tools: request.tools)
    }

    /// A prompt, sent as a chat.
    /// - Throws: `RequestError`, status 400, for an image of unknown format.
    package init(_ request: OllamaGenerateRequest) throws(RequestError) {
        try self.init(request.generation, messages: request.messages, tools: nil)
    }

    private init(
        _ generation: OllamaGeneration, messages: [OllamaChatRequest.Message], tools: Bytes?
    ) throws(RequestError) {
        let output = ByteBuffer(capacity: 512)
        output.append("{")
        let messagesEnd = try ChatWriter.writeCommonFields(generation, messages: messages, tools: tools, to: output)
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
