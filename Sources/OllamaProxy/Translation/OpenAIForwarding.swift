/// A stream for the OpenAI door: the upstream's events as they came, without its comments.
package struct OpenAIStreamForwarding: ReplyTranslator {
    package let heldBytes = 0

    package private(set) var earlierUsage = ChatChunk.Usage()
    /// The id that the answer began with; nil until it is known or needed.
    private var identifier: ByteBuffer?
    private let keepsIdentifier: Bool
    private var isTakenUp = false

    /// - Parameter mayBeTakenUp: whether another attempt may go on with the answer if it breaks.
    package init(mayBeTakenUp: Bool = false) {
        keepsIdentifier = mayBeTakenUp
    }

    package mutating func takeUp(after broken: ChatChunk.Usage) {
        earlierUsage = earlierUsage + broken
        isTakenUp = true
    }

    package mutating func take(_ chunk: ChatChunk, data: Bytes, now: Moment, output: ByteBuffer) {
        guard isTakenUp else {
            if keepsIdentifier, identifier == nil { identifier = AnswerIdentity.identifier(of: data) }
            return append(data, to: output)
        }
        let rewritten = AnswerIdentity.rewritten(data, identifier: identifier, earlierUsage: earlierUsage)
        rewritten.withBytes { append($0, to: output) }
    }

    /// An event may have come in several lines, and must leave so: a bare line would be read as another field.
    private func append(_ data: Bytes, to output: ByteBuffer) {
        var start = 0
        while let end = WordScan.lineEnd(in: data, from: start) {
            appendDataLine(data.part(start..<end), to: output)
            start = end + 1
        }
        appendDataLine(data.part(start..<data.count), to: output)
        output.append("\n")
    }

    private func appendDataLine(_ line: Bytes, to output: ByteBuffer) {
        output.append("data: ")
        output.append(line)
        output.append("\n")
    }

    package mutating func finish(_ times: AnswerTimes, output: ByteBuffer) throws(BrokenAnswer) {
        output.append("data: [DONE]\n\n")
    }
}

/// A whole answer for the OpenAI door: the upstream's body as it came, without the white space around it.
package struct OpenAIBodyForwarding: ReplyTranslator {
    package let heldBytes = 0

    package init() {}

    package mutating func take(_ chunk: ChatChunk, data: Bytes, now: Moment, output: ByteBuffer) {
        output.append(data)
    }

    package mutating func finish(_ times: AnswerTimes, output: ByteBuffer) throws(BrokenAnswer) {}
}
