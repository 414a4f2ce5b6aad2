/// What is sent upstream, for whichever model comes next: the same request bytes with the model's name put in.
package struct UpstreamRequest {
    private enum Source {
        /// Translated once; what depends on the model is appended behind the first `commonCount` bytes.
        case translated(ByteBuffer, Translated)
        /// The client's own body, with these changes.
        case forwarded(ByteBuffer, edits: [ForwardingEdit])
    }

    private struct Translated {
        let commonCount: Int
        /// Where the messages' bracket closes.
        var messagesEnd: Int?
        var think: OllamaGeneration.Think?
        var maxTokens: Int?
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

    /// A prompt in OpenAI's older shape, sent as a chat.
    package init(_ request: CompletionRequest) {
        let output = ByteBuffer(capacity: 512)
        output.append("{")
        let messagesEnd = request.writeCommonFields(to: output)
        source = .translated(
            output,
            Translated(commonCount: output.count, messagesEnd: messagesEnd, maxTokens: request.maxTokens))
    }

    /// Texts to embed.
    package init(_ request: OllamaEmbedRequest, input: Bytes) {
        let output = ByteBuffer(capacity: input.count + 256)
        output.append("{")
        var writer = JSONWriter(into: output)
        writer.field("input", raw: input)
        writer.field("encoding_format", "float")
        if let dimensions = request.dimensions { writer.field("dimensions", dimensions) }
        source = .translated(output, Translated(commonCount: output.count))
    }

    private init(
        _ generation: OllamaGeneration, messages: [OllamaChatRequest.Message], tools: Bytes?
    ) throws(RequestError) {
        let output = ByteBuffer(capacity: 512)
        output.append("{")
        let messagesEnd = try OllamaToOpenRouter.writeCommonFields(
            generation, messages: messages, tools: tools, to: output)
        source = .translated(
            output,
            Translated(
                commonCount: output.count, messagesEnd: messagesEnd, think: generation.think,
                maxTokens: generation.options.maxTokens))
    }

    /// A body that is forwarded as it stands.
    /// - Parameter edits: what is to change, in ascending order.
    package init(forwarding body: ByteBuffer, edits: [ForwardingEdit]) {
        source = .forwarded(body, edits: edits)
    }

    /// The body for one model.
    /// - Parameters:
    ///   - partial: the answer so far as it stands in a JSON string, which the model is to take up; nil to begin anew.
    ///   - isShared: whether the body made before is still in use. If not, this one may share its bytes.
    ///   - priceLimit: the most that a million tokens may cost, in dollars; a body that is forwarded has it already.
    package func body(
        for model: Model, continuing partial: ByteBuffer? = nil, isShared: Bool = false, priceLimit: Double? = nil
    ) -> ByteBuffer {
        switch source {
        case .translated(let output, let parts):
            var body = output
            output.withBytes { bytes in
                if let partial, let end = parts.messagesEnd {
                    body = ByteBuffer(capacity: bytes.count + partial.count + 256)
                    body.append(bytes.part(0..<end))
                    Self.append(partial, isFirst: bytes[end - 1] == UInt8(ascii: "["), to: body)
                    body.append(bytes.part(end..<parts.commonCount))
                } else if isShared {
                    body = ByteBuffer(capacity: parts.commonCount + 256)
                    body.append(bytes.part(0..<parts.commonCount))
                }
            }
            if body === output { output.truncate(to: parts.commonCount) }
            OllamaToOpenRouter.writeModelFields(model, think: parts.think, maxTokens: parts.maxTokens, to: body)
            if let priceLimit, !model.isFree {
                body.append(",\"provider\":{")
                PriceGuard.appendCap(priceLimit, to: body)
                body.append("}")
            }
            body.append("}")
            return body
        case .forwarded(let original, let edits):
            let output = ByteBuffer(capacity: original.count + model.id.utf8.count + (partial?.count ?? 0) + 64)
            original.withBytes { bytes in
                var start = 0
                for edit in edits {
                    output.append(bytes.part(start..<edit.range.lowerBound))
                    switch edit.kind {
                    case .model: JSONWriter.appendQuoted(model.id, to: output)
                    case .removal: break
                    case .replacement(let replacement): output.append(replacement)
                    case .continuation(let isFirst):
                        if let partial { Self.append(partial, isFirst: isFirst, to: output) }
                    }
                    start = edit.range.upperBound
                }
                output.append(bytes.part(start..<bytes.count))
            }
            return output
        }
    }

    /// The answer so far, as the last message: OpenRouter has the model go on from there.
    private static func append(_ partial: ByteBuffer, isFirst: Bool, to body: ByteBuffer) {
        if !isFirst { body.append(",") }
        body.append("{\"role\":\"assistant\",\"content\":\"")
        body.append(partial)
        body.append("\"}")
    }
}
