/// A request that is forwarded, of which nothing is read but what the proxy has to know.
package struct ForwardedRequest {
    package private(set) var model = ""
    package private(set) var stream = false
    /// What has to change in the body before it is forwarded, in ascending order.
    package let edits: [ForwardingEdit]
    package let needs: RequestNeeds

    /// - Parameters:
    ///   - freeOnly: nothing may be asked for that costs money, whatever the client says.
    ///   - priceLimit: the most that a million tokens may cost, in dollars. No other model may be asked for than the one
    ///     that is chosen here, no service of its own price, and no dearer provider.
    /// - Throws: `RequestError`, status 400.
    package init(
        _ body: Bytes, _ strings: LongStrings = .none, dialect: Dialect = .chat, freeOnly: Bool,
        priceLimit: Double? = nil
    ) throws(RequestError) {
        var walk = BodyWalk(freeOnly || priceLimit != nil ? .guarded : .open, strings, tools: dialect.free.tools)
        var request = (model: "", stream: false, hasPrompt: false)
        var preferences: Bytes?
        try RequestBody.readObject(body, strings) { reader in
            try walk.object(dialect.free.fields, &reader, readNeed: dialect.readNeed) { key, walk, reader in
                switch key {
                case "model":
                    _ = try reader.kind()
                    let start = reader.offset
                    request.model = try RequestBody.name(from: &reader) ?? ""
                    walk.add(ForwardingEdit(range: start..<reader.offset, kind: .model))
                case "stream": request.stream = try reader.boolIfAny() ?? false
                case dialect.promptField:
                    request.hasPrompt = try dialect.isPrompt(&reader)
                    try walk.value(dialect.free.prompt, &reader)
                    // An answer that is resumed goes in before the bracket.
                    if request.hasPrompt, dialect.canBeResumed {
                        walk.add(.continuation(before: reader.offset - 1, in: body))
                    }
                case "provider" where freeOnly:
                    let value = try reader.slice()
                    guard let kept = PriceGuard.freePreferences(in: value) else { return true }
                    let start = reader.offset - value.count
                    walk.add(ForwardingEdit(range: start..<reader.offset, kind: .replacement(kept)))
                case "provider" where priceLimit != nil:
                    preferences = try reader.slice()
                    return true
                default: try reader.skip()
                }
                return false
            }
        }
        guard !request.model.isEmpty else { throw .modelRequired }
        guard request.hasPrompt else { throw .badRequest(dialect.promptIsMissing.description) }
        try walk.checkToolChoice()
        (model, stream) = (request.model, request.stream)
        needs = walk.needs
        guard !freeOnly, let priceLimit else {
            edits = walk.edits
            return
        }
        edits = [.cap(preferences, priceLimit, in: body)] + walk.edits
    }
}
