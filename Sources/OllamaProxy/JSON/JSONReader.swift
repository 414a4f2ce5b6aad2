/// Reads JSON (RFC 8259) from borrowed bytes, value by value, without building a tree.
///
/// The caller pulls what it wants and skips or slices the rest, so a value that is only forwarded is never decoded.
/// Everything skipped is checked all the same: a text that was read to its `end` is valid JSON.
package struct JSONReader {
    /// Levels of nesting to accept, well beyond what any request needs and far from any stack's end.
    package static let depthLimit = 512

    private let bytes: Bytes
    /// Those whose ends are known.
    let strings: LongStrings
    private var index = 0
    /// Where the search for the next of them begins.
    private var place = 0
    /// Whether a value came before in the object or array the reader is in.
    private var isAfterValue = false

    /// - Parameter strings: long strings of the text, or of one that this is a part of, which are not looked at again.
    package init(_ bytes: Bytes, _ strings: LongStrings = .none) {
        self.bytes = bytes
        self.strings = strings
    }

    /// A reader at the value that begins at `offset`.
    init(_ bytes: Bytes, at offset: Int) {
        self.bytes = bytes
        strings = .none
        index = offset
    }

    /// Where the reader is, in bytes from the start.
    package var offset: Int { index }

    /// Where a text that this reader has given begins, in bytes from the start.
    func offset(of text: JSONText) -> Int {
        guard let start = bytes.baseAddress, let textStart = text.escaped.baseAddress else { return 0 }
        return textStart - start
    }

    // MARK: Looking

    /// The kind of the value that comes next, which stays where it is.
    package mutating func kind() throws(JSONError) -> JSONKind {
        switch try byte(expecting: .value) {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        case let other: throw error(.unexpectedByte(other, expected: .value))
        }
    }

    /// Makes sure that nothing but white space is left.
    package mutating func end() throws(JSONError) {
        skipWhitespace()
        guard index == bytes.count else { throw error(.trailingBytes) }
    }

    // MARK: Containers

    package mutating func beginObject() throws(JSONError) {
        try begin(.object, expected: .object)
    }

    /// The next key of the object the reader is in; nil at the object's end, which is consumed.
    package mutating func nextKey() throws(JSONError) -> JSONText? {
        var next = try byte(expecting: isAfterValue ? .commaOrEndOfObject : .key)
        if next == UInt8(ascii: "}") {
            index += 1
            isAfterValue = true
            return nil
        }
        if isAfterValue {
            guard next == UInt8(ascii: ",") else {
                throw error(.unexpectedByte(next, expected: .commaOrEndOfObject))
            }
            index += 1
            next = try byte(expecting: .key)
        }
        guard next == UInt8(ascii: "\"") else { throw error(.unexpectedByte(next, expected: .key)) }
        let key = try scanString()
        let colon = try byte(expecting: .colon)
        guard colon == UInt8(ascii: ":") else { throw error(.unexpectedByte(colon, expected: .colon)) }
        index += 1
        return key
    }

    package mutating func beginArray() throws(JSONError) {
        try begin(.array, expected: .array)
    }

    /// Whether the array the reader is in has another element; at its end the array is consumed.
    package mutating func nextElement() throws(JSONError) -> Bool {
        let next = try byte(expecting: isAfterValue ? .commaOrEndOfArray : .value)
        if next == UInt8(ascii: "]") {
            index += 1
            isAfterValue = true
            return false
        }
        if isAfterValue {
            guard next == UInt8(ascii: ",") else { throw error(.unexpectedByte(next, expected: .commaOrEndOfArray)) }
            index += 1
            if try byte(expecting: .value) == UInt8(ascii: "]") {
                throw error(.unexpectedByte(UInt8(ascii: "]"), expected: .value))
            }
        }
        return true
    }

    // MARK: Values

    package mutating func string() throws(JSONError) -> JSONText {
        try require(.string, expected: .string)
        return try scanString()
    }

    /// The string that comes next, or nil for null.
    package mutating func stringOrNull() throws(JSONError) -> JSONText? {
        guard try kind() != .null else {
            try null()
            return nil
        }
        return try string()
    }

    /// The text of the number that comes next.
    package mutating func number() throws(JSONError) -> Bytes {
        try require(.number, expected: .number)
        let start = index
        try scanNumber()
        return bytes.part(start..<index)
    }

    package mutating func bool() throws(JSONError) -> Bool {
        try require(.bool, expected: .bool)
        let isTrue = bytes[index] == UInt8(ascii: "t")
        try scanLiteral(isTrue ? "true" : "false")
        return isTrue
    }

    package mutating func null() throws(JSONError) {
        try require(.null, expected: .null)
        try scanLiteral("null")
    }

    /// Passes over the next value, whatever it is.
    package mutating func skip() throws(JSONError) {
        var nesting = Nesting()
        repeat {
            switch try kind() {
            case .object:
                index += 1
                isAfterValue = false
                try nesting.enterObject(at: index)
            case .array:
                index += 1
                isAfterValue = false
                try nesting.enterArray(at: index)
            case .string: _ = try scanString()
            case .number: try scanNumber()
            case .bool: try scanLiteral(bytes[index] == UInt8(ascii: "t") ? "true" : "false")
            case .null: try scanLiteral("null")
            }
            // Climb out of every container that ends here, up to the next value to pass over.
            while nesting.depth > 0 {
                if nesting.isInObject {
                    if try nextKey() != nil { break }
                } else {
                    if try nextElement() { break }
                }
                nesting.leave()
            }
        } while nesting.depth > 0
    }

    /// Passes over the next value, which has to be of one kind, or null: a field that is of no use may still be wrong.
    package mutating func skip(_ kind: JSONKind, expected: JSONError.StaticReason) throws(JSONError) {
        if try self.kind() != .null { try require(kind, expected: expected) }
        try skip()
    }

    /// The text of the next value as it is, checked but not decoded.
    package mutating func slice() throws(JSONError) -> Bytes {
        skipWhitespace()
        let start = index
        try skip()
        return bytes.part(start..<index)
    }

    // MARK: Scanning

    private mutating func begin(_ kind: JSONKind, expected: JSONError.StaticReason) throws(JSONError) {
        try require(kind, expected: expected)
        index += 1
        isAfterValue = false
    }

    private mutating func require(_ kind: JSONKind, expected: JSONError.StaticReason) throws(JSONError) {
        let found = try self.kind()
        guard found == kind else { throw error(.wrongKind(found: found, expected: expected)) }
    }

    private mutating func byte(expecting expected: JSONError.StaticReason) throws(JSONError) -> UInt8 {
        skipWhitespace()
        guard index < bytes.count else { throw error(.unexpectedEnd) }
        return bytes[index]
    }

    @inline(__always)
    private mutating func skipWhitespace() {
        // Neither white space nor anything below it: what machines write has none between its tokens.
        if index < bytes.count, bytes[index] > 0x20 { return }
        while index < bytes.count, bytes[index].isJSONWhitespace { index += 1 }
    }

    /// The opening quote is next.
    private mutating func scanString() throws(JSONError) -> JSONText {
        index += 1
        if !strings.isEmpty, let text = longString() { return text }
        let start = index
        var hasEscapes = false
        while true {
            index = WordScan.endOfPlainString(in: bytes, from: index)
            guard index < bytes.count else { throw error(.unexpectedEnd) }
            switch bytes[index] {
            case UInt8(ascii: "\""):
                let text = JSONText(escaped: bytes.part(start..<index), hasEscapes: hasEscapes)
                index += 1
                isAfterValue = true
                return text
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try scanEscape()
            case 0..<0x20: throw error(.controlCharacter)
            default:
                guard let length = UTF8Repair.sequenceLength(in: bytes, at: index) else { throw error(.invalidUTF8) }
                index += length
            }
        }
    }

    /// The long string that begins here; nil where there is none.
    @inline(never)
    private mutating func longString() -> JSONText? {
        guard index < bytes.count, let base = bytes.baseAddress,
            let found = strings.string(at: base + index, from: &place), index + found.end - found.start < bytes.count
        else { return nil }
        let count = found.end - found.start
        let text = JSONText(
            escaped: bytes.part(index..<index + count), hasEscapes: found.hasEscapes,
            escapedCharacters: found.escapedCharacters)
        index += count + 1
        isAfterValue = true
        return text
    }

    private mutating func scanEscape() throws(JSONError) {
        guard index + 1 < bytes.count else { throw error(.unexpectedEnd) }
        switch bytes[index + 1] {
        case let byte where byte.endsShortEscape: index += 2
        case UInt8(ascii: "u"):
            guard index + 6 <= bytes.count else { throw error(.unexpectedEnd) }
            for digit in bytes.part(index + 2..<index + 6) where digit.hexDigitValue == nil {
                throw error(.invalidEscape)
            }
            index += 6
        default: throw error(.invalidEscape)
        }
    }

    private mutating func scanNumber() throws(JSONError) {
        if bytes[index] == UInt8(ascii: "-") { index += 1 }
        if index < bytes.count, bytes[index] == UInt8(ascii: "0") {
            index += 1
        } else {
            try scanDigits()
        }
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index += 1
            try scanDigits()
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
                index += 1
            }
            try scanDigits()
        }
        isAfterValue = true
    }

    private mutating func scanDigits() throws(JSONError) {
        let start = index
        while index < bytes.count, bytes[index] &- UInt8(ascii: "0") < 10 { index += 1 }
        guard index > start else { throw error(.invalidNumber) }
    }

    private mutating func scanLiteral(_ literal: StaticString) throws(JSONError) {
        let end = index + literal.utf8CodeUnitCount
        guard end <= bytes.count else { throw error(.unexpectedEnd) }
        guard bytes.part(index..<end).equals(literal) else {
            throw error(.unexpectedByte(bytes[index], expected: .value))
        }
        index = end
        isAfterValue = true
    }

    private func error(_ reason: JSONError.Reason) -> JSONError {
        JSONError(reason: reason, offset: index)
    }
}

/// Which of the containers around the reader are objects, a bit for each: passing over a value needs no recursion,
/// so no input can exhaust the stack.
private struct Nesting {
    private var objects = InlineArray<8, UInt64>(repeating: 0)
    private(set) var depth = 0

    var isInObject: Bool {
        objects[(depth - 1) / 64] & (1 << UInt64((depth - 1) % 64)) != 0
    }

    mutating func enterObject(at offset: Int) throws(JSONError) {
        try enter(at: offset)
        objects[(depth - 1) / 64] |= 1 << UInt64((depth - 1) % 64)
    }

    mutating func enterArray(at offset: Int) throws(JSONError) {
        try enter(at: offset)
        objects[(depth - 1) / 64] &= ~(1 << UInt64((depth - 1) % 64))
    }

    mutating func leave() {
        depth -= 1
    }

    private mutating func enter(at offset: Int) throws(JSONError) {
        guard depth < JSONReader.depthLimit else {
            throw JSONError(reason: .tooDeep(limit: JSONReader.depthLimit), offset: offset)
        }
        depth += 1
    }
}
