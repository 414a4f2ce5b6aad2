/// Names the place in a JSON text that an offset lies in, the way people write it: `messages[2].images[0]`.
package enum JSONPath {
    /// - Returns: nil when the offset lies in no field, such as before the first or behind the last.
    package static func path(to offset: Int, in bytes: Bytes) -> String? {
        var reader = JSONReader(bytes)
        var path = ""
        descend(&reader, to: offset, &path)
        return path.isEmpty ? nil : path
    }

    private static func descend(_ reader: inout JSONReader, to offset: Int, _ path: inout String) {
        switch try? reader.kind() {
        case .object:
            guard (try? reader.beginObject()) != nil else { return }
            while let key = try? reader.nextKey() {
                if holds(reader, offset) {
                    path += path.isEmpty ? key.string : ".\(key.string)"
                    return descend(&reader, to: offset, &path)
                }
                guard (try? reader.skip()) != nil else { return }
            }
        case .array:
            guard (try? reader.beginArray()) != nil else { return }
            var index = 0
            while (try? reader.nextElement()) == true {
                if holds(reader, offset) {
                    path += "[\(index)]"
                    return descend(&reader, to: offset, &path)
                }
                guard (try? reader.skip()) != nil else { return }
                index += 1
            }
        default: return
        }
    }

    /// Whether the value that comes next reaches as far as the offset, or breaks off before.
    private static func holds(_ reader: JSONReader, _ offset: Int) -> Bool {
        var reader = reader
        return (try? reader.skip()) == nil || reader.offset > offset
    }
}
