/// An answer in Ollama's shape, as a stream of lines or as one object.
package struct OllamaReply: ReplyTranslator {
    /// Where the answer's text is in a line, the only difference between the two routes.
    package struct Shape: Sendable {
        let isChat: Bool
        /// Between the time and the text.
        fileprivate let beforeContent: StaticString
        /// Behind the text and whatever else belongs to the message.
        fileprivate let afterMessage: StaticString
        /// Behind the last line's `done`.
        fileprivate let beforeSummary: StaticString

        /// `/api/chat`
        package static let chat = Shape(
            isChat: true, beforeContent: "\",\"message\":{\"role\":\"assistant\",\"content\":\"", afterMessage: "}",
            beforeSummary: "")
        /// `/api/generate`, whose `context` would let a local runner go on where it stopped.
        package static let generate = Shape(
            isChat: false, beforeContent: "\",\"response\":\"", afterMessage: "", beforeSummary: ",\"context\":[]")
    }

    private let shape: Shape
    private let streams: Bool
    private let hidesThinking: Bool
    private let opening: Opening
    private let remoteModel: String
    private let remoteHost: String
    private var splitter = ThinkTagSplitter()
    private var toolCalls = ToolCallAssembler()
    private var usage = AnswerEvent.Usage()
    package private(set) var earlierUsage = AnswerEvent.Usage()
    private var finishReason: AnswerEvent.FinishReason?
    /// What a reply that is not streamed has gathered, as written in JSON strings.
    private let content = ByteBuffer()
    private let thinking = ByteBuffer()
    private let logprobs = ByteBuffer()

    /// - Parameters:
    ///   - requestedName: the model as the client wrote it, which is the name the reply goes by.
    ///   - model: the id of the model that answers.
    ///   - remoteHost: the upstream, as a URL without a path.
    package init(
        _ shape: Shape, requestedName: String, model: String, remoteHost: String, streams: Bool, hidesThinking: Bool
    ) {
        self.shape = shape
        self.streams = streams
        self.hidesThinking = hidesThinking
        self.remoteHost = remoteHost
        remoteModel = model
        opening = Opening(model: requestedName, beforeContent: shape.beforeContent)
    }

    package var heldBytes: Int { content.count + thinking.count + logprobs.count + toolCalls.heldBytes }

    package mutating func translate(_ chunk: AnswerEvent, data: Bytes, now: Moment, output: ByteBuffer) {
        if let array = chunk.logprobs { gather(array) }
        chunk.forEachThinking { appendThinking($0, now: now, output: output) }
        var splitter = self.splitter
        defer { self.splitter = splitter }
        chunk.forEachContent { text in
            splitter.split(
                text, thinking: { appendThinking($0, now: now, output: output) },
                content: { appendContent($0, now: now, output: output) })
        }
        for fragment in chunk.toolCalls { toolCalls.add(fragment) }
        if let usage = chunk.usage { self.usage = usage }
        if let reason = chunk.finishReason { finishReason = reason }
    }

    package mutating func resume(after broken: AnswerEvent.Usage) {
        earlierUsage = earlierUsage + broken
        usage = AnswerEvent.Usage()
    }

    private func appendThinking(_ text: JSONText, now: Moment, output: ByteBuffer) {
        guard !hidesThinking else { return logprobs.removeAll() }
        guard streams else { return thinking.append(text.escaped) }
        appendLine(content: nil, thinking: text, now: now, to: output)
    }

    private func appendContent(_ text: JSONText, now: Moment, output: ByteBuffer) {
        guard streams else { return content.append(text.escaped) }
        appendLine(content: text, thinking: nil, now: now, to: output)
    }

    package mutating func finish(_ times: AnswerTimes, output: ByteBuffer) throws(BrokenAnswer) {
        var splitter = self.splitter
        splitter.finish(
            thinking: { appendThinking($0, now: times.ended, output: output) },
            content: { appendContent($0, now: times.ended, output: output) })
        let calls: [ToolCallAssembler.Call]
        do {
            calls = try toolCalls.finish()
        } catch {
            throw BrokenAnswer(reason: error.reason)
        }
        if streams {
            for call in calls {
                begin(now: times.ended, to: output)
                output.append("\",\"tool_calls\":")
                append([call], to: output)
                output.append(shape.afterMessage)
                output.append(",\"done\":false}\n")
            }
        }
        begin(now: times.ended, to: output)
        output.append(content)
        output.append("\"")
        if !thinking.isEmpty {
            output.append(",\"thinking\":\"")
            output.append(thinking)
            output.append("\"")
        }
        if !streams, !calls.isEmpty {
            output.append(",\"tool_calls\":")
            append(calls, to: output)
        }
        output.append(shape.afterMessage)
        output.append(",\"done\":true")
        appendSummary(times, to: output)
        appendLogprobs(to: output)
        output.append(streams ? "}\n" : "}")
    }

    /// Everything up to the first character of the text.
    private func begin(now: Moment, to output: ByteBuffer) {
        opening.append(now: now, to: output)
    }

    private func appendLine(content: JSONText?, thinking: JSONText?, now: Moment, to output: ByteBuffer) {
        begin(now: now, to: output)
        if let content { output.append(content.escaped) }
        if let thinking {
            output.append("\",\"thinking\":\"")
            output.append(thinking.escaped)
        }
        output.append("\"")
        output.append(shape.afterMessage)
        output.append(",\"done\":false")
        appendLogprobs(to: output)
        output.append("}\n")
    }

    /// The probabilities of the tokens since the last line that had any.
    private func appendLogprobs(to output: ByteBuffer) {
        guard !logprobs.isEmpty else { return }
        output.append(",\"logprobs\":[")
        output.append(logprobs)
        output.append("]")
        logprobs.removeAll()
    }

    /// Joins the elements of one chunk's array to those of the chunks before.
    private func gather(_ array: Bytes) {
        let elements = array.part(1..<array.count - 1).trimmed
        guard !elements.isEmpty else { return }
        if !logprobs.isEmpty { logprobs.append(",") }
        JSONWriter.appendCompact(elements, to: logprobs)
    }

    private func append(_ calls: [ToolCallAssembler.Call], to output: ByteBuffer) {
        var writer = JSONWriter(into: output)
        writer.array { array in
            for call in calls {
                array.object { item in
                    item.field("id", call.id)
                    item.key("function")
                    item.object { function in
                        function.field("index", call.index)
                        function.field("name", call.name)
                        function.key("arguments")
                        call.arguments.withBytes { function.compact($0) }
                    }
                }
            }
        }
    }

    private func appendSummary(_ times: AnswerTimes, to output: ByteBuffer) {
        output.append(shape.beforeSummary)
        output.append(",\"done_reason\":\"")
        output.append(finishReason == .length ? "length" : "stop")
        output.append("\",\"remote_model\":")
        JSONWriter.appendQuoted(remoteModel, to: output)
        output.append(",\"remote_host\":")
        JSONWriter.appendQuoted(remoteHost, to: output)
        // What Ollama calls loading is here the time spent until a model took the request on.
        let load = AnswerTimes.span(from: times.received, to: times.attemptStarted)
        let prompt = AnswerTimes.span(from: times.attemptStarted, to: times.firstToken)
        let answer = AnswerTimes.span(from: times.firstToken, to: times.ended)
        let usage = earlierUsage + usage
        let numbers: [(StaticString, Int)] = [
            (",\"total_duration\":", Int((load + prompt + answer).nanoseconds)),
            (",\"load_duration\":", Int(load.nanoseconds)),
            (",\"prompt_eval_count\":", usage.promptTokens),
            (",\"prompt_eval_duration\":", Int(prompt.nanoseconds)),
            (",\"eval_count\":", usage.completionTokens), (",\"eval_duration\":", Int(answer.nanoseconds)),
        ]
        for (key, value) in numbers {
            output.append(key)
            JSONWriter.appendDecimal(value, to: output)
        }
    }
}

/// `{"model":"…","created_at":"…","message":{"role":"assistant","content":"`, which every line begins with. Lines of one
/// moment, and many come in one piece, share it as it was written for the first.
private final class Opening {
    private let text = ByteBuffer()
    private let timeOffset: Int
    private let beforeContent: StaticString
    /// The time in it.
    private var time: UnixTime?

    init(model: String, beforeContent: StaticString) {
        text.append("{\"model\":")
        JSONWriter.appendQuoted(model, to: text)
        text.append(",\"created_at\":\"")
        timeOffset = text.count
        self.beforeContent = beforeContent
    }

    func append(now: Moment, to output: ByteBuffer) {
        if now.wall != time {
            time = now.wall
            text.truncate(to: timeOffset)
            Timestamp.append(now.wall, fractionDigits: 9, to: text)
            text.append(beforeContent)
        }
        output.append(text)
    }
}
