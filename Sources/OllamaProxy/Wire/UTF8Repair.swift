/// Text that claims to be UTF-8 and is not quite: both the event stream format and Go's JSON decoder, which Ollama
/// uses, replace each invalid sequence by U+FFFD instead of refusing the whole.
package enum UTF8Repair {
    /// nil when the bytes are valid already, which costs one look at each thirty-two bytes of ASCII.
    package static func repaired(_ bytes: Bytes) -> ByteBuffer? {
        guard !isValid(bytes) else { return nil }
        let output = ByteBuffer(capacity: bytes.count + 1024)
        var (start, index) = (0, 0)
        while index < bytes.count {
            index = WordScan.endOfASCII(in: bytes, from: index)
            guard index < bytes.count else { break }
            if let length = sequenceLength(in: bytes, at: index) {
                index += length
                continue
            }
            output.append(bytes.part(start..<index))
            output.append(replacement)
            index += brokenLength(in: bytes, at: index)
            start = index
        }
        output.append(bytes.part(start..<bytes.count))
        return output
    }

    /// U+FFFD
    private static let replacement: StaticString = "\u{FFFD}"

    /// How many of the bytes at `index` could have become one sequence, at least one: they are replaced together.
    private static func brokenLength(in bytes: Bytes, at index: Int) -> Int {
        var check = UTF8Check()
        var length = 0
        while index + length < bytes.count, check.faults == 0 {
            check.accept(bytes[index + length])
            length += 1
        }
        // The byte that does not belong starts a new sequence.
        return check.faults > 0 ? max(1, length - 1) : length
    }

    package static func isValid(_ bytes: Bytes) -> Bool {
        var index = WordScan.endOfASCII(in: bytes, from: 0)
        while index < bytes.count {
            guard let length = sequenceLength(in: bytes, at: index) else { return false }
            index += length
            if index < bytes.count, bytes[index] < 0x80 { index = WordScan.endOfASCII(in: bytes, from: index) }
        }
        return true
    }

    /// The length of the multi-byte sequence that starts at `index`; nil when it is not valid UTF-8 (RFC 3629).
    package static func sequenceLength(in bytes: Bytes, at index: Int) -> Int? {
        let lead = bytes[index]
        let length: Int
        var lowest: UInt8 = 0x80
        var highest: UInt8 = 0xBF
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, lowest) = (3, 0xA0)
        case 0xED: (length, highest) = (3, 0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, lowest) = (4, 0x90)
        case 0xF4: (length, highest) = (4, 0x8F)
        case 0xF1...0xF3: length = 4
        default: return nil
        }
        guard index + length <= bytes.count else { return nil }
        guard bytes[index + 1] >= lowest, bytes[index + 1] <= highest else { return nil }
        for offset in 2..<max(length, 2) where bytes[index + offset] & 0xC0 != 0x80 { return nil }
        return length
    }
}
