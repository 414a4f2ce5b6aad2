/// Names the place in a JSON text that an offset lies in, the way people write it: `messages[2].images[0]`.
package enum JSONPath {
    /// Levels to name; requests have no more, and what is nested deeper is better not repeated.
    private static let mostLevels = 8

    /// - Returns: nil when the offset lies in no field, such as before the first or behind the last.
    package static func path(to offset: Int, in bytes: Bytes, _ strings: LongStrings = .none) -> String? {
        var reader = JSONReader(bytes, strings)
        var path = ""
        for _ in 0..<mostLevels {
            guard let step = step(&reader, towards: offset) else { break }
            path += path.isEmpty && step.hasPrefix(".") ? String(step.dropFirst()) : step
        }
        return path.isEmpty ? nil : path
    }

    /// Moves to the field or element that holds the offset, and says which it is.
    private static func step(_ reader: inout JSONReader, towards offset: Int) -> String? {
        switch try? reader.kind() {
        case .object:
            guard (try? reader.beginObject()) != nil else { return nil }
            while let key = try? reader.nextKey() {
                if holds(reader, offset) { return "." + key.beginning(100) }
                guard (try? reader.skip()) != nil else { return nil }
            }
        case .array:
            guard (try? reader.beginArray()) != nil else { return nil }
            var index = 0
            while (try? reader.nextElement()) == true {
                if holds(reader, offset) { return "[\(index)]" }
                guard (try? reader.skip()) != nil else { return nil }
                index += 1
            }
        default: break
        }
        return nil
    }

    /// Whether the value that comes next reaches as far as the offset, or breaks off before.
    private static func holds(_ reader: JSONReader, _ offset: Int) -> Bool {
        var reader = reader
        return (try? reader.skip()) == nil || reader.offset > offset
    }
}
