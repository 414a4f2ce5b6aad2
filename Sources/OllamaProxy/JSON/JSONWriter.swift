/// Writes JSON into a buffer, commas and escapes included. Compact: no white space.
package struct JSONWriter {
    package let output: ByteBuffer
    private var needsComma = false
    /// Takes up the long texts; nil where all are copied.
    private let borrowed: BorrowedTexts?

    package init(into output: ByteBuffer, borrowing borrowed: BorrowedTexts? = nil) {
        self.output = output
        self.borrowed = borrowed
    }

    /// Text that is JSON already, as it is written there.
    func append(_ text: Bytes) {
        if let borrowed, borrowed.borrow(text, at: output.count) { return }
        output.append(text)
    }

    package mutating func object<Failure: Error>(
        _ fields: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        separate()
        output.append(UInt8(ascii: "{"))
        needsComma = false
        try fields(&self)
        output.append(UInt8(ascii: "}"))
        needsComma = true
    }

    package mutating func array<Failure: Error>(
        _ elements: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        separate()
        output.append(UInt8(ascii: "["))
        needsComma = false
        try elements(&self)
        output.append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// The key of the value that is written next. Keys known at compile time need no escaping.
    package mutating func key(_ name: StaticString) {
        separate()
        output.append(UInt8(ascii: "\""))
        output.append(name)
        output.append("\":")
        needsComma = false
    }

    package mutating func key(_ name: String) {
        string(name)
        output.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func string(_ value: String) {
        separate()
        Self.appendQuoted(value, to: output)
        needsComma = true
    }

    /// A string whose escaped content `builder` appends.
    package mutating func string(builder: (ByteBuffer) -> Void) {
        string { (writer: JSONWriter) in builder(writer.output) }
    }

    /// The same, of which a part may be borrowed.
    mutating func string(_ build: (JSONWriter) -> Void) {
        separate()
        output.append(UInt8(ascii: "\""))
        build(self)
        output.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// A string that is JSON already, copied as it is.
    package mutating func text(_ value: JSONText) {
        separate()
        output.append(UInt8(ascii: "\""))
        append(value.escaped)
        output.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// A whole value that is JSON already, copied as it is.
    package mutating func raw(_ value: Bytes) {
        separate()
        append(value)
        needsComma = true
    }

    /// The elements of an array that is JSON already, copied as they are.
    package mutating func elements(of array: Bytes) {
        let elements = array.part(1..<array.count - 1).trimmed
        if !elements.isEmpty { raw(elements) }
    }

    /// A whole value that is JSON already, without the white space in it: a line must stay one line.
    package mutating func compact(_ value: Bytes) {
        separate()
        Self.appendCompact(value, to: output)
        needsComma = true
    }

    package mutating func integer(_ value: Int) {
        separate()
        Self.appendDecimal(value, to: output)
        needsComma = true
    }

    package mutating func bool(_ value: Bool) {
        separate()
        output.append(value ? "true" : "false")
        needsComma = true
    }

    package mutating func null() {
        separate()
        output.append("null")
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { output.append(UInt8(ascii: ",")) }
    }
}

extension JSONWriter {
    package mutating func field(_ name: StaticString, _ value: String) {
        key(name)
        string(value)
    }

    package mutating func field(_ name: StaticString, _ value: JSONText) {
        key(name)
        text(value)
    }

    package mutating func field(_ name: StaticString, _ value: Int) {
        key(name)
        integer(value)
    }

    /// A date, in whole seconds since 1970.
    package mutating func field(_ name: StaticString, _ value: UnixTime) {
        field(name, value.seconds)
    }

    package mutating func field(_ name: StaticString, _ value: Bool) {
        key(name)
        bool(value)
    }

    package mutating func field(_ name: StaticString, raw value: Bytes) {
        key(name)
        raw(value)
    }

    package mutating func field(_ name: StaticString, _ values: [String]) {
        key(name)
        array { array in
            for value in values { array.string(value) }
        }
    }

    /// One whole JSON object in a buffer of its own.
    package static func object<Failure: Error>(
        _ fields: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) -> ByteBuffer {
        var writer = JSONWriter(into: ByteBuffer(capacity: 256))
        try writer.object(fields)
        return writer.output
    }

    /// Appends text in quotes, escaped as JSON needs it.
    package static func appendQuoted(_ value: String, to output: ByteBuffer) {
        output.append(UInt8(ascii: "\""))
        var value = value
        value.withUTF8 { appendEscaped($0, to: output) }
        output.append(UInt8(ascii: "\""))
    }

    /// Appends UTF-8 text without quotes, escaped as JSON needs it.
    package static func appendEscaped(_ bytes: Bytes, to output: ByteBuffer) {
        var start = 0
        while start < bytes.count {
            var end = WordScan.endOfPlainString(in: bytes, from: start)
            while end < bytes.count, bytes[end] >= 0x80 {
                end = WordScan.endOfPlainString(in: bytes, from: end + 1)
            }
            output.append(bytes.part(start..<end))
            guard end < bytes.count else { return }
            appendEscape(of: bytes[end], to: output)
            start = end + 1
        }
    }

    private static func appendEscape(of byte: UInt8, to output: ByteBuffer) {
        switch byte {
        case UInt8(ascii: "\""): output.append("\\\"")
        case UInt8(ascii: "\\"): output.append("\\\\")
        case 0x0A: output.append("\\n")
        case 0x0D: output.append("\\r")
        case 0x09: output.append("\\t")
        default:
            output.append("\\u00")
            output.append(hexDigit(byte >> 4))
            output.append(hexDigit(byte & 15))
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// Appends JSON without the white space between its tokens.
    package static func appendCompact(_ json: Bytes, to output: ByteBuffer) {
        var start = 0
        var index = 0
        while index < json.count {
            if json[index] == UInt8(ascii: "\"") {
                index += 1
                while index < json.count, json[index] != UInt8(ascii: "\"") {
                    index += json[index] == UInt8(ascii: "\\") ? 2 : 1
                }
            } else if json[index].isJSONWhitespace {
                output.append(json.part(start..<index))
                start = index + 1
            }
            index += 1
        }
        output.append(json.part(min(start, json.count)..<json.count))
    }

    /// Appends a decimal number without allocating.
    package static func appendDecimal(_ value: Int, to output: ByteBuffer) {
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var count = 0
        var rest = value.magnitude
        repeat {
            digits[count] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
            count += 1
        } while rest > 0
        if value < 0 { output.append(UInt8(ascii: "-")) }
        while count > 0 {
            count -= 1
            output.append(digits[count])
        }
    }
}

extension JSONWriter {
    mutating func field(_ name: StaticString, orNull value: Int?) {
        key(name)
        value.map { integer($0) } ?? null()
    }

    mutating func field(_ name: StaticString, orNull value: String?) {
        key(name)
        value.map { string($0) } ?? null()
    }

    /// A number with at most `digits` decimals; null for nil.
    mutating func field(_ name: StaticString, orNull value: Double?, digits: Int) {
        key(name)
        guard let value, value.isFinite else { return null() }
        let text = ByteBuffer(capacity: 24)
        Decimals.append(value, digits: digits, to: text)
        text.withBytes { raw($0) }
    }
}
