/// A request that is forwarded, of which nothing is read but what the proxy has to know.
package struct ForwardedRequest {
    package var model = ""
    package var stream = false
    /// What has to change in the body before it is forwarded, in ascending order.
    package var edits: [ForwardingEdit] = []
    package var needs = RequestNeeds()

    /// - Parameters:
    ///   - freeOnly: nothing may be asked for that costs money, whatever the client says.
    ///   - priceLimit: the most that a million tokens may cost, in dollars. No other model may be asked for than the one
    ///     that is chosen here, no service of its own price, and no dearer provider.
    /// - Throws: `RequestError`, status 400.
    package init(
        _ body: Bytes, dialect: Dialect = .chat, freeOnly: Bool, priceLimit: Double? = nil
    ) throws(RequestError) {
        var request = (model: "", stream: false, hasPrompt: false, needs: RequestNeeds())
        var fields = TopLevelFields()
        let isGuarded = freeOnly || priceLimit != nil
        var preferences: Bytes?
        var toolChoice: Bytes?
        var removedTools: [String] = []
        try RequestBody.read(body) { key, reader in
            fields.begin(key, in: body)
            var isRemoved = isGuarded && PriceGuard.removes(key)
            switch key {
            case "model":
                _ = try reader.kind()
                let start = reader.offset
                request.model = try reader.stringOrNull()?.string ?? ""
                fields.edits.append(ForwardingEdit(range: start..<reader.offset, kind: .model))
            case "stream": request.stream = try reader.boolIfAny() ?? false
            case dialect.promptField:
                request.hasPrompt = try dialect.isPrompt(&reader)
                if try !dialect.readNeeds(key, &request.needs, &reader) { try reader.skip() }
                // An answer that is taken up again goes in before the bracket.
                if request.hasPrompt, dialect.canBeTakenUp {
                    fields.edits.append(.continuation(before: reader.offset - 1, in: body))
                }
            case "tools":
                let array = try reader.slice()
                let start = reader.offset - array.count
                let kept = isGuarded ? try PriceGuard.freeTools(in: array, dialect.freeTools) : nil
                if let kept {
                    fields.edits.append(ForwardingEdit(range: start..<reader.offset, kind: .replacement(kept.kept)))
                    removedTools += kept.removed
                }
                request.needs.addTools(array)
            case "tool_choice": toolChoice = try reader.slice()
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
            default:
                if isGuarded { try PriceGuard.checkField(key, from: &reader) }
                try dialect.check(key, reader)
                if try !dialect.readNeeds(key, &request.needs, &reader) { try reader.skip() }
            }
            fields.end(at: reader.offset, removing: isRemoved)
        }
        guard !request.model.isEmpty else { throw .modelRequired }
        guard request.hasPrompt else { throw .badRequest(dialect.promptIsMissing.description) }
        if let toolChoice { try PriceGuard.check(choice: toolChoice, removed: removedTools) }
        (model, stream, _, needs) = request
        edits = fields.finished()
        if !freeOnly, let priceLimit { edits.insert(.cap(preferences, priceLimit, in: body), at: 0) }
    }
}
