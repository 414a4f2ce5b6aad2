/// The body of a request: one JSON object, of which each API reads the fields that it knows.
enum RequestBody {
    /// Reads a whole body, handing each key to `field`, which reads or skips its value.
    /// - Throws: `RequestError`, status 400, that names the field.
    static func read(
        _ body: Bytes, _ field: (JSONText, inout JSONReader) throws -> Void
    ) throws(RequestError) {
        do {
            var reader = JSONReader(body)
            try reader.beginObject()
            while let key = try reader.nextKey() { try field(key, &reader) }
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
