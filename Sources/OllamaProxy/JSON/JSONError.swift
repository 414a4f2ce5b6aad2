/// Why a text is not the JSON that was expected, and where.
package struct JSONError: Error, Equatable, CustomStringConvertible {
    package enum Reason: Equatable {
        case unexpectedEnd
        case unexpectedByte(UInt8, expected: StaticReason)
        case invalidEscape
        case invalidUTF8
        case controlCharacter
        case invalidNumber
        case tooDeep(limit: Int)
        case tooMany(limit: Int)
        case trailingBytes
        case wrongKind(found: JSONKind, expected: StaticReason)
    }

    /// What the reader was looking for, in words.
    package enum StaticReason: String {
        case value = "a value"
        case key = "a key in double quotes"
        case colon = "a colon after the key"
        case commaOrEndOfObject = "a comma or the end of the object"
        case commaOrEndOfArray = "a comma or the end of the array"
        case object = "an object"
        case array = "an array"
        case string = "a string"
        case number = "a number"
        case bool = "true or false"
        case null = "null"
    }

    package let reason: Reason
    /// Bytes from the start of the text.
    package let offset: Int

    package var description: String {
        "\(Self.words(for: reason)) at byte \(offset)"
    }

    private static func words(for reason: Reason) -> String {
        switch reason {
        case .unexpectedEnd: "unexpected end of JSON input"
        case .unexpectedByte(let byte, let expected): "unexpected \(name(of: byte)), expected \(expected.rawValue)"
        case .invalidEscape: "invalid escape in a string"
        case .invalidUTF8: "invalid UTF-8 in a string"
        case .controlCharacter: "unescaped control character in a string"
        case .invalidNumber: "invalid number"
        case .tooDeep(let limit): "more than \(limit) levels of nesting"
        case .tooMany(let limit): "more than \(limit) elements"
        case .trailingBytes: "unexpected bytes after the value"
        case .wrongKind(let found, let expected): "found \(found.rawValue), expected \(expected.rawValue)"
        }
    }

    private static func name(of byte: UInt8) -> String {
        (0x21..<0x7F).contains(byte)
            ? "character '\(Character(UnicodeScalar(byte)))'" : "byte 0x\(String(byte, radix: 16))"
    }
}

/// The kinds of JSON values.
package enum JSONKind: String {
    case object = "an object"
    case array = "an array"
    case string = "a string"
    case number = "a number"
    case bool = "a boolean"
    case null = "null"
}
