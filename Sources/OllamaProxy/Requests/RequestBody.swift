/// The body of a request: one JSON object, of which each API reads the fields that it knows.
enum RequestBody {
    /// Reads a whole body, handing each key to `field`, which reads or skips its value.
    /// - Throws: `RequestError`, status 400, that names the field.
    static func read(
        _ body: Bytes, _ field: (JSONText, inout JSONReader) throws -> Void
    ) throws(RequestError) {
        try readObject(body) { reader in
            try reader.beginObject()
            while let key = try reader.nextKey() { try field(key, &reader) }
        }
    }

    /// Reads a whole body by a reader that stands before its brace, and has passed its end afterwards.
    /// - Throws: `RequestError`, status 400, that names the field.
    static func readObject(_ body: Bytes, _ read: (inout JSONReader) throws -> Void) throws(RequestError) {
        do {
            var reader = JSONReader(body)
            try read(&reader)
            try reader.end()
        } catch let error as JSONError {
            throw .invalidBody(error, body)
        } catch let error as RequestError {
            throw error
        } catch {
            throw .badRequest("\(error)")
        }
    }
}
