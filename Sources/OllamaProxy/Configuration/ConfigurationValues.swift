/// The kinds of values that variables hold. A value that cannot be used is noted among the errors, and the standard stands
/// in for it.
extension ConfigurationReader {
    mutating func bool(_ name: String, default standard: Bool) -> Bool {
        guard let text = environment[name] else { return standard }
        switch text.lowercased() {
        case "true", "1", "yes", "on": return true
        case "false", "0", "no", "off": return false
        default:
            fail(name, text, "true or false")
            return standard
        }
    }

    mutating func integer(_ name: String, _ range: ClosedRange<Int>, default standard: Int) -> Int {
        guard let text = environment[name] else { return standard }
        guard let value = Int(text), range.contains(value) else {
            fail(name, text, "a whole number from \(range.lowerBound) to \(range.upperBound)")
            return standard
        }
        return value
    }

    mutating func seconds(_ name: String, _ range: ClosedRange<Int>, default standard: Int) -> Span {
        .seconds(integer(name, range, default: standard))
    }

    /// nil when the variable is not set.
    mutating func optionalInteger(_ name: String, _ range: ClosedRange<Int>) -> Int? {
        environment[name] == nil ? nil : integer(name, range, default: range.lowerBound)
    }

    mutating func choice<Value>(
        _ name: String, of values: [Value], default standard: Value, _ word: (Value) -> String
    ) -> Value {
        guard let text = environment[name] else { return standard }
        guard let value = values.first(where: { word($0).lowercased() == text.lowercased() }) else {
            fail(name, text, "one of " + values.map { word($0) }.joined(separator: ", "))
            return standard
        }
        return value
    }

    mutating func fail(_ name: String, _ value: String, _ allowed: String) {
        errors.append(ConfigurationError(name, value: value, allowed: allowed))
    }
}
