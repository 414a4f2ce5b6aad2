/// A request to `POST /v1/chat/completions`, of which nothing is read but what the proxy has to know.
package struct OpenAIChatRequest {
    package var model = ""
    package var stream = false
    /// What has to change in the body before it is forwarded, in ascending order.
    package var edits: [ForwardingEdit] = []
    package var needs = RequestNeeds()

    /// - Parameters:
    ///   - freeOnly: nothing may be asked for that costs money, whatever the client says.
    ///   - hasPriceLimit: no other model may be asked for than the one that is chosen here.
    /// - Throws: `RequestError`, status 400.
    package init(_ body: Bytes, freeOnly: Bool, hasPriceLimit: Bool = false) throws(RequestError) {
        var request = (model: "", stream: false, hasMessages: false, needs: RequestNeeds())
        var fields = TopLevelFields()
        try OllamaGeneration.readBody(body) { key, reader in
            fields.begin(key, in: body)
            var isRemoved = (freeOnly || hasPriceLimit) && PriceGuard.removes(key)
            switch key {
            case "model":
                _ = try reader.kind()
                let start = reader.offset
                request.model = try reader.stringOrNull()?.string ?? ""
                fields.edits.append(ForwardingEdit(range: start..<reader.offset, kind: .model))
            case "stream": request.stream = try reader.boolIfAny() ?? false
            case "messages":
                request.hasMessages = try reader.kind() == .array
                _ = try request.needs.readOpenAIField(key, from: &reader)
                // An answer that is taken up again goes in before the bracket.
                if request.hasMessages { fields.edits.append(.insertion(before: reader.offset - 1)) }
            case "tools":
                var ahead = reader
                request.needs.addTools(try ahead.slice())
                if freeOnly { try PriceGuard.checkTools(from: &reader) } else { reader = ahead }
            case "provider" where freeOnly:
                let value = try reader.slice()
                if let kept = PriceGuard.freePreferences(in: value) {
                    let start = reader.offset - value.count
                    fields.edits.append(ForwardingEdit(range: start..<reader.offset, kind: .replacement(kept)))
                } else {
                    isRemoved = true
                }
            default:
                if freeOnly { try PriceGuard.checkField(key, from: &reader) }
                if try !request.needs.readOpenAIField(key, from: &reader) { try reader.skip() }
            }
            fields.end(at: reader.offset, removing: isRemoved)
        }
        guard !request.model.isEmpty else { throw .modelRequired }
        guard request.hasMessages else { throw .badRequest("messages is required and must be an array") }
        (model, stream, _, needs) = request
        edits = fields.finished()
    }
}

/// One change to a body that is otherwise forwarded as it stands.
package struct ForwardingEdit {
    package enum Kind {
        /// The name of the model that is tried goes here.
        case model
        /// What stands here is left out.
        case removal
        /// What stands here is replaced.
        case replacement(ByteBuffer)
        /// The answer so far goes here, as one more message, when it is taken up again.
        case continuation
    }

    /// Bytes from the start of the body.
    package let range: Range<Int>
    package let kind: Kind

    package init(range: Range<Int>, kind: Kind) {
        self.range = range
        self.kind = kind
    }

    static func insertion(before offset: Int) -> ForwardingEdit {
        ForwardingEdit(range: offset..<offset, kind: .continuation)
    }
}

/// Where the fields of a body begin and end, so that some can be left out without leaving a comma too many.
private struct TopLevelFields {
    var edits: [ForwardingEdit] = []
    private var keyStart = 0
    private var previousEnd: Int?
    /// A field that is left out takes the comma behind it along, which is known when the next field begins.
    private var removalStart: Int?

    mutating func begin(_ key: JSONText, in body: Bytes) {
        // The key's bytes are part of the body's, one quote in.
        keyStart = key.escaped.baseAddress.map { $0 - body.baseAddress! - 1 } ?? 0
        guard let start = removalStart else { return }
        edits.append(ForwardingEdit(range: start..<keyStart, kind: .removal))
        removalStart = nil
    }

    mutating func end(at offset: Int, removing: Bool) {
        if removing {
            removalStart = keyStart
        } else {
            previousEnd = offset
        }
        lastEnd = offset
    }

    private var lastEnd = 0

    /// A field that is left out at the end takes the comma before it along.
    func finished() -> [ForwardingEdit] {
        guard let start = removalStart else { return edits }
        let from = previousEnd ?? start
        let kept = edits.filter { $0.range.lowerBound < from }
        return kept + [ForwardingEdit(range: from..<lastEnd, kind: .removal)]
    }
}
