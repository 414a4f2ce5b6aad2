/// Long texts that a writer leaves where they are, instead of copying them into its output: prompts and pictures of many megabytes
/// go from one JSON text into another without a change.
package final class BorrowedTexts {
    struct Text {
        /// Where it belongs in the output, in bytes from the start.
        let offset: Int
        /// Where it is in the source.
        let range: Range<Int>
    }

    /// Shorter ones are copied, in bytes.
    static let least = 16 << 10

    /// Not to change as long as anything is borrowed from it.
    let source: ByteBuffer
    /// In the order of the output.
    private(set) var texts: [Text] = []

    /// - Returns: nil where there can be no long text.
    init?(of source: ByteBuffer) {
        guard source.count >= Self.least else { return nil }
        self.source = source
    }

    /// Bytes that are not in the output.
    var count: Int { texts.reduce(0) { $0 + $1.range.count } }

    /// - Returns: false for a text that is short, or none of the source's: it has to be copied.
    func borrow(_ text: Bytes, at offset: Int) -> Bool {
        guard text.count >= Self.least, let start = text.baseAddress else { return false }
        let lowest = start - UnsafePointer(source.address)
        guard lowest >= 0, lowest + text.count <= source.count else { return false }
        texts.append(Text(offset: offset, range: lowest..<lowest + text.count))
        return true
    }
}
