/// Cuts fields out of one object without leaving a comma too many.
struct FieldCuts {
    private var keyStart = 0
    private var previousEnd: Int?
    /// A field that is left out takes the comma behind it along, which is known when the next field begins.
    private var cutStart: Int?
    private var lastEnd = 0

    /// The next field begins, whose key the reader has just passed.
    mutating func begin(_ key: JSONText, in edits: inout [ForwardingEdit], _ reader: JSONReader) {
        keyStart = reader.offset(of: key) - 1
        guard let start = cutStart else { return }
        edits.append(ForwardingEdit(range: start..<keyStart, kind: .removal))
        cutStart = nil
    }

    /// - Parameter offset: where the field's value ends.
    mutating func end(at offset: Int, removing: Bool) {
        if removing { cutStart = keyStart } else { previousEnd = offset }
        lastEnd = offset
    }

    /// The object is over. A field that is left out at the end takes the comma before it along.
    func finish(in edits: inout [ForwardingEdit]) {
        guard let start = cutStart else { return }
        let from = previousEnd ?? start
        while let last = edits.last, last.range.lowerBound >= from { edits.removeLast() }
        edits.append(ForwardingEdit(range: from..<lastEnd, kind: .removal))
    }
}
