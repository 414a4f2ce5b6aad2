// What the standard library's text lacks here. The module for pattern matching has it all, and weighs more than the
// rest of the domain.

extension String {
    package var trimmingSpaces: String {
        var text = self[...]
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }

    /// The text before and after the first `separator`; nil if there is none.
    package func cut(at separator: String) -> (before: Substring, after: Substring)? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(separator) {
                return (self[..<start], self[index(start, offsetBy: separator.count)...])
            }
            start = index(after: start)
        }
        return nil
    }

    package func includes(_ other: String) -> Bool { cut(at: other) != nil }
}
