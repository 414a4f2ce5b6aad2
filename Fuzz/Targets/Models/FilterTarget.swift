import OllamaProxy

/// Filters against a plain reading of the same patterns. The last line of the input is the id that is asked about.
enum FilterTarget {
    static func run(_ bytes: Bytes) {
        let lines = bytes.split(omittingEmptySubsequences: false) { $0 == 0x0A || $0 == 0x0D }
        let id = String(decoding: lines.last ?? bytes[...], as: UTF8.self)
        let text = bytes.part(0..<bytes.count - (lines.last?.count ?? 0))
        let filter = ModelFilter(text: text)
        let expected = plainly(text, allows: id)
        expect(filter.allows(id) == expected, "it should be \(expected) for \(id) by \(text.text)")
        expect(filter.isEmpty == (filter.patternCount == 0), "empty, with patterns")
    }

    private static func plainly(_ text: Bytes, allows id: String) -> Bool {
        var (included, excluded): ([[UInt8]], [[UInt8]]) = ([], [])
        for line in text.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            var pattern = trimmed(Array(line.prefix { $0 != UInt8(ascii: "#") }))
            let excludes = pattern.first == UInt8(ascii: "!")
            if excludes { pattern = trimmed(Array(pattern.dropFirst())) }
            guard !pattern.isEmpty else { continue }
            let lowercased = Array(String(decoding: pattern, as: UTF8.self).lowercased().utf8)
            if excludes { excluded.append(lowercased) } else { included.append(lowercased) }
        }
        let id = Array(id.lowercased().utf8)
        if excluded.contains(where: { matches($0, id) }) { return false }
        return included.isEmpty || included.contains { matches($0, id) }
    }

    private static func trimmed(_ text: [UInt8]) -> [UInt8] {
        var text = text[...]
        while let first = text.first, [0x20, 0x09].contains(first) { text.removeFirst() }
        while let last = text.last, [0x20, 0x09].contains(last) { text.removeLast() }
        return Array(text)
    }

    /// Globs by the table of all prefixes: slow, and without any choice to get wrong.
    private static func matches(_ pattern: [UInt8], _ id: [UInt8]) -> Bool {
        let star = UInt8(ascii: "*")
        let pattern = pattern.contains(star) ? pattern : [star] + pattern + [star]
        var row = [true] + [Bool](repeating: false, count: id.count)
        for symbol in pattern {
            var next = [Bool](repeating: false, count: id.count + 1)
            if symbol == star { next[0] = row[0] }
            for index in id.indices {
                next[index + 1] = symbol == star ? next[index] || row[index + 1] : row[index] && id[index] == symbol
            }
            row = next
        }
        return row[id.count]
    }
}
