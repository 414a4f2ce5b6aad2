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
        /// How many characters are written as `\u` and four digits.
        package let escapedCharacters: Int32

        package init(start: Int, end: Int, hasEscapes: Bool, escapedCharacters: Int32) {
            self.start = start
            self.end = end
            self.hasEscapes = hasEscapes
            self.escapedCharacters = escapedCharacters
        }
    }

    /// Strings of fewer bytes are not listed: to look for their ends takes no longer than to look them up.
    package static let least = 64

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

    /// The string that begins at an address; nil where it is short.
    /// - Parameter place: the first entry that the search begins at, and where it has ended: readers mostly go on from there.
    func string(at start: UnsafePointer<UInt8>, from place: inout Int) -> Entry? {
        guard let base else { return nil }
        let offset = start - base
        if place >= entries.count || entries[place].start > offset {
            guard place > 0, entries[min(place, entries.count) - 1].start >= offset else { return nil }
            place = 0
        }
        // Steps that double, and then halves.
        var (low, step) = (place, 1)
        while low + step < entries.count, entries[low + step].start <= offset {
            low += step
            step *= 2
        }
        var high = min(low + step, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].start < offset { low = middle + 1 } else { high = middle }
        }
        place = low
        guard low < entries.count, entries[low].start == offset else { return nil }
        return entries[low]
    }
}
