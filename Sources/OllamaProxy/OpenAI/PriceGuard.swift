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
