/// The API that a request came in by, which decides on the shape of everything that goes out again.
package enum Door: Equatable {
    case ollamaChat(stream: Bool)
    case ollamaGenerate(stream: Bool)
    /// - count: how many texts there are to embed.
    case ollamaEmbed(count: Int, isLegacy: Bool)
    case openAIChat(stream: Bool)
    /// The older API for prompts, which the upstream is asked for as a chat.
    case openAICompletion(stream: Bool, includesUsage: Bool)
    case openAIEmbeddings
    case responses(stream: Bool)
    case messages(stream: Bool)

    /// Whether the client is answered word by word.
    package var streams: Bool {
        switch self {
        case .ollamaChat(let stream), .ollamaGenerate(let stream), .openAIChat(let stream),
            .openAICompletion(let stream, _), .responses(let stream), .messages(let stream):
            stream
        case .ollamaEmbed, .openAIEmbeddings: false
        }
    }

    /// Whether the upstream answers word by word, so that silence means something.
    package var streamsUpstream: Bool {
        switch self {
        case .ollamaChat, .ollamaGenerate, .openAICompletion: true
        case .openAIChat(let stream), .responses(let stream), .messages(let stream): stream
        case .ollamaEmbed, .openAIEmbeddings: false
        }
    }

    /// Whether what comes is passed on as it is, so that it must have the form that was asked for.
    var isForwarding: Bool {
        switch self {
        case .openAIChat, .responses, .messages, .openAIEmbeddings: true
        case .ollamaChat, .ollamaGenerate, .ollamaEmbed, .openAICompletion: false
        }
    }

    /// What the upstream speaks.
    var dialect: Dialect {
        switch self {
        case .responses: .responses
        case .messages: .messages
        case .ollamaEmbed, .openAIEmbeddings: .embeddings
        case .ollamaChat, .ollamaGenerate, .openAIChat, .openAICompletion: .chat
        }
    }

    /// Whether an answer that breaks can be taken up by another attempt: the upstream is asked for a chat, and the
    /// client has read some of it.
    var canBeTakenUp: Bool { streams && dialect == .chat }

    /// Where the upstream serves it, behind the base URL.
    package var upstreamPath: String {
        switch self {
        case .ollamaEmbed, .openAIEmbeddings: "/embeddings"
        case .responses: "/responses"
        case .messages: "/messages"
        case .ollamaChat, .ollamaGenerate, .openAIChat, .openAICompletion: "/chat/completions"
        }
    }

    /// The media type of a reply that succeeds.
    package var contentType: StaticString {
        guard streams else { return MediaType.json }
        switch family {
        case .ollama: return MediaType.jsonLines
        case .openAI, .responses, .anthropic: return MediaType.eventStream
        }
    }

    package var family: APIFamily {
        switch self {
        case .ollamaChat, .ollamaGenerate, .ollamaEmbed: .ollama
        case .openAIChat, .openAICompletion, .openAIEmbeddings: .openAI
        case .responses: .responses
        case .messages: .anthropic
        }
    }

    /// Appends what every client of the API takes for a stream that is alive and says nothing yet.
    package func appendHeartbeat(requestedName: String, now: Moment, to output: ByteBuffer) {
        guard family == .ollama else { return output.append(": waiting\n\n") }
        let isChat = self == .ollamaChat(stream: true)
        output.append(OllamaReplies.heartbeat(model: requestedName, isChat: isChat, now: now))
        output.append("\n")
    }

    /// Appends the end of a stream that broke: an error that every client of the API takes for one.
    package func appendError(status: Int, message: String, to output: ByteBuffer) {
        family.appendStreamError(status: status, message: message, to: output)
    }
}
