// The rules as docs/free-mode.md tells them, which a test compares.

extension FreeOfCharge {
    /// One place of a body.
    package struct Row: Equatable {
        /// Such as `messages[].content[]`; empty for the body itself.
        package let place: String
        package var free: [String] = []
        package var leftOut: [String] = []
        package var refused: [String] = []
        /// Values of `type` that are known; empty where any is.
        package var types: [String] = []
    }

    /// Each API by its path, with a row for each object of its bodies.
    package static let documentation: [(path: String, rows: [Row])] = Route.allCases.compactMap { route in
        guard let dialect = route.forwardedDialect else { return nil }
        let free = dialect.free
        let prompt = rows(of: free.prompt, at: dialect.promptField.description)
        let tools = free.tools.types.map(\.description) + free.tools.prefixes.map { "\($0)…" }
        return (route.rawValue, rows(of: free.fields, at: "") + prompt + [Row(place: "tools[]", types: tools)])
    }

    private static func rows(of fields: FieldRules, at place: String, types: [String] = []) -> [Row] {
        var row = Row(place: place, types: types)
        var inner: [Row] = []
        for field in fields.fields {
            let name = field.name.description
            switch field.treatment {
            case .need, .own: row.free.append(name)
            case .leftOut: row.leftOut.append(name)
            case .refused: row.refused.append(name)
            case .free(let rule):
                row.free.append(name)
                if name == "type", rule.kind == .oneOf {
                    row.types = rule.words.map(\.description)
                } else {
                    inner += rows(of: rule, at: place.isEmpty ? name : "\(place).\(name)")
                }
            }
        }
        return [row] + inner
    }

    private static func rows(of rule: BodyRule, at place: String) -> [Row] {
        switch rule.kind {
        case .anything, .prompt, .oneOf, .attachment, .tools, .toolChoice, .plugins: []
        case .promptOr: rows(of: rule.inner!, at: place)
        case .list: rows(of: rule.inner!, at: "\(place)[]")
        case .object: rows(of: rule.fields!, at: place)
        case .typed: rule.types.flatMap { rows(of: $0.fields, at: place, types: [$0.type.description]) }
        }
    }
}
