/// Looks at a body piece by piece as it comes, so that no look at a whole one takes long, and refuses what would take long to
/// read: whatever one client sends, the others are served meanwhile.
package struct BodyIntake {
    package enum Fault: Equatable {
        /// More of it is not UTF-8 than can be repaired.
        case notText
        /// It consists of more values than any request needs.
        case tooManyValues
        /// A long string in it is not JSON.
        case invalid(JSONError)

        package var error: RequestError {
            switch self {
            case .notText:
                .badRequest("invalid request body: it is not UTF-8, which is only put right in bodies of up to 1 MB")
            case .tooManyValues:
                RequestError(
                    status: 413,
                    message: "the request body has more than \(BodyIntake.mostMarks) values, keys and brackets, or "
                        + "more than \(BodyIntake.mostFilling >> 20) MB of numbers and white space")
            case .invalid(let error): .badRequest("invalid request body: \(error)")
            }
        }
    }

    /// Values, keys and brackets. Each takes some time to read, while a long text takes hardly any.
    package static let mostMarks = 500_000
    /// Bytes outside of texts that are none of these: each is looked at.
    package static let mostFilling = 4 << 20
    /// A body that is not UTF-8 is read all the same, as Ollama does, though only up to so many bytes: those who send pictures
    /// encode them.
    package static let mostRepaired = 1 << 20

    private var text = UTF8Check()
    private var count = 0
    private var marks = 0
    /// Bytes of numbers, of words and of white space.
    private var filling = 0
    private var isInString = false
    private var escape = Escape.none
    private var string = OpenString(start: 0)
    private var longStrings: [LongStrings.Entry] = []
    private var invalid: JSONError?

    private struct OpenString {
        let start: Int
        var hasEscapes = false
        var escapedCharacters: Int32 = 0
        var error: JSONError?
    }

    /// What is wrong in a string that is longer is said here, in bytes: those who read the body would first pass over all of it.
    private static let leastJudged = 16 << 10

    private enum Escape: Equatable {
        case none
        /// A backslash has come.
        case begun
        /// So many hexadecimal digits are to come.
        case digits(Int)
    }

    package init() {}

    /// What speaks against reading it; nil for nothing so far.
    package var fault: Fault? {
        if text.faults > 0, count > Self.mostRepaired { return .notText }
        if marks > Self.mostMarks || filling > Self.mostFilling { return .tooManyValues }
        return invalid.map { .invalid($0) }
    }

    /// The same, when nothing follows.
    package var faultAtEnd: Fault? {
        let isOpen = isInString && count - string.start >= Self.leastJudged
        return fault ?? (isOpen ? .invalid(JSONError(reason: .unexpectedEnd, offset: count)) : nil)
    }

    /// Whether all of it is UTF-8, when nothing follows.
    package var isWellFormed: Bool { text.faults == 0 && !text.isWithinSequence }

    package mutating func accept(_ bytes: Bytes) {
        var index = 0
        while index < bytes.count {
            if isInString, escape == .none, !text.isWithinSequence {
                index = acceptPlain(bytes, from: index)
                guard index < bytes.count else { break }
            }
            let byte = bytes[index]
            if byte >= 0x80 || text.isWithinSequence { text.accept(byte) }
            if isInString { acceptInString(byte, at: count + index) } else { acceptOutside(byte, at: count + index) }
            index += 1
        }
        count += bytes.count
    }

    /// Passes over what needs no memory of what came before: plain text, escapes and characters that are in this piece whole.
    /// - Returns: where the first byte is that does.
    @inline(__always)
    private mutating func acceptPlain(_ bytes: Bytes, from start: Int) -> Int {
        var index = start
        while true {
            index = WordScan.endOfPlainString(in: bytes, from: index)
            guard index + 6 <= bytes.count else { return index }
            if bytes[index] == UInt8(ascii: "\\") {
                string.hasEscapes = true
                guard bytes[index + 1].endsShortEscape else { return index }
                index += 2
            } else {
                guard bytes[index] >= 0x80, let length = UTF8Repair.sequenceLength(in: bytes, at: index) else {
                    return index
                }
                index += length
            }
        }
    }

    private mutating func acceptOutside(_ byte: UInt8, at offset: Int) {
        switch byte {
        case UInt8(ascii: "\""):
            isInString = true
            string = OpenString(start: offset + 1)
        case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "{"): marks += 1
        default: filling += 1
        }
    }

    private mutating func acceptInString(_ byte: UInt8, at offset: Int) {
        switch escape {
        case .none:
            switch byte {
            case UInt8(ascii: "\""): endString(at: offset)
            case UInt8(ascii: "\\"):
                escape = .begun
                string.hasEscapes = true
            case 0..<0x20: string.error = string.error ?? JSONError(reason: .controlCharacter, offset: offset)
            default: break
            }
        case .begun:
            escape = .none
            switch byte {
            case _ where byte.endsShortEscape: break
            case UInt8(ascii: "u"):
                escape = .digits(4)
                string.escapedCharacters &+= 1
            default: string.error = string.error ?? JSONError(reason: .invalidEscape, offset: offset - 1)
            }
        case .digits(let due):
            // What is no digit may be the quote that ends the string.
            guard byte.hexDigitValue != nil else {
                escape = .none
                // Where its backslash is.
                string.error = string.error ?? JSONError(reason: .invalidEscape, offset: offset + due - 6)
                return acceptInString(byte, at: offset)
            }
            escape = due > 1 ? .digits(due - 1) : .none
        }
        if string.error != nil, offset - string.start >= Self.leastJudged { invalid = invalid ?? string.error }
    }

    /// Short strings are left to the reader of the body.
    private mutating func endString(at offset: Int) {
        isInString = false
        guard offset - string.start >= LongStrings.least, string.error == nil else { return }
        longStrings.append(
            LongStrings.Entry(
                start: string.start, end: offset, hasEscapes: string.hasEscapes,
                escapedCharacters: string.escapedCharacters))
    }

    /// Lends the text's long strings, for the length of the call. None is known where it has to be repaired, which moves them.
    package func withLongStrings<Result, Failure: Error>(
        of text: Bytes, _ body: (LongStrings) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard isWellFormed, !longStrings.isEmpty else { return try body(.none) }
        // The closure of the library's function throws any error, and so this one would.
        var result: Swift.Result<Result, Failure>?
        longStrings.withUnsafeBufferPointer { entries in
            result = Swift.Result { () throws(Failure) in try body(LongStrings(entries, in: text.baseAddress)) }
        }
        return try result!.get()
    }
}
