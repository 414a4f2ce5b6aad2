/// The answer to a prompt in the shape of OpenAI's older API. What the model thinks has no place in it.
package struct CompletionReply: ReplyTranslator {
    private let streams: Bool
    private let includesUsage: Bool
    private let requestedName: String
    private var splitter = ThinkTagSplitter()
    /// What a reply that is not streamed has gathered, as written in a JSON string.
    private let text = ByteBuffer()
    private var usage = AnswerEvent.Usage()
    package private(set) var earlierUsage = AnswerEvent.Usage()
    private var finishReason: AnswerEvent.FinishReason?
    /// When the answer began, which its id is made of.
    private var began: Moment?

    /// - Parameter includesUsage: whether a stream ends with the usage, as `stream_options` asks for.
    init(requestedName: String, streams: Bool, includesUsage: Bool) {
        self.requestedName = requestedName
        self.streams = streams
        self.includesUsage = includesUsage
    }

    package var heldBytes: Int { text.count }

    package mutating func translate(_ chunk: AnswerEvent, data: Bytes, now: Moment, output: ByteBuffer) {
        began = began ?? now
        var splitter = self.splitter
        defer { self.splitter = splitter }
        chunk.forEachContent { piece in
            splitter.split(piece, thinking: { _ in }, content: { appendContent($0, output: output) })
        }
        if let usage = chunk.usage { self.usage = usage }
        if let reason = chunk.finishReason { finishReason = reason }
    }

    package mutating func resume(after broken: AnswerEvent.Usage) {
        earlierUsage = earlierUsage + broken
        usage = AnswerEvent.Usage()
    }

    private func appendContent(_ piece: JSONText, output: ByteBuffer) {
        guard streams else { return text.append(piece.escaped) }
        appendEvent(to: output) { body in
            writeChoices(to: &body, finishReason: nil) { $0.append(piece.escaped) }
        }
    }

    package mutating func finish(_ times: AnswerTimes, output: ByteBuffer) throws(BrokenAnswer) {
        began = began ?? times.ended
        var splitter = self.splitter
        splitter.finish(thinking: { _ in }, content: { appendContent($0, output: output) })
        let reason = finishReason == .length ? "length" : "stop"
        guard streams else {
            return output.append(
                JSONWriter.object { body in
                    writeHead(to: &body)
                    writeChoices(to: &body, finishReason: reason) { $0.append(text) }
                    writeUsage(to: &body)
                })
        }
        appendEvent(to: output) { writeChoices(to: &$0, finishReason: reason) { _ in } }
        if includesUsage {
            appendEvent(to: output) { body in
                body.key("choices")
                body.array { _ in }
                writeUsage(to: &body)
            }
        }
        output.append("data: [DONE]\n\n")
    }

    private func appendEvent(to output: ByteBuffer, _ fields: (inout JSONWriter) -> Void) {
        output.append("data: ")
        var writer = JSONWriter(into: output)
        writer.object { body in
            writeHead(to: &body)
            fields(&body)
        }
        output.append("\n\n")
    }

    private func writeHead(to body: inout JSONWriter) {
        let wall = began?.wall ?? .epoch
        body.field("id", "cmpl-\(wall.nanoseconds)")
        body.field("object", "text_completion")
        body.field("created", wall)
        body.field("model", requestedName)
    }

    private func writeChoices(
        to body: inout JSONWriter, finishReason: String?, _ appendText: (ByteBuffer) -> Void
    ) {
        let escaped = ByteBuffer("\"")
        appendText(escaped)
        escaped.append("\"")
        body.key("choices")
        body.array { choices in
            choices.object { choice in
                escaped.withBytes { choice.field("text", raw: $0) }
                choice.field("index", 0)
                choice.key("logprobs")
                choice.null()
                choice.key("finish_reason")
                if let finishReason { choice.string(finishReason) } else { choice.null() }
            }
        }
    }

    private func writeUsage(to body: inout JSONWriter) {
        let usage = earlierUsage + usage
        body.key("usage")
        body.object { object in
            object.field("prompt_tokens", usage.promptTokens)
            object.field("completion_tokens", usage.completionTokens)
            object.field("total_tokens", usage.promptTokens &+ usage.completionTokens)
        }
    }
}
