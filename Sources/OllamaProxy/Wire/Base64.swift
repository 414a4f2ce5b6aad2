/// Base64, as pictures and credentials come in it: RFC 4648, section 4.
enum Base64 {
    /// The text that it encodes, each invalid sequence of UTF-8 replaced; nil when it is no base64.
    static func text(_ base64: String) -> String? {
        guard base64.utf8.count % 4 == 0 else { return nil }
        let digits = base64.utf8.prefix { $0 != UInt8(ascii: "=") }
        guard base64.utf8.count - digits.count <= 2, digits.allSatisfy({ value(of: $0) != nil }) else { return nil }
        return String(decoding: bytes(digits), as: UTF8.self)
    }

    /// The bytes that it encodes, as far as it is base64.
    static func bytes(_ base64: some Sequence<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var bitCount = 0
        for digit in base64 {
            guard let value = value(of: digit) else { break }
            bits = bits << 6 | UInt32(value)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
            }
        }
        return bytes
    }

    static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): digit - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
