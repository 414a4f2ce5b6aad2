extension Door {
    /// `POST /v1/chat/completions`
    package static func openAIChat(stream: Bool) -> Door { stream ? openAIChatStream : openAIChatWhole }
    private static let openAIChatStream = Door(
        "openai chat", streams: true, streamsUpstream: true, isForwarding: true, dialect: .chat, errors: .openAI,
        translator: { ChatStreamForwarding(mayBeResumed: $0.mayBeResumed) })
    private static let openAIChatWhole = Door(
        "openai chat", streams: false, streamsUpstream: false, isForwarding: true, dialect: .chat, errors: .openAI,
        translator: { _ in BodyForwarding() })

    /// `POST /v1/completions`, the older API for prompts, which the upstream is asked for as a chat.
    /// - Parameter includesUsage: whether a stream ends with the usage.
    package static func openAICompletion(stream: Bool, includesUsage: Bool) -> Door {
        Door(
            "openai completion", streams: stream, streamsUpstream: true, dialect: .chat, errors: .openAI,
            translator: { opening in
                CompletionReply(requestedName: opening.requestedName, streams: stream, includesUsage: includesUsage)
            })
    }

    /// `POST /v1/embeddings`
    package static let openAIEmbeddings = Door(
        "openai embeddings", streams: false, streamsUpstream: false, isForwarding: true, dialect: .embeddings,
        errors: .openAI, translator: { _ in BodyForwarding() })

    /// `POST /v1/responses`
    package static func responses(stream: Bool) -> Door { stream ? responsesStream : responsesWhole }
    private static let responsesStream = Door(
        "responses", streams: true, streamsUpstream: true, isForwarding: true, dialect: .responses,
        errors: .responses, translator: { _ in NamedEventForwarding() })
    private static let responsesWhole = Door(
        "responses", streams: false, streamsUpstream: false, isForwarding: true, dialect: .responses,
        errors: .responses, translator: { _ in BodyForwarding() })
}

extension Dialect {
    /// `POST /responses`
    package static let responses = Dialect(
        path: "/responses", promptField: "input",
        promptIsMissing: "input is required and must be a string or an array",
        isPrompt: { reader throws(JSONError) in try [.string, .array].contains(reader.kind()) },
        readNeed: { key, needs, reader in try needs.readResponsesField(key, from: &reader) }, free: .responses,
        readEvent: { data throws(JSONError) in try AnswerEvent(responsesEvent: data) },
        readDocument: { text throws(JSONError) in try AnswerEvent(responsesBody: text) })
}

extension ErrorShape {
    package static let openAI = ErrorShape(lead: "data: ", end: "\n\n", write: writeOpenAI)

    /// The same, but for streams, whose errors are events of their own.
    package static let responses = ErrorShape(
        lead: "event: error\ndata: ", end: "\n\n",
        last: { status, message, event in
            event.field("type", "error")
            event.field("code", openAIType(status: status))
            event.field("message", message)
            event.key("param")
            event.null()
            // By this object OpenAI's own libraries know an error in any stream.
            writeOpenAI(status, message, to: &event)
        }, write: writeOpenAI)

    @Sendable private static func writeOpenAI(_ status: Int, _ message: String, to body: inout JSONWriter) {
        body.key("error")
        body.object { error in
            error.field("message", message)
            error.field("type", openAIType(status: status))
            error.key("param")
            error.null()
            error.key("code")
            error.null()
        }
    }

    /// The types that Ollama's OpenAI door uses.
    private static func openAIType(status: Int) -> String {
        switch status {
        case 400: "invalid_request_error"
        case 404: "not_found_error"
        default: "api_error"
        }
    }
}
