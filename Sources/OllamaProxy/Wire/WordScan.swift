/// Looks at thirty-two bytes at a time: a request with pictures is tens of megabytes of base64, and each byte of it is
/// looked at for the end of its string, as is each byte of an answer for the end of its line.
///
/// The bytes are taken as words and told apart by arithmetic on these. The library's vectors of bytes would say it more
/// plainly, but are compared lane by lane.
package enum WordScan {
    fileprivate typealias Words = SIMD4<UInt64>

    /// The first offset from `start` at which a JSON string needs a closer look: a quote, a backslash, a control
    /// character or a byte outside ASCII. `bytes.count` when there is none.
    package static func endOfPlainString(in bytes: Bytes, from start: Int) -> Int {
        firstMark(in: bytes, from: start, of: EndsOfPlainStrings.self)
    }

    /// The first offset from `start` that holds a line feed or a carriage return; nil when there is none.
    package static func lineEnd(in bytes: Bytes, from start: Int) -> Int? {
        let end = firstMark(in: bytes, from: start, of: LineEnds.self)
        return end < bytes.count ? end : nil
    }

    /// The first offset from `start` that holds a byte outside ASCII; `bytes.count` when there is none.
    package static func endOfASCII(in bytes: Bytes, from start: Int) -> Int {
        firstMark(in: bytes, from: start, of: WideBytes.self)
    }

    /// How many bytes are outside ASCII.
    package static func wideByteCount(in bytes: Bytes) -> Int {
        guard let base = UnsafeRawPointer(bytes.baseAddress) else { return 0 }
        var (index, count) = (0, 0)
        while index + 8 <= bytes.count {
            count +=
                (base.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080).nonzeroBitCount
            index += 8
        }
        while index < bytes.count {
            if bytes[index] >= 0x80 { count += 1 }
            index += 1
        }
        return count
    }

    /// The first offset from `start` whose byte is marked; `bytes.count` when there is none.
    @inline(__always)
    private static func firstMark<Marks: ByteMarks>(in bytes: Bytes, from start: Int, of marks: Marks.Type) -> Int {
        guard let base = UnsafeRawPointer(bytes.baseAddress) else { return start }
        let size = MemoryLayout<Words>.size
        var index = start
        while index <= bytes.count - size {
            let words = base.loadUnaligned(fromByteOffset: index, as: Words.self)
            if let offset = firstHighBit(Marks.marks(in: words)) { return index + offset }
            index += size
        }
        guard index < bytes.count else { return index }
        var rest = all(UInt64(UInt8(ascii: "a")))
        withUnsafeMutableBytes(of: &rest) {
            $0.copyMemory(from: UnsafeRawBufferPointer(bytes.part(index..<bytes.count)))
        }
        return firstHighBit(Marks.marks(in: rest)).map { index + $0 } ?? bytes.count
    }

    /// The byte in each place of all words.
    @inline(__always)
    fileprivate static func all(_ byte: UInt64) -> Words { Words(repeating: byte &* 0x0101_0101_0101_0101) }

    /// The high bit of each word's lowest zero byte is set; bits above it may be set wrongly, which is why only the
    /// lowest mark of a word is used.
    @inline(__always)
    fileprivate static func zeroBytes(_ words: Words) -> Words {
        (words &- all(0x01)) & ~words
    }

    /// Which is the first byte whose high bit is set; nil when none is.
    @inline(__always)
    private static func firstHighBit(_ words: Words) -> Int? {
        let marks = words & all(0x80)
        let halves = marks.lowHalf | marks.highHalf
        guard halves.x | halves.y != 0 else { return nil }
        var word = 0
        while marks[word] == 0 { word += 1 }
        return word * 8 + UInt64(littleEndian: marks[word]).trailingZeroBitCount / 8
    }
}

/// Which bytes are looked for. A type and no closure, as closures are called for each thirty-two bytes.
private protocol ByteMarks {
    /// Sets the high bit of each byte that is looked for, of which the first in a word counts. An "a" is not.
    static func marks(in words: WordScan.Words) -> WordScan.Words
}

private enum EndsOfPlainStrings: ByteMarks {
    @inline(__always)
    static func marks(in words: WordScan.Words) -> WordScan.Words {
        let quotes = WordScan.zeroBytes(words ^ WordScan.all(0x22))
        let backslashes = WordScan.zeroBytes(words ^ WordScan.all(0x5C))
        return quotes | backslashes | ((words &- WordScan.all(0x20)) & ~words) | words
    }
}

private enum LineEnds: ByteMarks {
    @inline(__always)
    static func marks(in words: WordScan.Words) -> WordScan.Words {
        WordScan.zeroBytes(words ^ WordScan.all(0x0A)) | WordScan.zeroBytes(words ^ WordScan.all(0x0D))
    }
}

private enum WideBytes: ByteMarks {
    @inline(__always)
    static func marks(in words: WordScan.Words) -> WordScan.Words { words }
}
