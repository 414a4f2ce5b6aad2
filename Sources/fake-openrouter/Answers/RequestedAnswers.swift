/// Answers that a request asks for by itself, in a text such as `@fake 17 slow cut@` anywhere in its body: the first
/// time the label comes it gets the first answer, then the next, and the last one from there on. So a client that sends many
/// requests at once knows what each of them has met, in whatever order they arrive.
struct RequestedAnswers {
    /// Tells one request from the others.
    let label: String
    /// Names of the script's answers.
    let names: [String]

    private static let beginning = Array("@fake ".utf8)
    /// A text that goes on for longer is no such text.
    private static let longestText = 1024

    /// - Returns: nil when the request leaves the choice to the script.
    init?(in body: [UInt8]) {
        guard let start = Self.offset(of: Self.beginning, in: body) else { return nil }
        let text = body[(start + Self.beginning.count)...].prefix(Self.longestText)
        guard let end = text.firstIndex(of: UInt8(ascii: "@")) else { return nil }
        let parts = text[..<end].split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
        guard parts.count > 1 else { return nil }
        label = parts[0]
        names = Array(parts[1...])
    }

    private static func offset(of needle: [UInt8], in body: [UInt8]) -> Int? {
        body.withUnsafeBufferPointer { bytes in
            var index = 0
            while index + needle.count <= bytes.count {
                if bytes[index] == needle[0], bytes[index..<index + needle.count].elementsEqual(needle) { return index }
                index += 1
            }
            return nil
        }
    }
}

extension Completion {
    /// The same answer with the label in place of each `{label}`, so that it can be told from all others.
    func labelled(_ label: String) -> Completion {
        func fill(_ text: String) -> String { text.replacing("{label}", with: label) }
        var completion = self
        completion.content = content.map(fill)
        completion.reasoning = reasoning.map(fill)
        completion.toolCalls = toolCalls.map { call in
            ToolCall(
                identifier: call.identifier, name: call.name, arguments: fill(call.arguments), fragments: call.fragments
            )
        }
        return completion
    }
}
