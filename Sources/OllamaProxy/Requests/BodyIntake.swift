/// Looks at a body piece by piece as it comes, so that no look at a whole one takes long, and refuses what would take long to
/// read: whatever one client sends, the others are served meanwhile.
package struct BodyIntake {
    package enum Fault: Equatable {
        /// So much of it is no UTF-8 that it cannot be meant for a text.
        case notText
        /// It consists of more values than any request needs.
        case tooManyValues
    }

    /// Values, keys and brackets. Each takes some time to read, while a long text takes hardly any.
    package static let mostMarks = 2_000_000
    /// Each broken sequence becomes three bytes.
    package static let mostFaults = 100_000

    private var text = UTF8Check()
    private var isInString = false
    private var isEscaped = false
    private var marks = 0

    package init() {}

    /// What speaks against reading it; nil for nothing so far.
    package var fault: Fault? {
        text.faults > Self.mostFaults ? .notText : marks > Self.mostMarks ? .tooManyValues : nil
    }

    /// Whether all of it is UTF-8, when nothing follows.
    package var isWellFormed: Bool { text.faults == 0 && !text.isWithinSequence }

    package mutating func take(_ bytes: Bytes) {
        var index = 0
        while index < bytes.count {
            if isInString, !isEscaped, !text.isWithinSequence {
                index = WordScan.endOfPlainString(in: bytes, from: index)
                guard index < bytes.count else { return }
            }
            let byte = bytes[index]
            index += 1
            if byte >= 0x80 || text.isWithinSequence { text.take(byte) }
            if isEscaped {
                isEscaped = false
            } else if isInString {
                if byte == UInt8(ascii: "\"") { isInString = false }
                if byte == UInt8(ascii: "\\") { isEscaped = true }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "{"): marks += 1
                default: break
                }
            }
        }
    }
}
