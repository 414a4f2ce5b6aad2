/// A request to `POST /v1/embeddings`, forwarded to the one model there is for embeddings.
package struct OpenAIEmbeddingsRequest {
    package private(set) var model = ""
    /// What has to change in the body before it is forwarded, in ascending order.
    package private(set) var edits: [ForwardingEdit] = []

    /// - Parameters:
    ///   - freeOnly: nothing may be asked for that costs money.
    ///   - priceLimit: the most that a million tokens may cost, in dollars.
    /// - Throws: `RequestError`, status 400.
    package init(_ body: Bytes, freeOnly: Bool, priceLimit: Double? = nil) throws(RequestError) {
        var preferences: Bytes?
        var request = (model: "", hasInput: false)
        var fields = TopLevelFields()
        try OllamaGeneration.readBody(body) { key, reader in
            fields.begin(key, in: body)
            var isRemoved = (freeOnly || priceLimit != nil) && PriceGuard.removes(key)
            switch key {
            case "model":
                _ = try reader.kind()
                let start = reader.offset
                request.model = try reader.stringOrNull()?.string ?? ""
                fields.edits.append(ForwardingEdit(range: start..<reader.offset, kind: .model))
            case "input":
                let input = try reader.slice()
                request.hasInput = !["null", "\"\"", "[]"].contains { input.equals($0) }
            case "encoding_format":
                let format = try reader.stringIfAny()
                guard format.map({ $0 == "float" || $0 == "base64" }) ?? true else {
                    throw RequestError.badRequest("encoding_format must be float or base64")
                }
            case "provider" where freeOnly:
                let value = try reader.slice()
                if let kept = PriceGuard.freePreferences(in: value) {
                    let start = reader.offset - value.count
                    fields.edits.append(ForwardingEdit(range: start..<reader.offset, kind: .replacement(kept)))
                } else {
                    isRemoved = true
                }
            case "provider" where priceLimit != nil:
                preferences = try reader.slice()
                isRemoved = true
            default: try reader.skip()
            }
            fields.end(at: reader.offset, removing: isRemoved)
        }
        guard !request.model.isEmpty else { throw .modelRequired }
        guard request.hasInput else { throw .badRequest("input is required and must not be empty") }
        model = request.model
        edits = fields.finished()
        if !freeOnly, let priceLimit { edits.insert(.cap(preferences, priceLimit, in: body), at: 0) }
    }
}
