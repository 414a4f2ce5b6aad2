/// An answer's status line and headers.
public struct HTTPHead: Sendable {
    /// Headers in their order; look-ups ignore case.
    public struct Headers: Sendable {
        public let fields: [(name: String, value: String)]

        public subscript(name: String) -> String? { all(name).first }

        /// All values of one header.
        public func all(_ name: String) -> [String] {
            let name = name.lowercased()
            return fields.filter { $0.name.lowercased() == name }.map(\.value)
        }
    }

    public let status: Int
    public let reason: String
    public let headers: Headers

    init(parsing lines: [String]) throws {
        let parts = (lines.first ?? "").split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0].hasPrefix("HTTP/1."), let status = Int(parts[1]) else {
            throw SupportError("not an HTTP status line: \(lines.first ?? "nothing")")
        }
        self.status = status
        reason = parts.count > 2 ? String(parts[2]) : ""
        headers = Headers(
            fields: try lines.dropFirst().map { line in
                guard let colon = line.firstIndex(of: ":") else { throw SupportError("not a header: \(line)") }
                let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
                return (String(line[..<colon]), String(value))
            })
    }
}
