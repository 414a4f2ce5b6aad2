/// A complete HTTP request.
struct HTTPRequest {
    let method: String
    /// The path without the query.
    let path: String
    let query: [String: String]
    /// Header names in lower case; repeated headers are joined by ", ".
    let headers: [String: String]
    let body: [UInt8]
    /// Whether the peer wants the connection closed after the answer.
    let asksToClose: Bool

    /// The key of `Authorization: Bearer KEY`.
    var bearerKey: String? {
        guard let value = headers["authorization"], value.lowercased().hasPrefix("bearer ") else { return nil }
        let key = value.dropFirst(7).drop { $0 == " " }
        return key.isEmpty ? nil : String(key)
    }
}

/// A request that cannot be read; the connection ends with this status.
struct HTTPRequestError: Error {
    let status: Int
    let reason: String

    static func malformed(_ reason: String) -> HTTPRequestError { HTTPRequestError(status: 400, reason: reason) }
}

/// The request line and headers of an HTTP request.
struct HTTPRequestHead {
    let method: String
    let target: String
    let version: String
    let headers: [String: String]

    init(parsing bytes: ArraySlice<UInt8>) throws(HTTPRequestError) {
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            line.last == 0x0D ? line.dropLast() : line
        }[...]
        guard let first = lines.popFirst() else { throw .malformed("no request line") }
        let parts = first.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
        guard parts.count == 3, parts[2].hasPrefix("HTTP/1."), parts[1].hasPrefix("/") else {
            throw .malformed("bad request line")
        }
        (method, target, version) = (parts[0], parts[1], parts[2])

        var headers: [String: String] = [:]
        for line in lines where !line.isEmpty {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { throw .malformed("bad header line") }
            let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
            var value = line[(colon + 1)...]
            while value.first == 0x20 || value.first == 0x09 { value = value.dropFirst() }
            while value.last == 0x20 || value.last == 0x09 { value = value.dropLast() }
            let text = String(decoding: value, as: UTF8.self)
            headers[name] = headers[name].map { $0 + ", " + text } ?? text
        }
        self.headers = headers
    }

    /// The whole request, once its body is there.
    func request(body: [UInt8]) -> HTTPRequest {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var query: [String: String] = [:]
        for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[String(sides[0])] = sides.count > 1 ? String(sides[1]) : ""
        }
        let connection = headers["connection"]?.lowercased() ?? ""
        return HTTPRequest(
            method: method, path: String(parts[0]), query: query, headers: headers, body: body,
            asksToClose: connection.contains("close") || (version == "HTTP/1.0" && !connection.contains("keep-alive")))
    }
}
