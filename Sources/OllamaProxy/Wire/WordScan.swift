/// Looks at eight bytes at a time: a request with pictures is tens of megabytes of base64, and each byte of it is
/// looked at for the end of its string.
package enum WordScan {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// The first offset from `start` at which a JSON string needs a closer look: a quote, a backslash, a control
    /// character or a byte outside ASCII. `bytes.count` when there is none.
    package static func endOfPlainString(in bytes: Bytes, from start: Int) -> Int {
        var index = start
        guard let base = UnsafeRawPointer(bytes.baseAddress) else { return index }
        while index + 8 <= bytes.count {
            let word = base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let marks =
                zeroBytes(word ^ (ones &* 0x22)) | zeroBytes(word ^ (ones &* 0x5C)) | lessThanSpace(word)
                | (word & highBits)
            if marks != 0 { return index + UInt64(littleEndian: marks).trailingZeroBitCount / 8 }
            index += 8
        }
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x22 || byte == 0x5C || byte < 0x20 || byte >= 0x80 { return index }
            index += 1
        }
        return index
    }

    /// The first offset from `start` that holds a line feed or a carriage return; nil when there is none.
    package static func lineEnd(in bytes: Bytes, from start: Int) -> Int? {
        var index = start
        guard let base = UnsafeRawPointer(bytes.baseAddress) else { return nil }
        while index + 8 <= bytes.count {
            let word = base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let marks = zeroBytes(word ^ (ones &* 0x0A)) | zeroBytes(word ^ (ones &* 0x0D))
            if marks != 0 { return index + UInt64(littleEndian: marks).trailingZeroBitCount / 8 }
            index += 8
        }
        while index < bytes.count {
            if bytes[index] == 0x0A || bytes[index] == 0x0D { return index }
            index += 1
        }
        return nil
    }

    /// How many bytes are outside ASCII.
    package static func wideByteCount(in bytes: Bytes) -> Int {
        guard let base = UnsafeRawPointer(bytes.baseAddress) else { return 0 }
        var (index, count) = (0, 0)
        while index + 8 <= bytes.count {
            count += (base.loadUnaligned(fromByteOffset: index, as: UInt64.self) & highBits).nonzeroBitCount
            index += 8
        }
        while index < bytes.count {
            if bytes[index] >= 0x80 { count += 1 }
            index += 1
        }
        return count
    }

    /// The high bit of the lowest zero byte is set; bits above it may be set wrongly, which is why only the lowest
    /// mark is used.
    private static func zeroBytes(_ word: UInt64) -> UInt64 {
        (word &- ones) & ~word & highBits
    }

    private static func lessThanSpace(_ word: UInt64) -> UInt64 {
        (word &- (ones &* 0x20)) & ~word & highBits
    }
}
