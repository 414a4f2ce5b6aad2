/// Where the fields of a body begin and end, so that some can be left out without leaving a comma too many.
struct TopLevelFields {
    var edits: [ForwardingEdit] = []
    private var keyStart = 0
    private var previousEnd: Int?
    /// A field that is left out takes the comma behind it along, which is known when the next field begins.
    private var removalStart: Int?

    mutating func begin(_ key: JSONText, in body: Bytes) {
        // The key's bytes are part of the body's, one quote in.
        keyStart = key.escaped.baseAddress.map { $0 - body.baseAddress! - 1 } ?? 0
        guard let start = removalStart else { return }
        edits.append(ForwardingEdit(range: start..<keyStart, kind: .removal))
        removalStart = nil
    }

    mutating func end(at offset: Int, removing: Bool) {
        if removing {
            removalStart = keyStart
        } else {
            previousEnd = offset
        }
        lastEnd = offset
    }

    private var lastEnd = 0

    /// A field that is left out at the end takes the comma before it along.
    func finished() -> [ForwardingEdit] {
        guard let start = removalStart else { return edits }
        let from = previousEnd ?? start
        let kept = edits.filter { $0.range.lowerBound < from }
        return kept + [ForwardingEdit(range: from..<lastEnd, kind: .removal)]
    }
}
