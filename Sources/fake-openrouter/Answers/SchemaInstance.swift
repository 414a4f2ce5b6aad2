/// Makes the simplest value that satisfies a JSON schema.
struct SchemaInstance {
    private let root: JSONValue

    init(root: JSONValue) { self.root = root }

    /// A value that satisfies the whole schema.
    var value: JSONValue { instance(of: root, depth: 0) }

    private func instance(of schema: JSONValue, depth: Int) -> JSONValue {
        // A recursive schema would never end; what lies this deep is optional in any schema of use.
        guard depth < 24 else { return .null }
        if let constant = schema["const"] { return constant }
        if let first = schema["enum"]?.array?.first { return first }
        if let reference = schema["$ref"]?.string, let target = resolve(reference) {
            return instance(of: target, depth: depth + 1)
        }
        for name in ["anyOf", "oneOf"] {
            if let first = schema[name]?.array?.first { return instance(of: first, depth: depth + 1) }
        }
        if let parts = schema["allOf"]?.array { return merged(parts, depth: depth) }

        switch typeName(of: schema) {
        case "object": return object(schema, depth: depth)
        case "array":
            guard let items = schema["items"] else { return [] }
            let count = max(schema["minItems"]?.int ?? 1, schema["maxItems"]?.int == 0 ? 0 : 1)
            return .array(Array(repeating: instance(of: items, depth: depth + 1), count: min(count, 1000)))
        case "integer": return .number(String(Int(bounded(1, by: schema).rounded(.up))))
        case "number":
            let number = bounded(1, by: schema)
            return .number(number == number.rounded() ? String(Int(number)) : String(number))
        case "boolean": return true
        case "null": return .null
        default: return .string(text(for: schema))
        }
    }

    private func typeName(of schema: JSONValue) -> String? {
        if let name = schema["type"]?.string { return name }
        if let names = schema["type"]?.array?.compactMap(\.string) {
            return names.first { $0 != "null" } ?? names.first
        }
        if schema["properties"] != nil { return "object" }
        return schema["items"] != nil ? "array" : nil
    }

    private func object(_ schema: JSONValue, depth: Int) -> JSONValue {
        let properties = schema["properties"]?.members ?? []
        guard let required = schema["required"]?.array?.compactMap(\.string) else {
            return .object(
                properties.map { JSONValue.Member(name: $0.name, value: instance(of: $0.value, depth: depth + 1)) })
        }
        return .object(
            required.map { name in
                let property = properties.first { $0.name == name }?.value ?? ["type": "string"]
                return JSONValue.Member(name: name, value: instance(of: property, depth: depth + 1))
            })
    }

    private func merged(_ parts: [JSONValue], depth: Int) -> JSONValue {
        let values = parts.map { instance(of: $0, depth: depth + 1) }
        guard values.contains(where: { $0.members != nil }) else { return values.first ?? .null }
        return values.flatMap { $0.members ?? [] }.reduce([:]) { $0.with($1.name, $1.value) }
    }

    private func text(for schema: JSONValue) -> String {
        switch schema["format"]?.string {
        case "date-time": return "2026-01-31T12:00:00Z"
        case "date": return "2026-01-31"
        case "time": return "12:00:00Z"
        case "email": return "example@example.com"
        case "uri", "url": return "https://example.com"
        case "uuid": return "00000000-0000-4000-8000-000000000000"
        default: break
        }
        var text = "example"
        if let least = schema["minLength"]?.int, least > text.count {
            text += String(repeating: "e", count: min(least, 65_536) - text.count)
        }
        if let most = schema["maxLength"]?.int, most >= 0 { text = String(text.prefix(most)) }
        return text
    }

    private func bounded(_ number: Double, by schema: JSONValue) -> Double {
        var number = number
        if let least = schema["minimum"]?.double { number = max(number, least) }
        if let bound = schema["exclusiveMinimum"]?.double, number <= bound { number = bound + 1 }
        if let most = schema["maximum"]?.double { number = min(number, most) }
        if let bound = schema["exclusiveMaximum"]?.double, number >= bound { number = bound - 1 }
        if let step = schema["multipleOf"]?.double, step > 0 { number = (number / step).rounded(.up) * step }
        return number
    }

    private func resolve(_ reference: String) -> JSONValue? {
        guard reference.hasPrefix("#") else { return nil }
        var target: JSONValue? = root
        for part in reference.dropFirst().split(separator: "/") { target = target?[String(part)] }
        return target
    }
}
