/// A stream whose events have names: as they came, without comments.
package struct NamedEventForwarding: ReplyTranslator {
    package let heldBytes = 0
    private let lastEvent: StaticString
    private var hasEnded = false

    /// - Parameter lastEvent: what ends such a stream, should it not come; empty where nothing has to.
    init(lastEvent: StaticString = "") {
        self.lastEvent = lastEvent
    }

    package mutating func translate(_ chunk: AnswerEvent, data: Bytes, now: Moment, output: ByteBuffer) {
        // Anthropic's libraries go by the name, which the upstream may leave out as the data holds it, too.
        if let name = chunk.name {
            // Escaped in the data, it is not in the field, and one that spans lines would begin another field.
            let text = ByteBuffer(capacity: name.escaped.count)
            name.decode(into: text)
            if text.withBytes({ WordScan.lineEnd(in: $0, from: 0) }) == nil {
                output.append("event: ")
                output.append(text)
                output.append("\n")
            }
        }
        EventWriting.append(data, to: output)
        hasEnded = chunk.isLast
    }

    package mutating func finish(_ times: AnswerTimes, output: ByteBuffer) throws(BrokenAnswer) {
        if !hasEnded { output.append(lastEvent) }
    }
}

/// A whole answer, as it came, without the white space around it.
package struct BodyForwarding: ReplyTranslator {
    package let heldBytes = 0

    package init() {}

    package mutating func translate(_ chunk: AnswerEvent, data: Bytes, now: Moment, output: ByteBuffer) {
        output.append(data)
    }

    package mutating func finish(_ times: AnswerTimes, output: ByteBuffer) throws(BrokenAnswer) {}
}

/// The data of an event as lines. It may have come in several, and must leave so: a bare line would be read as another
/// field.
enum EventWriting {
    static func append(_ data: Bytes, to output: ByteBuffer) {
        var start = 0
        while let end = WordScan.lineEnd(in: data, from: start) {
            appendLine(data.part(start..<end), to: output)
            start = end + 1
        }
        appendLine(data.part(start..<data.count), to: output)
        output.append("\n")
    }

    private static func appendLine(_ line: Bytes, to output: ByteBuffer) {
        output.append("data: ")
        output.append(line)
        output.append("\n")
    }
}
