/// A stream of a chat: the upstream's events as they came, without its comments.
package struct ChatStreamForwarding: ReplyTranslator {
    package let heldBytes = 0

    package private(set) var earlierUsage = AnswerEvent.Usage()
    /// The id that the answer began with; nil until it is known or needed.
    private var identifier: ByteBuffer?
    private let keepsIdentifier: Bool
    private var isResumed = false

    /// - Parameter mayBeResumed: whether another attempt may go on with the answer if it breaks.
    package init(mayBeResumed: Bool = false) {
        keepsIdentifier = mayBeResumed
    }

    package mutating func resume(after broken: AnswerEvent.Usage) {
        earlierUsage = earlierUsage + broken
        isResumed = true
    }

    package mutating func translate(_ chunk: AnswerEvent, data: Bytes, now: Moment, output: ByteBuffer) {
        guard isResumed else {
            if keepsIdentifier, identifier == nil { identifier = AnswerIdentity.identifier(of: data) }
            if let event = chunk.streamed { return output.append(event) }
            return EventWriting.append(data, to: output)
        }
        let rewritten = AnswerIdentity.rewritten(data, identifier: identifier, earlierUsage: earlierUsage)
        rewritten.withBytes { EventWriting.append($0, to: output) }
    }

    package mutating func finish(_ times: AnswerTimes, output: ByteBuffer) throws(BrokenAnswer) {
        output.append("data: [DONE]\n\n")
    }
}
