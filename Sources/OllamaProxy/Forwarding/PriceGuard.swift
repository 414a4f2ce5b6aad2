/// Keeps what costs money out of requests in free mode, whichever way a client asks for it. The model itself is always
/// one of the free ones; what remains are the upstream's extras.
package enum PriceGuard {
    /// Whether a field is left out: those that name other models, or dearer ways to the same.
    static func removes(_ key: JSONText) -> Bool {
        ["models", "fallbacks", "route", "preset", "service_tier", "speed"].contains { key == $0 }
    }

    /// Refuses fields that ask for a service of its own price. The value is only looked at.
    /// - Throws: `RequestError`, status 400, or `JSONError`.
    static func checkField(_ key: JSONText, from reader: inout JSONReader) throws {
        guard key == "plugins" || key == "web_search_options" else { return }
        var ahead = reader
        let value = try ahead.slice()
        guard ["null", "[]", "{}"].contains(where: { value.equals($0) }) else {
            throw RequestError.badRequest(
                "\(key.string): costs money, which FREE_MODE or MAX_PRICE_PER_MILLION rules out")
        }
    }

    /// What remains of `provider` in free mode: what protects the client's data, and how it is to be served. Which
    /// provider, in which order and at which price is not the client's to say: it would only keep other free models
    /// from being tried, or be meant for paid ones.
    /// - Returns: nil when nothing remains.
    static func freePreferences(in value: Bytes) -> ByteBuffer? {
        let kept: [StaticString] = ["data_collection", "zdr", "require_parameters", "quantizations", "ignore"]
        let output = ByteBuffer(capacity: 64)
        output.append("{")
        var reader = JSONReader(value)
        var isEmpty = true
        // The value was checked when it was sliced, so nothing is thrown here.
        try? reader.forEachFieldIfObject { key, reader throws(JSONError) in
            let field = try reader.slice()
            guard kept.contains(where: { key == $0 }) else { return }
            if !isEmpty { output.append(",") }
            isEmpty = false
            output.append("\"")
            output.append(key.escaped)
            output.append("\":")
            output.append(field)
        }
        output.append("}")
        return isEmpty ? nil : output
    }

    /// The `provider` field, with a comma behind it, of a request that may only cost so much: the client's own
    /// preferences, and the upstream's own cap, which holds for every provider it may choose.
    static func preferences(_ given: Bytes?, cappedAt limit: Double) -> ByteBuffer {
        let output = ByteBuffer(capacity: 128)
        output.append("\"provider\":{")
        var reader = JSONReader(given ?? Bytes(start: nil, count: 0))
        // The value was checked when it was sliced, so nothing is thrown here.
        try? reader.forEachFieldIfObject { key, reader throws(JSONError) in
            let field = try reader.slice()
            guard !(key == "max_price") else { return }
            output.append("\"")
            output.append(key.escaped)
            output.append("\":")
            output.append(field)
            output.append(",")
        }
        appendCap(limit, to: output)
        output.append("},")
        return output
    }

    /// Appends the upstream's cap on prices, as a field without the braces around it.
    static func appendCap(_ limit: Double, to output: ByteBuffer) {
        output.append("\"max_price\":{\"prompt\":\(limit),\"completion\":\(limit)}")
    }

    /// Whether the upstream runs a tool itself, for money. Functions and the like are the client's to run.
    private static func isPaid(_ type: JSONText?, in dialect: Dialect) -> Bool {
        guard let type else { return dialect == .chat ? false : dialect == .responses }
        let ofClients: [StaticString]
        switch dialect {
        case .chat, .embeddings: ofClients = ["function", "custom"]
        case .responses: ofClients = ["function", "custom", "local_shell", "shell", "apply_patch", "namespace"]
        case .messages: ofClients = ["function", "custom"]
        }
        if ofClients.contains(where: { type == $0 }) { return false }
        // Anthropic's names for what a client runs carry the date of their version.
        let prefixes = ["bash_", "text_editor_", "computer_", "memory_"]
        return !(dialect == .messages && prefixes.contains { type.string.hasPrefix($0) })
    }

    /// What remains of a `tools` array in free mode. Coding agents list tools that the upstream runs beside their own:
    /// those are left out. A request that has no others asks for just them, and is refused.
    /// - Returns: nil when all of it remains.
    /// - Throws: `RequestError`, status 400.
    static func freeTools(in array: Bytes, of dialect: Dialect) throws -> ByteBuffer? {
        guard array.first == UInt8(ascii: "[") else { return nil }
        var kept: [Bytes] = []
        var paid: String?
        var reader = JSONReader(array)
        try reader.forEachElement { reader throws(JSONError) in
            let tool = try reader.slice()
            let type = try type(of: tool)
            if tool.first == UInt8(ascii: "{"), isPaid(type, in: dialect) {
                paid = paid ?? type?.string ?? "none"
            } else {
                kept.append(tool)
            }
        }
        guard let paid else { return nil }
        guard dialect != .chat, !kept.isEmpty else {
            throw RequestError.badRequest(
                "tools: a tool of type \"\(paid.prefix(50))\" costs money, which FREE_MODE or MAX_PRICE_PER_MILLION rules out"
            )
        }
        let output = ByteBuffer(capacity: array.count)
        var writer = JSONWriter(into: output)
        writer.array { writer in
            for tool in kept { writer.raw(tool) }
        }
        return output
    }

    /// The last `type` of a tool, as the upstream's reader would have it.
    private static func type(of tool: Bytes) throws(JSONError) -> JSONText? {
        var type: JSONText?
        var reader = JSONReader(tool)
        try reader.forEachFieldIfObject { key, reader throws(JSONError) in
            if key == "type" { type = try reader.stringIfAny() } else { try reader.skip() }
        }
        return type
    }

    /// Refuses a `tools` array that holds such tools.
    /// - Throws: `RequestError`, status 400.
    package static func check(tools: Bytes) throws(RequestError) {
        do {
            _ = try freeTools(in: tools, of: .chat)
        } catch let error as RequestError {
            throw error
        } catch {
            throw .badRequest("tools: \(error)")
        }
    }
}
