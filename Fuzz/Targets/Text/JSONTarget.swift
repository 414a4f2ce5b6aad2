import Foundation
import OllamaProxy

/// The reader against Foundation's, and against itself: what it passes over it can read, and what is written again
/// reads the same.
enum JSONTarget {
    static func run(_ bytes: Bytes) {
        var refusal: JSONError?
        do throws(JSONError) {
            try JSONReader.check(bytes)
        } catch {
            refusal = error
        }
        let tree = JSONTree(bytes)
        expect(
            (tree == nil) == (refusal != nil), "passing over says \(refusal.map { "\($0)" } ?? "valid"), reading not")
        if let refusal {
            expect((0...bytes.count).contains(refusal.offset), "the error lies outside: \(refusal)")
            _ = JSONPath.path(to: refusal.offset, in: bytes)
        }
        compareWithFoundation(bytes, tree)
        guard let tree else { return }
        expect(bytes.isEmpty || UTF8Repair.isValid(bytes), "valid JSON that is not valid UTF-8")
        checkWriting(of: tree, bytes)
    }

    private static func checkWriting(of tree: JSONTree, _ bytes: Bytes) {
        let written = ByteBuffer()
        var writer = JSONWriter(into: written)
        tree.write(to: &writer)
        expect(JSONTree(written) == tree, "it reads otherwise when written again: \(written.text)")
        let compact = ByteBuffer()
        JSONWriter.appendCompact(bytes, to: compact)
        expect(JSONTree(compact) == tree, "it reads otherwise when made compact: \(compact.text)")
        expect(compact.withBytes { WordScan.lineEnd(in: $0, from: 0) } == nil, "compact text has several lines")
    }

    // MARK: Foundation

    /// Behind some white space Foundation lets a comma pass that nothing follows. RFC 8259 does not.
    private static func hasTrailingComma(_ bytes: Bytes) -> Bool {
        let solid = bytes.filter { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        return zip(solid, solid.dropFirst()).contains { $0 == 0x2C && ($1 == 0x5D || $1 == 0x7D) }
    }

    private static func compareWithFoundation(_ bytes: Bytes, _ tree: JSONTree?) {
        // Foundation guesses UTF-16 and UTF-32 from zeroes and byte order marks, which we do not.
        guard !bytes.prefix(4).contains(0), ![0xEF, 0xFE, 0xFF].contains(bytes.first) else { return }
        guard nesting(of: bytes) < 500 else { return }
        let other = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        guard let tree else {
            return expect(other == nil || hasTrailingComma(bytes), "Foundation accepts what is refused here")
        }
        guard let other else {
            let isExplained = hasLoneSurrogate(bytes) || hasExtremeNumber(tree)
            return expect(isExplained, "Foundation refuses what is accepted here")
        }
        if !hasLoneSurrogate(bytes) { expect(agrees(tree, other), "Foundation reads something else") }
    }

    private static func nesting(of bytes: Bytes) -> Int {
        bytes.count { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{") }
    }

    /// Whether there is an escape of half a pair: ours become U+FFFD, as Go's do, and Foundation refuses the text.
    private static func hasLoneSurrogate(_ bytes: Bytes) -> Bool {
        bytes.text.lowercased().contains("\\ud")
    }

    /// Numbers that no double holds are for their readers to refuse.
    private static func hasExtremeNumber(_ tree: JSONTree) -> Bool {
        switch tree {
        case .object(let fields): fields.contains { hasExtremeNumber($0.value) }
        case .array(let elements): elements.contains { hasExtremeNumber($0) }
        case .number(let text):
            text.count > 15 || text.contains { $0 | 0x20 == UInt8(ascii: "e") }
        case .string, .bool, .null: false
        }
    }

    private static func agrees(_ tree: JSONTree, _ other: Any) -> Bool {
        switch (tree, other) {
        case (.object(let fields), let other as [String: Any]):
            // Which of two fields of the same name counts is nobody's agreement.
            guard Set(fields.map(\.key)).count == other.count, other.count == fields.count else { return true }
            return fields.allSatisfy { field in
                other[String(decoding: field.key, as: UTF8.self)].map { agrees(field.value, $0) } ?? false
            }
        case (.array(let elements), let other as [Any]):
            return elements.count == other.count && zip(elements, other).allSatisfy { agrees($0, $1) }
        case (.string(let text), let other as String): return text == Array(other.utf8)
        case (.bool(let value), let other as Bool): return value == other
        case (.number, is NSNumber): return true
        case (.null, is NSNull): return true
        default: return false
        }
    }
}
