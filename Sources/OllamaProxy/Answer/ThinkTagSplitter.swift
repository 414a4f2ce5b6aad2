/// Takes thinking out of content: some providers leave it there, at the beginning and between `<think>` tags, wherever
/// the stream happens to be cut. Ollama does the same for its own models.
struct ThinkTagSplitter {
    private enum State {
        /// Nothing but what may become the opening tag has come.
        case beginning
        case thinking
        /// The closing tag has come, and white space at most since.
        case betweenThinkingAndContent
        case content
    }

    private static let opening: StaticString = "<think>"
    private static let closing: StaticString = "</think>"

    private var state = State.beginning
    /// Decoded text that is not decided on.
    private let held = ByteBuffer()

    /// Hands on the next piece of content: as it is when there is nothing to split, otherwise in parts.
    mutating func split(_ text: JSONText, thinking: (JSONText) -> Void, content: (JSONText) -> Void) {
        if state == .content { return content(text) }
        if state == .beginning, held.isEmpty, let first = text.escaped.first, !Self.mayOpen(first) {
            state = .content
            return content(text)
        }
        text.decode(into: held)
        split(thinking: thinking, content: content)
    }

    /// The answer is over: hands on what was held back.
    mutating func finish(thinking: (JSONText) -> Void, content: (JSONText) -> Void) {
        let wasThinking = state == .thinking
        state = .content
        emit(held.count, to: wasThinking ? thinking : content)
    }

    /// A tag, an escape that may stand for one, or the white space before it.
    private static func mayOpen(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "<") || byte == UInt8(ascii: "\\") || byte.isJSONWhitespace
    }

    private mutating func split(thinking: (JSONText) -> Void, content: (JSONText) -> Void) {
        if state == .beginning {
            let rest = held.withBytes { $0.trimmedAtStart.count }
            let tag = held.withBytes { Self.match(Self.opening, at: $0.count - rest, in: $0) }
            switch tag {
            case .partly: return
            case .not:
                state = .content
                return emit(held.count, to: content)
            case .wholly:
                held.removeFirst(held.count - rest + Self.opening.utf8CodeUnitCount)
                state = .thinking
            }
        }
        if state == .thinking {
            let (end, isWhole) = held.withBytes { Self.closingTag(in: $0) }
            emit(end, to: thinking)
            guard isWhole else { return }
            held.removeFirst(Self.closing.utf8CodeUnitCount)
            state = .betweenThinkingAndContent
        }
        // The blank line behind the tag belongs to neither.
        let blanks = held.withBytes { $0.count - $0.trimmedAtStart.count }
        held.removeFirst(blanks)
        guard !held.isEmpty else { return }
        state = .content
        emit(held.count, to: content)
    }

    private func emit(_ count: Int, to receive: (JSONText) -> Void) {
        guard count > 0 else { return }
        let escaped = ByteBuffer(capacity: count)
        held.withBytes { JSONWriter.appendEscaped($0.part(0..<count), to: escaped) }
        held.removeFirst(count)
        escaped.withBytes { receive(JSONText(escaped: $0, hasEscapes: true)) }
    }

    private enum Match {
        case wholly, partly, not
    }

    private static func match(_ tag: StaticString, at start: Int, in bytes: Bytes) -> Match {
        let available = min(bytes.count - start, tag.utf8CodeUnitCount)
        for index in 0..<available where bytes[start + index] != tag.utf8Start[index] { return .not }
        return available == tag.utf8CodeUnitCount ? .wholly : .partly
    }

    /// Where the closing tag begins, or where what has come of it does; the end when there is nothing of it.
    private static func closingTag(in bytes: Bytes) -> (offset: Int, isWhole: Bool) {
        for start in 0..<bytes.count where bytes[start] == UInt8(ascii: "<") {
            switch match(closing, at: start, in: bytes) {
            case .wholly: return (start, true)
            case .partly: return (start, false)
            case .not: continue
            }
        }
        return (bytes.count, false)
    }
}
