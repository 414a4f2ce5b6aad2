/// One change to a body that is otherwise forwarded as it stands.
package struct ForwardingEdit {
    package enum Kind {
        /// The name of the model that is tried goes here.
        case model
        /// What stands here is left out.
        case removal
        /// What stands here is replaced.
        case replacement(ByteBuffer)
        /// The answer so far goes here, as one more message, when it is taken up again.
        case continuation
    }

    /// Bytes from the start of the body.
    package let range: Range<Int>
    package let kind: Kind

    package init(range: Range<Int>, kind: Kind) {
        self.range = range
        self.kind = kind
    }

    static func insertion(before offset: Int) -> ForwardingEdit {
        ForwardingEdit(range: offset..<offset, kind: .continuation)
    }
}
