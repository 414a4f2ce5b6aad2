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
        let fields = ByteBuffer(capacity: 64)
        copyFields(of: value, to: fields) { key in kept.contains { key == $0 } }
        guard !fields.isEmpty else { return nil }
        let output = ByteBuffer("{")
        output.append(fields)
        output.append("}")
        return output
    }

    /// Appends the fields of an object that are kept, without the braces around them. The value was checked when it was
    /// sliced, so nothing is thrown here.
    private static func copyFields(of value: Bytes, to output: ByteBuffer, keeping isKept: (JSONText) -> Bool) {
        var reader = JSONReader(value)
        try? reader.forEachFieldIfObject { key, reader throws(JSONError) in
            let field = try reader.slice()
            guard isKept(key) else { return }
            if !output.isEmpty { output.append(",") }
            output.append("\"")
            output.append(key.escaped)
            output.append("\":")
            output.append(field)
        }
    }

    /// The `provider` field, with a comma behind it, of a request that may only cost so much: the client's own
    /// preferences, and the upstream's own cap, which holds for every provider it may choose.
    static func preferences(_ given: Bytes?, cappedAt limit: Double) -> ByteBuffer {
        let fields = ByteBuffer(capacity: 128)
        if let given { copyFields(of: given, to: fields) { !($0 == "max_price") } }
        if !fields.isEmpty { fields.append(",") }
        appendCap(limit, to: fields)
        let output = ByteBuffer("\"provider\":{")
        output.append(fields)
        output.append("},")
        return output
    }

    /// Appends the upstream's cap on prices, as a field without the braces around it.
    static func appendCap(_ limit: Double, to output: ByteBuffer) {
        output.append("\"max_price\":{\"prompt\":\(limit),\"completion\":\(limit)}")
    }

    /// Which tools of an API are the client's to run. All others the upstream runs itself, for money.
    struct FreeTools: Sendable {
        let types: [StaticString]
        /// Beginnings of further types.
        var prefixes: [StaticString] = []
        /// Whether a tool that names no type is one.
        var needsType = false
        /// Whether agents list paid tools beside their own without meaning to use them.
        var paidOnesAreListedUnasked = false

        /// Tools of a chat.
        static let functions = FreeTools(types: ["function", "custom"])
        /// Coding agents bring tools of their own.
        static let ofResponses = FreeTools(
            types: ["function", "custom", "local_shell", "shell", "apply_patch", "namespace"], needsType: true,
            paidOnesAreListedUnasked: true)
        /// Anthropic's names for what a client runs carry the date of their version.
        static let ofMessages = FreeTools(
            types: ["function", "custom"], prefixes: ["bash_", "text_editor_", "computer_", "memory_"],
            paidOnesAreListedUnasked: true)

        func includes(_ type: JSONText?) -> Bool {
            guard let type else { return !needsType }
            return types.contains { type == $0 } || prefixes.contains { type.string.hasPrefix($0.description) }
        }
    }

    /// What remains of a `tools` array in free mode. Coding agents list tools that the upstream runs beside their own:
    /// those are left out. A request that has no others asks for just them, and is refused.
    /// - Returns: nil when all of it remains; otherwise the rest, and the types and names of what is left out.
    /// - Throws: `RequestError`, status 400.
    static func freeTools(in array: Bytes, _ free: FreeTools) throws -> (kept: ByteBuffer, removed: [String])? {
        guard array.first == UInt8(ascii: "[") else {
            guard array.equals("null") else { throw RequestError.badRequest("tools must be an array") }
            return nil
        }
        var kept: [Bytes] = []
        var removed: [String] = []
        var reader = JSONReader(array)
        try reader.forEachElement { reader throws(JSONError) in
            let tool = try reader.slice()
            let (type, name) = try identity(of: tool)
            if tool.first == UInt8(ascii: "{"), !free.includes(type) {
                removed += [type?.string ?? "none"] + (name.map { [$0.string] } ?? [])
            } else {
                kept.append(tool)
            }
        }
        guard let paid = removed.first else { return nil }
        guard free.paidOnesAreListedUnasked, !kept.isEmpty else { throw costsMoney(tool: paid) }
        let output = ByteBuffer(capacity: array.count)
        var writer = JSONWriter(into: output)
        writer.array { writer in
            for tool in kept { writer.raw(tool) }
        }
        return (output, removed)
    }

    /// Refuses a `tool_choice` that demands one of the tools that were left out.
    /// - Throws: `RequestError`, status 400.
    static func check(choice: Bytes, removed: [String]) throws(RequestError) {
        // The value was checked when it was sliced.
        guard let identity = try? identity(of: choice) else { return }
        let demanded = [identity.type, identity.name].compactMap { $0?.string }.first { removed.contains($0) }
        if let demanded { throw costsMoney(tool: demanded) }
    }

    private static func costsMoney(tool: String) -> RequestError {
        .badRequest(
            "tools: a tool of type \"\(tool.prefix(50))\" costs money, which FREE_MODE or MAX_PRICE_PER_MILLION rules out"
        )
    }

    /// The last `type` and `name` of a tool, as the upstream's reader would have them.
    private static func identity(of tool: Bytes) throws(JSONError) -> (type: JSONText?, name: JSONText?) {
        var found = (type: JSONText?.none, name: JSONText?.none)
        var reader = JSONReader(tool)
        try reader.forEachFieldIfObject { key, reader throws(JSONError) in
            switch key {
            case "type": found.type = try reader.stringIfAny()
            case "name": found.name = try reader.stringIfAny()
            default: try reader.skip()
            }
        }
        return found
    }

    /// Refuses a `tools` array that holds such tools.
    /// - Throws: `RequestError`, status 400.
    package static func check(tools: Bytes) throws(RequestError) {
        do {
            _ = try freeTools(in: tools, .functions)
        } catch let error as RequestError {
            throw error
        } catch {
            throw .badRequest("tools: \(error)")
        }
    }
}
