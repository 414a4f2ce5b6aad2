/// Where the long strings of a text are, so that nobody who reads the text has to look at each of their bytes again: a prompt or
/// a picture is megabytes long, and a reader passes over it several times.
///
/// Borrowed from a text, and valid as long as that is.
package struct LongStrings {
    package struct Entry {
        /// The first byte behind the opening quote, from the start of the text.
        package let start: Int
        /// The closing quote.
        package let end: Int
        package let hasEscapes: Bool

        package init(start: Int, end: Int, hasEscapes: Bool) {
            self.start = start
            self.end = end
            self.hasEscapes = hasEscapes
        }
    }

    /// Strings of fewer bytes are not listed.
    package static let least = 16 << 10

    private let entries: UnsafeBufferPointer<Entry>
    private let base: UnsafePointer<UInt8>?

    /// No long strings are known: each is looked for.
    package static var none: LongStrings { LongStrings(UnsafeBufferPointer(start: nil, count: 0), in: nil) }

    /// - Parameters:
    ///   - entries: in ascending order. Their strings are known to be valid.
    ///   - base: where the text begins.
    package init(_ entries: UnsafeBufferPointer<Entry>, in base: UnsafePointer<UInt8>?) {
        self.entries = entries
        self.base = base
    }

    var isEmpty: Bool { entries.isEmpty }

    /// The length of the string that begins at an address, and whether it has escapes; nil where it is short.
    func string(at start: UnsafePointer<UInt8>) -> (count: Int, hasEscapes: Bool)? {
        guard let base else { return nil }
        let offset = start - base
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].start < offset { low = middle + 1 } else { high = middle }
        }
        guard low < entries.count, entries[low].start == offset else { return nil }
        return (entries[low].end - offset, entries[low].hasEscapes)
    }
}
