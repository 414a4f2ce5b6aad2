/// One logfmt line: `time=… level=info event=listening port=40123 message="two words"`.
public struct LogLine: Sendable, CustomStringConvertible {
    public let text: String
    public let fields: [String: String]

    public var event: String? { fields["event"] }
    public var level: String? { fields["level"] }
    public var description: String { text }

    public subscript(name: String) -> String? { fields[name] }

    public init(_ text: String) {
        self.text = text
        var fields: [String: String] = [:]
        var rest = Substring(text)
        while let separator = rest.firstIndex(of: "=") {
            let name = rest[..<separator].drop { $0 == " " }
            rest = rest[rest.index(after: separator)...]
            fields[String(name)] = Self.takeValue(from: &rest)
        }
        self.fields = fields
    }

    private static func takeValue(from rest: inout Substring) -> String {
        guard rest.first == "\"" else {
            let value = rest.prefix { $0 != " " }
            rest = rest[value.endIndex...]
            return String(value)
        }
        rest = rest.dropFirst()
        var value = ""
        while let character = rest.popFirst(), character != "\"" {
            guard character == "\\", let escaped = rest.popFirst() else {
                value.append(character)
                continue
            }
            switch escaped {
            case "n": value.append("\n")
            case "t": value.append("\t")
            case "r": value.append("\r")
            default: value.append(escaped)
            }
        }
        return value
    }
}
