/// The body of a request: one JSON object, of which each API reads the fields that it knows.
enum RequestBody {
    /// Reads the name of a model; nil for null. It is looked up, logged and repeated, so it may not be of any length.
    /// - Throws: `RequestError`, status 400, when it is longer than any model's.
    static func name(from reader: inout JSONReader) throws -> String? {
        guard let name = try reader.stringOrNull() else { return nil }
        guard name.escaped.count <= longestName else {
            throw RequestError.badRequest("the model's name is longer than \(longestName) bytes")
        }
        return name.string
    }

    /// In bytes, as written in the body.
    static let longestName = 500

    /// Reads a whole body, handing each key to `field`, which reads or skips its value.
    /// - Parameter strings: where the body's long strings are, as far as that is known.
    /// - Throws: `RequestError`, status 400, that names the field.
    static func read(
        _ body: Bytes, _ strings: LongStrings, _ field: (JSONText, inout JSONReader) throws -> Void
    ) throws(RequestError) {
        try readObject(body, strings) { reader in
            try reader.beginObject()
            while let key = try reader.nextKey() { try field(key, &reader) }
        }
    }

    /// Reads a whole body by a reader before its opening brace, and has passed its end afterwards.
    /// - Throws: `RequestError`, status 400, that names the field.
    static func readObject(
        _ body: Bytes, _ strings: LongStrings, _ read: (inout JSONReader) throws -> Void
    ) throws(RequestError) {
        do {
            var reader = JSONReader(body, strings)
            try read(&reader)
            try reader.end()
        } catch let error as JSONError {
            throw .invalidBody(error, body, strings)
        } catch let error as RequestError {
            throw error
        } catch {
            throw .badRequest("\(error)")
        }
    }
}
