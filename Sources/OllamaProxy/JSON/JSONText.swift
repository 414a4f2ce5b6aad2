/// A JSON string as it is between its quotes, escapes and all. Borrowed from the text it was read from.
///
/// Most strings that pass through are only copied from one JSON text into another, which needs no decoding and keeps
/// even lone surrogates as they were.
package struct JSONText {
    /// The bytes between the quotes. Valid UTF-8, valid escapes, no unescaped control characters.
    package let escaped: Bytes
    package let hasEscapes: Bool
    /// How many characters are written as `\u` and four digits; -1 where nobody has counted.
    let escapedCharacters: Int32

    package init(escaped: Bytes, hasEscapes: Bool, escapedCharacters: Int32 = -1) {
        self.escaped = escaped
        self.hasEscapes = hasEscapes
        self.escapedCharacters = escapedCharacters
    }

    /// A text without escapes.
    init(_ text: StaticString) {
        self.init(escaped: Bytes(start: text.utf8Start, count: text.utf8CodeUnitCount), hasEscapes: false)
    }

    package var isEmpty: Bool { escaped.isEmpty }

    /// The decoded text; lone surrogates become U+FFFD.
    package var string: String {
        guard hasEscapes else { return escaped.text }
        let decoded = ByteBuffer(capacity: escaped.count)
        decode(into: decoded)
        return decoded.text
    }

    /// The first characters of the decoded text, for messages and comparisons: what a client sends may be megabytes long.
    package func beginning(_ count: Int) -> String {
        // No character that people write takes more.
        let most = count * 12
        guard escaped.count > most else { return String(string.prefix(count)) }
        var index = 0
        while index < most {
            guard hasEscapes, escaped[index] == UInt8(ascii: "\\") else {
                index += 1
                continue
            }
            index += escaped[index + 1] == UInt8(ascii: "u") ? 6 : 2
        }
        while index < escaped.count, escaped[index] & 0xC0 == 0x80 { index += 1 }
        return String(JSONText(escaped: escaped.part(0..<index), hasEscapes: hasEscapes).string.prefix(count))
    }

    @inline(__always)
    package static func == (text: JSONText, other: StaticString) -> Bool {
        text.hasEscapes ? text.decodesTo(other) : text.escaped.equals(other)
    }

    /// Compares as far as both are the same and decodes nothing else: a body may be made of keys that are spelt with escapes.
    /// What is compared with is plain ASCII.
    @inline(never)
    private func decodesTo(_ other: StaticString) -> Bool {
        var index = 0
        for position in 0..<other.utf8CodeUnitCount {
            guard index < escaped.count else { return false }
            var byte = escaped[index]
            index += 1
            if byte == UInt8(ascii: "\\") {
                byte = escaped[index]
                index += 1
                if byte == UInt8(ascii: "u") {
                    guard let ascii = UInt8(exactly: codeUnit(at: index)) else { return false }
                    byte = ascii
                    index += 4
                } else if byte != UInt8(ascii: "/") {
                    // The other short escapes stand for characters that no name holds.
                    return false
                }
            }
            guard byte == other.utf8Start[position] else { return false }
        }
        return index == escaped.count
    }

    @inline(__always)
    package static func ~= (pattern: StaticString, text: JSONText) -> Bool {
        text == pattern
    }

    /// Appends the decoded text as UTF-8; lone surrogates become U+FFFD.
    package func decode(into output: ByteBuffer) {
        var index = 0
        while index < escaped.count {
            let plainEnd = nextBackslash(from: index)
            output.append(escaped.part(index..<plainEnd))
            index = plainEnd
            guard index < escaped.count else { return }
            switch escaped[index + 1] {
            case UInt8(ascii: "n"): output.append(0x0A)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "r"): output.append(0x0D)
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0C)
            case UInt8(ascii: "u"):
                let scalar = scalar(at: &index)
                for byte in UTF8.encode(scalar)! { output.append(byte) }
                continue
            default: output.append(escaped[index + 1])
            }
            index += 2
        }
    }

    private func nextBackslash(from start: Int) -> Int {
        var index = start
        while index < escaped.count, escaped[index] != UInt8(ascii: "\\") { index += 1 }
        return index
    }

    /// Reads the escape at `index`, and the one after it where both form a surrogate pair.
    private func scalar(at index: inout Int) -> UnicodeScalar {
        let first = codeUnit(at: index + 2)
        index += 6
        if let scalar = UnicodeScalar(first) { return scalar }
        let isHigh = first < 0xDC00
        guard isHigh, index + 6 <= escaped.count, escaped[index] == UInt8(ascii: "\\"),
            escaped[index + 1] == UInt8(ascii: "u")
        else { return "\u{FFFD}" }
        let second = codeUnit(at: index + 2)
        guard (0xDC00...0xDFFF).contains(second) else { return "\u{FFFD}" }
        index += 6
        return UnicodeScalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
    }

    private func codeUnit(at index: Int) -> UInt32 {
        escaped.part(index..<index + 4).reduce(0) { $0 << 4 | UInt32($1.hexDigitValue ?? 0) }
    }
}

extension UInt8 {
    /// Whether a backslash and this byte are an escape in a JSON string, without digits.
    @inline(__always)
    var endsShortEscape: Bool {
        switch self {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            true
        default: false
        }
    }

    package var hexDigitValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension JSONText {
    package static func != (text: JSONText, other: StaticString) -> Bool { !(text == other) }
}
