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
        /// Where the messages' bracket closes; nil where there are none.
        let messagesEnd: Int?
        let fields: ModelFields
    }

    private let source: Source

    /// A request that was written in the upstream's shape, up to the fields that depend on the model and without the closing
    /// brace.
    /// - Parameter messagesEnd: where the messages' bracket closes in it; nil where there are none.
    init(_ common: ByteBuffer, messagesEnd: Int?, fields: ModelFields = ModelFields()) {
        source = .translated(
            common, Translated(commonCount: common.count, messagesEnd: messagesEnd, fields: fields))
    }

    /// A body that is forwarded as it is.
    /// - Parameter edits: what is to change, in ascending order.
    package init(forwarding body: ByteBuffer, edits: [ForwardingEdit]) {
        source = .forwarded(body, edits: edits)
    }

    /// The body for one model.
    /// - Parameters:
    ///   - partial: the answer so far, as written in a JSON string, which the model is to resume; nil to start from the beginning.
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
            parts.fields.write(for: model, priceLimit: priceLimit, to: body)
            body.append("}")
            return body
        case .forwarded(let original, let edits):
            let output = ByteBuffer(capacity: original.count + model.id.utf8.count + (partial?.count ?? 0) + 64)
            original.withBytes { bytes in
                ForwardingEdit.apply(edits, to: bytes, output) { kind in
                    switch kind {
                    case .model: JSONWriter.appendQuoted(model.id, to: output)
                    case .continuation(let isFirst):
                        if let partial { Self.append(partial, isFirst: isFirst, to: output) }
                    case .removal, .replacement: break
                    }
                }
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
