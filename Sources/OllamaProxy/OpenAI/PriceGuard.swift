/// Keeps what costs money out of requests in free mode, whichever way a client asks for it. The model itself is always
/// one of the free ones; what remains are the upstream's extras.
package enum PriceGuard {
    /// Whether a field is left out: those that name other models, or dearer ways to the same.
    static func removes(_ key: JSONText) -> Bool {
        ["models", "route", "preset", "service_tier"].contains { key == $0 }
    }

    /// Refuses fields that ask for a service of its own price. The value is only looked at.
    /// - Throws: `RequestError`, status 400, or `JSONError`.
    static func checkField(_ key: JSONText, from reader: inout JSONReader) throws {
        guard key == "plugins" || key == "web_search_options" else { return }
        var ahead = reader
        let value = try ahead.slice()
        guard ["null", "[]", "{}"].contains(where: { value.equals($0) }) else {
            throw RequestError.badRequest("\(key.string): costs money, and the server is in free mode (FREE_MODE)")
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

    /// Reads a `tools` array and refuses tools that the upstream runs itself, for money. Functions are the client's.
    /// - Throws: `RequestError`, status 400, or `JSONError`.
    static func checkTools(from reader: inout JSONReader) throws {
        guard try reader.kind() == .array else { return try reader.skip() }
        try reader.beginArray()
        while try reader.nextElement() {
            guard try reader.kind() == .object else {
                try reader.skip()
                continue
            }
            try reader.beginObject()
            while let key = try reader.nextKey() {
                guard key == "type", try reader.kind() == .string else {
                    try reader.skip()
                    continue
                }
                let type = try reader.string()
                guard type == "function" || type == "custom" else {
                    throw RequestError.badRequest(
                        "tools: a tool of type \"\(type.string.prefix(50))\" costs money, and the server is in free mode "
                            + "(FREE_MODE)")
                }
            }
        }
    }

    /// Refuses a `tools` array that holds such tools.
    /// - Throws: `RequestError`, status 400.
    package static func check(tools: Bytes) throws(RequestError) {
        do {
            var reader = JSONReader(tools)
            try checkTools(from: &reader)
        } catch let error as RequestError {
            throw error
        } catch {
            throw .badRequest("tools: \(error)")
        }
    }
}
