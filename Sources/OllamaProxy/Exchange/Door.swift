/// The API that a request came in by, which decides on the shape of everything that goes out again.
package enum Door: Equatable {
    case ollamaChat(stream: Bool)
    case ollamaGenerate(stream: Bool)
    /// - count: how many texts there are to embed.
    case ollamaEmbed(count: Int, isLegacy: Bool)
    case openAIChat(stream: Bool)

    package var streams: Bool {
        switch self {
        case .ollamaChat(let stream), .ollamaGenerate(let stream), .openAIChat(let stream): stream
        case .ollamaEmbed: false
        }
    }

    /// Whether the upstream answers word by word, so that silence means something.
    package var streamsUpstream: Bool {
        switch self {
        case .ollamaChat, .ollamaGenerate, .openAIChat(stream: true): true
        case .openAIChat(stream: false), .ollamaEmbed: false
        }
    }

    /// Where the upstream serves it, behind the base URL.
    package var upstreamPath: String {
        switch self {
        case .ollamaEmbed: "/embeddings"
        default: "/chat/completions"
        }
    }

    /// The media type of a reply that succeeds.
    package var contentType: StaticString {
        switch self {
        case .ollamaChat(stream: true), .ollamaGenerate(stream: true): MediaType.jsonLines
        case .openAIChat(stream: true): MediaType.eventStream
        default: MediaType.json
        }
    }

    package var family: APIFamily {
        switch self {
        case .ollamaChat, .ollamaGenerate, .ollamaEmbed: .ollama
        case .openAIChat: .openAI
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
        if family == .openAI { output.append("data: ") }
        output.append(family.errorBody(status: status, message: message))
        output.append(family == .openAI ? "\n\n" : "\n")
    }
}

/// The APIs, by the shape of their errors.
package enum APIFamily {
    case ollama
    case openAI

    /// The body of an error reply.
    package func errorBody(status: Int, message: String) -> ByteBuffer {
        JSONWriter.object { body in
            switch self {
            case .ollama: body.field("error", message)
            case .openAI:
                body.key("error")
                body.object { error in
                    error.field("message", message)
                    error.field("type", Self.openAIType(status: status))
                    error.key("param")
                    error.null()
                    error.key("code")
                    error.null()
                }
            }
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
