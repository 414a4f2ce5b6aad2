/// Why a script or one of its answers cannot be used.
struct ScriptError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Reads the members of one scripted answer and refuses those that nobody asked for, so that a misspelt name does not
/// quietly test nothing.
struct AnswerFields {
    let value: JSONValue
    let kind: String

    init(_ value: JSONValue, kind: String, allowed: Set<String>) throws(ScriptError) {
        guard let members = value.members else { throw ScriptError("an answer must be an object") }
        for member in members where member.name != "kind" && !allowed.contains(member.name) {
            throw ScriptError("unknown member \"\(member.name)\" in an answer of kind \"\(kind)\"")
        }
        (self.value, self.kind) = (value, kind)
    }

    subscript(name: String) -> JSONValue? { value[name] }

    func int(_ name: String) throws(ScriptError) -> Int? { try read(name, "a whole number", \.int) }
    func bool(_ name: String) throws(ScriptError) -> Bool? { try read(name, "true or false", \.bool) }
    func string(_ name: String) throws(ScriptError) -> String? { try read(name, "a string", \.string) }

    /// Zero or more; anything negative is an error.
    func count(_ name: String) throws(ScriptError) -> Int? {
        let value = try int(name)
        if let value, value < 0 { throw wrong(name, "zero or more") }
        return value
    }

    func delay(_ name: String) throws(ScriptError) -> Delay? {
        try read(name, "a number", \.double).map(Delay.init(milliseconds:))
    }

    func strings(_ name: String) throws(ScriptError) -> [String]? {
        guard let elements = try read(name, "an array of strings", \.array) else { return nil }
        let strings = elements.compactMap(\.string)
        guard strings.count == elements.count else { throw wrong(name, "an array of strings") }
        return strings
    }

    /// Header names and values, in the order of the script.
    func headers() throws(ScriptError) -> [(String, String)] {
        guard let members = try read("headers", "an object", \.members) else { return [] }
        var headers: [(String, String)] = []
        for member in members {
            switch member.value {
            case .string(let text), .number(let text): headers.append((member.name, text))
            default: throw wrong("headers", "an object of strings")
            }
        }
        return headers
    }

    private func read<Value>(_ name: String, _ expected: String, _ path: KeyPath<JSONValue, Value?>)
        throws(ScriptError) -> Value?
    {
        guard let member = value[name] else { return nil }
        guard let found = member[keyPath: path] else { throw wrong(name, expected) }
        return found
    }

    private func wrong(_ name: String, _ expected: String) -> ScriptError {
        ScriptError("\"\(name)\" of an answer of kind \"\(kind)\" must be \(expected)")
    }
}
