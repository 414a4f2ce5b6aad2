/// A request to `POST /v1/chat/completions`, of which nothing is read but what the proxy has to know.
package struct OpenAIChatRequest {
    package var model = ""
    package var stream = false
    /// Where the values of the top-level key `model` stand in the body. One, unless the sender repeats itself; all of
    /// them are replaced, since readers differ in which one counts.
    package var modelRanges: [Range<Int>] = []

    /// - Throws: `RequestError`, status 400.
    package init(_ body: Bytes) throws(RequestError) {
        var request = (model: "", stream: false, ranges: [Range<Int>](), hasMessages: false)
        do throws(JSONError) {
            var reader = JSONReader(body)
            try reader.forEachField { key, reader throws(JSONError) in
                switch key {
                case "model":
                    _ = try reader.kind()
                    let start = reader.offset
                    request.model = try reader.stringOrNull()?.string ?? ""
                    request.ranges.append(start..<reader.offset)
                case "stream": request.stream = try reader.boolIfAny() ?? false
                case "messages":
                    request.hasMessages = try reader.kind() == .array
                    try reader.skip()
                default: try reader.skip()
                }
            }
            try reader.end()
        } catch {
            throw .invalidBody(error, body)
        }
        guard !request.model.isEmpty else { throw .modelRequired }
        guard request.hasMessages else { throw .badRequest("messages is required and must be an array") }
        (model, stream, modelRanges) = (request.model, request.stream, request.ranges)
    }
}
