/// What the requests that manage models say: which model, and whether the reply is to be a stream.
package struct ManagementRequest {
    package var model = ""
    package var stream = true
    /// For `/api/copy`.
    package var source = ""
    package var destination = ""

    /// Reads a body whose `model`, or `name` as older clients have it, is required.
    /// - Throws: `RequestError`, status 400.
    package static func named(
        _ body: Bytes, _ strings: LongStrings = .none
    ) throws(RequestError) -> ManagementRequest {
        let request = try ManagementRequest(body, strings)
        guard !request.model.isEmpty else { throw .modelRequired }
        return request
    }

    /// Reads a body whose `source` and `destination` are required.
    /// - Throws: `RequestError`, status 400.
    package static func copy(
        _ body: Bytes, _ strings: LongStrings = .none
    ) throws(RequestError) -> ManagementRequest {
        let request = try ManagementRequest(body, strings)
        guard !request.source.isEmpty else { throw .badRequest("source is required") }
        guard !request.destination.isEmpty else { throw .badRequest("destination is required") }
        guard request.destination.utf8.count <= 200, request.destination.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw .badRequest("destination \"\(request.destination.prefix(100))\" is invalid") }
        return request
    }

    private init(_ body: Bytes, _ strings: LongStrings) throws(RequestError) {
        var request = (model: "", stream: true, source: "", destination: "")
        try RequestBody.read(body, strings) { key, reader in
            switch key {
            case "model", "name":
                if let name = try RequestBody.name(from: &reader), !name.isEmpty { request.model = name }
            case "stream": request.stream = try reader.boolOrNull() ?? true
            case "source": request.source = try RequestBody.name(from: &reader) ?? ""
            case "destination": request.destination = try RequestBody.name(from: &reader) ?? ""
            case "verbose", "insecure": try reader.skip(.bool, expected: .bool)
            case "system", "template", "username", "password": try reader.skip(.string, expected: .string)
            case "options": try reader.skip(.object, expected: .object)
            default: try reader.skip()
            }
        }
        (model, stream, source, destination) = request
    }
}
