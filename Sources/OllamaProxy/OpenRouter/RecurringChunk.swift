/// Knows an event that differs from an earlier one in nothing but the text of its content, as nearly all events of an
/// answer do.
///
/// What stands before the text and what stands behind it are compared as they are. A reader that has read the same
/// bytes is in the same state, so all that is left to read is the text.
package struct RecurringChunk {
    /// The earlier event without its text: `prefixCount` bytes before it, quote included, then those behind.
    private let frame = ByteBuffer()
    private var prefixCount = 0

    /// Longer events are read anew: they are rare, and each stream would keep a copy.
    private static let limit = 2048

    package init() {}

    /// The event as a chunk; nil when it differs in more than its content.
    package func chunk(of data: Bytes) -> ChatChunk? {
        frame.withBytes { frame in
            guard prefixCount > 0, data.count >= frame.count,
                data.part(0..<prefixCount).equals(frame.part(0..<prefixCount))
            else { return nil }
            var reader = JSONReader(data, at: prefixCount - 1)
            guard let text = try? reader.string() else { return nil }
            // The closing quote is part of what stands behind.
            let suffix = data.part(reader.offset - 1..<data.count)
            guard suffix.equals(frame.part(prefixCount..<frame.count)) else { return nil }
            return ChatChunk(content: text)
        }
    }

    /// Takes the event as the earlier one if it says nothing but content.
    package mutating func note(_ chunk: ChatChunk, data: Bytes) {
        guard chunk.saysOnlyContent, let text = chunk.content?.escaped, let start = data.baseAddress,
            let textStart = text.baseAddress, data.count - text.count <= Self.limit
        else { return }
        prefixCount = textStart - start
        frame.removeAll()
        frame.append(data.part(0..<prefixCount))
        frame.append(data.part(prefixCount + text.count..<data.count))
    }
}
