/// One change to a body that is otherwise forwarded as it is.
package struct ForwardingEdit {
    package enum Kind {
        /// The name of the model that is tried goes here.
        case model
        /// What is here is left out.
        case removal
        /// What is here is replaced.
        case replacement(ByteBuffer)
        /// The answer so far goes here, as one more message, when it is resumed.
        case continuation(isFirst: Bool)
    }

    /// Bytes from the start of the body.
    package let range: Range<Int>
    package let kind: Kind

    package init(range: Range<Int>, kind: Kind) {
        self.range = range
        self.kind = kind
    }

    /// Appends a text with these changes, which are in ascending order and depend on no model.
    static func apply(_ edits: [ForwardingEdit], to text: Bytes, _ output: ByteBuffer) {
        var start = 0
        for edit in edits {
            output.append(text.part(start..<edit.range.lowerBound))
            if case .replacement(let replacement) = edit.kind { output.append(replacement) }
            start = edit.range.upperBound
        }
        output.append(text.part(start..<text.count))
    }

    /// Puts a cap on prices at the beginning of the body, together with what the client prefers.
    static func cap(_ preferences: Bytes?, _ limit: Double, in body: Bytes) -> ForwardingEdit {
        let start = 1 + (body.firstIndex(of: UInt8(ascii: "{")) ?? 0)
        return ForwardingEdit(
            range: start..<start, kind: .replacement(PriceGuard.preferences(preferences, cappedAt: limit)))
    }

    /// - Parameter offset: where the bracket of the messages closes.
    static func continuation(before offset: Int, in body: Bytes) -> ForwardingEdit {
        let isFirst = body.part(0..<offset).trimmed.last == UInt8(ascii: "[")
        return ForwardingEdit(range: offset..<offset, kind: .continuation(isFirst: isFirst))
    }
}
