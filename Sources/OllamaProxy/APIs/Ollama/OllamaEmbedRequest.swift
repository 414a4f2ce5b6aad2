/// A request to `POST /api/embed`, or to the older `/api/embeddings`. All its texts are borrowed from the body.
package struct OllamaEmbedRequest {
    package var model = ""
    /// A JSON string, or an array of strings, as it is; nil when there is nothing to embed.
    package var input: Bytes?
    /// How many texts the input holds.
    package var count = 0
    package var dimensions: Int?

    /// `truncate`, `options` and `keep_alive` mean something to a local runner only.
    /// - Throws: `RequestError`, status 400.
    package init(
        _ body: Bytes, _ strings: LongStrings = .none, isLegacy: Bool
    ) throws(RequestError) {
        var request = (model: "", input: Bytes?.none, count: 1, dimensions: Int?.none)
        try RequestBody.read(body, strings) { key, reader in
            switch key {
            case "model", "name": request.model = try RequestBody.name(from: &reader) ?? request.model
            case "input" where !isLegacy: (request.input, request.count) = try Self.input(from: &reader)
            case "prompt" where isLegacy:
                if let prompt = try Self.text(from: &reader) { request.input = prompt }
            case "truncate": try reader.skip(.bool, expected: .bool)
            case "options": try reader.skip(.object, expected: .object)
            case "keep_alive": _ = try KeepAlive.read(from: &reader)
            case "dimensions":
                guard try reader.kind() != .null else { return try reader.null() }
                guard let dimensions = JSONNumber.integer(try reader.number()), dimensions >= 0 else {
                    throw RequestError.badRequest("dimensions must be a whole number")
                }
                // As for Ollama, none means as many as the model has.
                request.dimensions = dimensions > 0 ? dimensions : nil
            default: try reader.skip()
            }
        }
        guard !request.model.isEmpty else { throw .modelRequired }
        (model, input, count, dimensions) = request
    }

    /// The JSON string that comes next, as it is; nil for null and for an empty one.
    private static func text(from reader: inout JSONReader) throws(JSONError) -> Bytes? {
        var ahead = reader
        guard let text = try ahead.stringOrNull(), !text.isEmpty else {
            reader = ahead
            return nil
        }
        return try reader.slice()
    }

    private static func input(from reader: inout JSONReader) throws -> (Bytes?, count: Int) {
        switch try reader.kind() {
        case .null, .string: return (try text(from: &reader), 1)
        case .array:
            var elements = reader
            var count = 0
            try elements.beginArray()
            while try elements.nextElement() {
                guard try elements.kind() == .string else { throw invalidInput }
                try elements.skip()
                count += 1
            }
            let array = try reader.slice()
            return (count > 0 ? array : nil, count)
        default: throw invalidInput
        }
    }

    private static let invalidInput = RequestError.badRequest("input: invalid input type")

    /// The reply when there is nothing to embed.
    package static func emptyReply(model: String, isLegacy: Bool) -> ByteBuffer {
        JSONWriter.object { body in
            if !isLegacy { body.field("model", model) }
            body.key(isLegacy ? "embedding" : "embeddings")
            body.array { _ in }
        }
    }
}
