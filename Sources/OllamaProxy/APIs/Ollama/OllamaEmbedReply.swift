/// The upstream's embeddings in Ollama's shape.
package struct OllamaEmbedReply: ReplyTranslator {
    private let requestedName: String
    /// The reply to `/api/embeddings`: one vector and nothing else.
    private let isLegacy: Bool
    private let count: Int
    /// The vectors as they are, in the order of the inputs.
    private var vectors: [ByteBuffer] = []
    private var promptTokens = 0

    /// - Parameter count: how many vectors there have to be: clients put them beside their texts.
    package init(requestedName: String, count: Int, isLegacy: Bool) {
        self.count = count
        self.requestedName = requestedName
        self.isLegacy = isLegacy
    }

    package var heldBytes: Int { 0 }

    package mutating func translate(_ chunk: AnswerEvent, data: Bytes, now: Moment, output: ByteBuffer) {
        promptTokens = chunk.usage?.promptTokens ?? 0
        var found: [(index: Int, vector: ByteBuffer)] = []
        var reader = JSONReader(data)
        // The document was read before, so it is valid JSON; what is no vector is left out and missed at the end.
        try? reader.forEachField { key, reader throws(JSONError) in
            guard key == "data" else { return try reader.skip() }
            try reader.forEachElementIfArray { reader throws(JSONError) in
                var item = (index: found.count, vector: ByteBuffer?.none)
                try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                    switch key {
                    case "index": item.index = try reader.integerIfAny() ?? item.index
                    case "embedding": item.vector = try reader.arrayIfAny().map { ByteBuffer(copying: $0) }
                    default: try reader.skip()
                    }
                }
                if let vector = item.vector { found.append((item.index, vector)) }
            }
        }
        vectors = found.sorted { $0.index < $1.index }.map(\.vector)
    }

    package mutating func finish(_ times: AnswerTimes, output: ByteBuffer) throws(BrokenAnswer) {
        guard let first = vectors.first, vectors.count == count else {
            throw BrokenAnswer(reason: "\(vectors.count) vectors came back for \(count) texts")
        }
        var writer = JSONWriter(into: output)
        writer.object { body in
            guard !isLegacy else {
                body.key("embedding")
                return first.withBytes { body.compact($0) }
            }
            body.field("model", requestedName)
            body.key("embeddings")
            body.array { array in
                for vector in vectors { vector.withBytes { array.compact($0) } }
            }
            let total = AnswerTimes.span(from: times.received, to: times.ended)
            let load = AnswerTimes.span(from: times.received, to: times.attemptStarted)
            body.field("total_duration", Int(total.nanoseconds))
            body.field("load_duration", Int(load.nanoseconds))
            body.field("prompt_eval_count", promptTokens)
        }
    }
}
