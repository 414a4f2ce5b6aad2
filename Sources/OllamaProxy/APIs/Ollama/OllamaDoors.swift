extension Door {
    /// `POST /api/chat`
    package static func ollamaChat(stream: Bool) -> Door { stream ? chatStream : wholeChat }
    private static let chatStream = ollama("ollama chat", .chat, streams: true)
    private static let wholeChat = ollama("ollama chat", .chat, streams: false)

    /// `POST /api/generate`
    package static func ollamaGenerate(stream: Bool) -> Door { stream ? generateStream : wholeGenerate }
    private static let generateStream = ollama("ollama generate", .generate, streams: true)
    private static let wholeGenerate = ollama("ollama generate", .generate, streams: false)

    /// The upstream is always asked for a stream, so that silence and broken answers show at once.
    private static func ollama(_ name: StaticString, _ shape: OllamaReply.Shape, streams: Bool) -> Door {
        Door(
            name, streams: streams, streamsUpstream: true, dialect: .chat, errors: .ollama,
            streamType: MediaType.jsonLines,
            heartbeat: { model, now, output in
                output.append(OllamaReplies.heartbeat(model: model, isChat: shape.isChat, now: now))
                output.append("\n")
            },
            translator: { opening in
                OllamaReply(
                    shape, requestedName: opening.requestedName, model: opening.model.id,
                    remoteHost: opening.remoteHost, streams: streams, hidesThinking: opening.hidesThinking)
            })
    }

    /// `POST /api/embed`, and the older `/api/embeddings`.
    /// - Parameter count: how many texts there are to embed.
    package static func ollamaEmbed(count: Int, isLegacy: Bool) -> Door {
        Door(
            "ollama embed", streams: false, streamsUpstream: false, dialect: .embeddings, errors: .ollama,
            translator: { opening in
                OllamaEmbedReply(requestedName: opening.requestedName, count: count, isLegacy: isLegacy)
            })
    }
}

extension ErrorShape {
    /// One field; in a stream, a line.
    package static let ollama = ErrorShape(lead: "", end: "\n") { _, message, body in body.field("error", message) }
}
