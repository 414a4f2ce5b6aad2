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
        /// Long texts of it that are still in the client's body; nil for none.
        let borrowed: BorrowedTexts?

        /// Adds a part of the request with the long texts that belong there.
        func add(_ range: Range<Int>, of common: ByteBuffer, to composer: inout UpstreamBody.Composer) {
            var start = range.lowerBound
            for text in borrowed?.texts ?? [] where range.contains(text.offset) {
                composer.add(common, start..<text.offset)
                composer.add(borrowed!.source, text.range)
                start = text.offset
            }
            composer.add(common, start..<range.upperBound)
        }
    }

    private let source: Source

    /// A request that was written in the upstream's shape, up to the fields that depend on the model and without the closing
    /// brace.
    /// - Parameters:
    ///   - messagesEnd: where the messages' bracket closes in it; nil where there are none.
    ///   - borrowed: long texts that belong in it and were not copied; nil for none.
    init(
        _ common: ByteBuffer, messagesEnd: Int?, fields: ModelFields = ModelFields(), borrowed: BorrowedTexts? = nil
    ) {
        source = .translated(
            common,
            Translated(
                commonCount: common.count, messagesEnd: messagesEnd, fields: fields,
                borrowed: borrowed.flatMap { $0.texts.isEmpty ? nil : $0 }))
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
    ) -> UpstreamBody {
        switch source {
        case .translated(let common, let parts):
            return Self.translated(common, parts, partial, isShared: isShared) { output in
                parts.fields.write(for: model, priceLimit: priceLimit, to: output)
                output.append("}")
            }
        case .forwarded(let original, let edits): return Self.forwarded(original, edits, partial, model)
        }
    }

    /// - Parameter close: writes what depends on the model, and the closing brace.
    private static func translated(
        _ common: ByteBuffer, _ parts: Translated, _ partial: ByteBuffer?, isShared: Bool, close: (ByteBuffer) -> Void
    ) -> UpstreamBody {
        let count = parts.commonCount + (parts.borrowed?.count ?? 0)
        if partial == nil, !isShared, parts.borrowed == nil, count < UpstreamBody.leastInPieces {
            common.truncate(to: parts.commonCount)
            close(common)
            return UpstreamBody(common)
        }
        var composer = UpstreamBody.Composer(expecting: count + (partial?.count ?? 0), reserve: 256)
        if let partial, let end = parts.messagesEnd {
            let isFirst = common.withBytes { $0[end - 1] == UInt8(ascii: "[") }
            parts.add(0..<end, of: common, to: &composer)
            composer.add { append(partial, isFirst: isFirst, to: $0) }
            parts.add(end..<parts.commonCount, of: common, to: &composer)
        } else {
            parts.add(0..<parts.commonCount, of: common, to: &composer)
        }
        composer.add(close)
        return composer.body()
    }

    private static func forwarded(
        _ original: ByteBuffer, _ edits: [ForwardingEdit], _ partial: ByteBuffer?, _ model: Model
    ) -> UpstreamBody {
        var composer = UpstreamBody.Composer(
            expecting: original.count + (partial?.count ?? 0), reserve: model.id.utf8.count + 64)
        var start = 0
        for edit in edits {
            composer.add(original, start..<edit.range.lowerBound)
            start = edit.range.upperBound
            switch edit.kind {
            case .model: composer.add { JSONWriter.appendQuoted(model.id, to: $0) }
            case .continuation(let isFirst):
                if let partial { composer.add { append(partial, isFirst: isFirst, to: $0) } }
            case .replacement(let replacement): composer.add(replacement, 0..<replacement.count)
            case .removal: break
            }
        }
        composer.add(original, start..<original.count)
        return composer.body()
    }

    /// The answer so far, as the last message: OpenRouter has the model go on from there.
    private static func append(_ partial: ByteBuffer, isFirst: Bool, to body: ByteBuffer) {
        if !isFirst { body.append(",") }
        body.append("{\"role\":\"assistant\",\"content\":\"")
        body.append(partial)
        body.append("\"}")
    }
}
