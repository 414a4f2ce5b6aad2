/// What is sent upstream, for whichever model comes next: the same request bytes with the model's name put in.
package struct UpstreamRequest {
    private enum Source {
        /// Translated once; what depends on the model is appended behind the first `commonCount` bytes.
        case translated(ByteBuffer, commonCount: Int, think: OllamaGeneration.Think?)
        /// The client's own body, with the model's name at each of the ranges.
        case forwarded(ByteBuffer, modelRanges: [Range<Int>])
    }

    private let source: Source

    /// A chat in Ollama's shape, always streamed upstream: silence and broken answers then show at once.
    /// - Throws: `RequestError`, status 400, for an image of unknown format.
    package init(_ request: OllamaChatRequest) throws(RequestError) {
        try self.init(request.generation, messages: request.messages, tools: request.tools)
    }

    /// A prompt in Ollama's shape, sent as a chat.
    /// - Throws: `RequestError`, status 400, for an image of unknown format.
    package init(_ request: OllamaGenerateRequest) throws(RequestError) {
        try self.init(request.generation, messages: request.messages, tools: nil)
    }

    /// Texts to embed.
    package init(_ request: OllamaEmbedRequest, input: Bytes) {
        let output = ByteBuffer(capacity: input.count + 256)
        output.append("{")
        var writer = JSONWriter(into: output)
        writer.field("input", raw: input)
        writer.field("encoding_format", "float")
        if let dimensions = request.dimensions { writer.field("dimensions", dimensions) }
        source = .translated(output, commonCount: output.count, think: nil)
    }

    private init(
        _ generation: OllamaGeneration, messages: [OllamaChatRequest.Message], tools: Bytes?
    ) throws(RequestError) {
        let output = ByteBuffer(capacity: 1024)
        output.append("{")
        try OllamaToOpenRouter.writeCommonFields(generation, messages: messages, tools: tools, to: output)
        source = .translated(output, commonCount: output.count, think: generation.think)
    }

    /// A body that is forwarded as it stands.
    /// - Parameter modelRanges: where the JSON values of the model's name stand, in ascending order.
    package init(forwarding body: ByteBuffer, modelRanges: [Range<Int>]) {
        source = .forwarded(body, modelRanges: modelRanges)
    }

    /// The body for one model. It may share its bytes with the one made before, which is invalid from now on.
    package func body(for model: Model) -> ByteBuffer {
        switch source {
        case .translated(let output, let commonCount, let think):
            output.truncate(to: commonCount)
            OllamaToOpenRouter.writeModelFields(model, think: think, to: output)
            output.append("}")
            return output
        case .forwarded(let original, let modelRanges):
            let output = ByteBuffer(capacity: original.count + model.id.utf8.count)
            original.withBytes { bytes in
                var start = 0
                for range in modelRanges {
                    output.append(bytes.part(start..<range.lowerBound))
                    JSONWriter.appendQuoted(model.id, to: output)
                    start = range.upperBound
                }
                output.append(bytes.part(start..<bytes.count))
            }
            return output
        }
    }
}
