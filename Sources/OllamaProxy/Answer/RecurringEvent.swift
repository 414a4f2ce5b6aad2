/// Knows an event that differs from an earlier one in nothing but the text of its content, as nearly all events of an
/// answer do.
///
/// What precedes the text and what follows it are compared as they are. A reader that has read the same
/// bytes is in the same state, so all that is left to read is the text.
package struct RecurringEvent {
    /// An event at the start of a piece.
    package struct Event {
        /// The text that it says.
        package let content: JSONText
        /// Where its data lies in the piece.
        package let data: Range<Int>
        /// Where the next event begins.
        package let end: Int
    }

    /// The earlier event as it comes in a stream, without its text: `prefixCount` bytes before it, quote included, then
    /// those behind, blank line included.
    private let frame = ByteBuffer()
    private var prefixCount = 0

    private static let lead: StaticString = "data: "
    private static let leadCount = 6
    private static let blankLineCount = 2

    /// Longer events are read in full: they are rare, and each stream would keep a copy.
    private static let limit = 2048

    package init() {}

    /// The event at the start of a piece; nil when it is not whole or differs in more than its content.
    package func event(at piece: Bytes) -> Event? {
        guard prefixCount > 0, let text = match(piece, from: 0, to: frame.count) else { return nil }
        let end = text.escaped.count + frame.count
        return Event(content: text, data: Self.leadCount..<end - Self.blankLineCount, end: end)
    }

    /// The data of an event as a chunk; nil when it differs in more than its content.
    package func chunk(of data: Bytes) -> AnswerEvent? {
        guard prefixCount > 0, let text = match(data, from: Self.leadCount, to: frame.count - Self.blankLineCount),
            text.escaped.count + frame.count == data.count + Self.leadCount + Self.blankLineCount
        else { return nil }
        return AnswerEvent(content: text)
    }

    /// The text, if the bytes begin with the part of the frame between two offsets and any text in it.
    private func match(_ bytes: Bytes, from start: Int, to end: Int) -> JSONText? {
        frame.withBytes { frame in
            let before = frame.part(start..<prefixCount)
            let behind = frame.part(prefixCount..<end)
            guard bytes.count >= before.count + behind.count, bytes.part(0..<before.count).equals(before) else {
                return nil
            }
            var reader = JSONReader(bytes, at: before.count - 1)
            // The closing quote is part of what follows.
            guard let text = try? reader.string(), bytes.count >= reader.offset - 1 + behind.count,
                bytes.part(reader.offset - 1..<reader.offset - 1 + behind.count).equals(behind)
            else { return nil }
            return text
        }
    }

    /// Takes the event as the earlier one if it says nothing but content, in one line: in a stream a line end within the
    /// frame would be the end of another line.
    package mutating func record(_ chunk: AnswerEvent, data: Bytes) {
        guard chunk.saysOnlyContent, let text = chunk.content?.escaped, let start = data.baseAddress,
            let textStart = text.baseAddress, data.count - text.count <= Self.limit,
            WordScan.lineEnd(in: data, from: 0) == nil
        else { return }
        let count = textStart - start
        prefixCount = Self.leadCount + count
        frame.removeAll()
        frame.append(Self.lead)
        frame.append(data.part(0..<count))
        frame.append(data.part(count + text.count..<data.count))
        frame.append("\n\n")
    }
}
