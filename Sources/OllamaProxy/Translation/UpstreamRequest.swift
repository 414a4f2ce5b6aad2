/// What is sent upstream, for whichever model comes next: the same request bytes with the model's name put in.
package struct UpstreamRequest {
    private enum Source {
        /// Translated once; what depends on the model is appended behind the first `commonCount` bytes.
        case translated(ByteBuffer, commonCount: Int, think: OllamaGeneration.Think?)
        /// The client's own body, with these changes.
        case forwarded(ByteBuffer, edits: [ForwardingEdit])
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
    /// - Parameter edits: what is to change, in ascending order.
    package init(forwarding body: ByteBuffer, edits: [ForwardingEdit]) {
        source = .forwarded(body, edits: edits)
    }

    /// The body for one model. It may share its bytes with the one made before, which is invalid from now on.
    package func body(for model: Model) -> ByteBuffer {
        switch source {
        case .translated(let output, let commonCount, let think):
            output.truncate(to: commonCount)
            OllamaToOpenRouter.writeModelFields(model, think: think, to: output)
            output.append("}")
            return output
        case .forwarded(let original, let edits):
            let output = ByteBuffer(capacity: original.count + model.id.utf8.count)
            original.withBytes { bytes in
                var start = 0
                for edit in edits {
                    output.append(bytes.part(start..<edit.range.lowerBound))
                    if edit.kind == .model { JSONWriter.appendQuoted(model.id, to: output) }
                    start = edit.range.upperBound
                }
                output.append(bytes.part(start..<bytes.count))
            }
            return output
        }
    }
}
