/// Which models may be used, by patterns that a person writes into a file.
///
/// One pattern a line, without regard to case: a plain pattern is looked for anywhere in the full id; one with `*` is
/// a glob against the whole id. `!` in front excludes, `#` begins a comment. A model passes when it matches any
/// including pattern (or there are none) and no excluding one.
package struct ModelFilter: Equatable {
    private var included: [Pattern] = []
    private var excluded: [Pattern] = []

    /// Lets everything pass.
    package init() {}

    package init(text: Bytes) {
        for line in text.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            var content = Bytes(rebasing: line)
            if let comment = content.firstIndex(of: UInt8(ascii: "#")) { content = content.part(0..<comment) }
            content = content.trimmed
            let excludes = content.first == UInt8(ascii: "!")
            if excludes { content = content.part(1..<content.count).trimmed }
            guard !content.isEmpty else { continue }
            let pattern = Pattern(content.text)
            if excludes { excluded.append(pattern) } else { included.append(pattern) }
        }
    }

    package var isEmpty: Bool { included.isEmpty && excluded.isEmpty }

    /// How many patterns there are.
    package var patternCount: Int { included.count + excluded.count }

    package func allows(_ id: String) -> Bool {
        let id = Array(id.lowercased().utf8)
        if excluded.contains(where: { $0.matches(id) }) { return false }
        return included.isEmpty || included.contains { $0.matches(id) }
    }

    private struct Pattern: Equatable {
        /// The literal pieces between the stars.
        private let pieces: [[UInt8]]
        private let isGlob: Bool

        init(_ text: String) {
            let bytes = Array(text.lowercased().utf8)
            isGlob = bytes.contains(UInt8(ascii: "*"))
            pieces = bytes.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map(Array.init)
        }

        func matches(_ id: [UInt8]) -> Bool {
            guard isGlob else { return Self.find(pieces[0], in: id[...]) != nil }
            let first = pieces[0]
            let last = pieces[pieces.count - 1]
            guard id.count >= first.count + last.count, id.starts(with: first), id.suffix(last.count) == last[...]
            else { return false }
            var rest = id[first.count..<(id.count - last.count)]
            for piece in pieces.dropFirst().dropLast() {
                guard let end = Self.find(piece, in: rest) else { return false }
                rest = rest[end...]
            }
            return true
        }

        /// The offset behind the first occurrence.
        private static func find(_ piece: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
            guard !piece.isEmpty else { return text.startIndex }
            guard text.count >= piece.count else { return nil }
            for start in text.startIndex...(text.endIndex - piece.count)
            where text[start..<start + piece.count] == piece[...] {
                return start + piece.count
            }
            return nil
        }
    }
}
