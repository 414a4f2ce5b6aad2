// Requests of Ollama's API as they go upstream.

extension UpstreamRequest {
    /// A chat, always streamed upstream: silence and broken answers then show at once.
    /// - Parameter body: what the request was read from, whose long texts are not copied; nil to copy all.
    /// - Throws: `RequestError`, status 400, for an image of unknown format.
    package init(_ request: OllamaChatRequest, body: ByteBuffer? = nil) throws(RequestError) {
        try self.init(
            request.generation, messages: request.messages, tools: request.tools, request.strings, body: body)
    }

    /// A prompt, sent as a chat.
    /// - Throws: `RequestError`, status 400, for an image of unknown format.
    package init(_ request: OllamaGenerateRequest, body: ByteBuffer? = nil) throws(RequestError) {
        try self.init(request.generation, messages: request.messages, tools: nil, .none, body: body)
    }

    private init(
        _ generation: OllamaGeneration, messages: [OllamaChatRequest.Message], tools: Bytes?, _ strings: LongStrings,
        body: ByteBuffer?
    ) throws(RequestError) {
        let output = ByteBuffer(capacity: 512)
        let borrowed = body.flatMap { BorrowedTexts(of: $0) }
        output.append("{")
        let messagesEnd = try ChatWriter.writeCommonFields(
            generation, messages: messages, tools: tools, strings, to: output, borrowing: borrowed)
        self.init(
            output, messagesEnd: messagesEnd,
            fields: ModelFields(think: generation.think, maxTokens: generation.options.maxTokens), borrowed: borrowed)
    }

    /// Texts to embed.
    package init(_ request: OllamaEmbedRequest, input: Bytes, body: ByteBuffer? = nil) {
        let output = ByteBuffer(capacity: 512)
        let borrowed = body.flatMap { BorrowedTexts(of: $0) }
        output.append("{")
        var writer = JSONWriter(into: output, borrowing: borrowed)
        writer.field("input", raw: input)
        writer.field("encoding_format", "float")
        if let dimensions = request.dimensions { writer.field("dimensions", dimensions) }
        self.init(output, messagesEnd: nil, borrowed: borrowed)
    }
}
