extension Door {
    /// What turns an answer of the upstream's into a reply of this door's.
    /// - Parameters:
    ///   - requestedName: the model as the client wrote it.
    ///   - remoteHost: the upstream as a URL without a path.
    ///   - mayBeTakenUp: whether another attempt may go on with the answer if it breaks.
    func translator(
        for model: Model, requestedName: String, remoteHost: String, hidesThinking: Bool, mayBeTakenUp: Bool
    ) -> any ReplyTranslator {
        let ollamaReply = { (shape: OllamaReply.Shape, streams: Bool) in
            OllamaReply(
                shape, requestedName: requestedName, model: model.id, remoteHost: remoteHost, streams: streams,
                hidesThinking: hidesThinking)
        }
        switch self {
        case .ollamaChat(let stream): return ollamaReply(.chat, stream)
        case .ollamaGenerate(let stream): return ollamaReply(.generate, stream)
        case .ollamaEmbed(let count, let isLegacy):
            return OllamaEmbedReply(requestedName: requestedName, count: count, isLegacy: isLegacy)
        case .openAIChat(stream: true): return OpenAIStreamForwarding(mayBeTakenUp: mayBeTakenUp)
        case .openAICompletion(let stream, let includesUsage):
            return CompletionReply(requestedName: requestedName, streams: stream, includesUsage: includesUsage)
        case .responses(stream: true), .messages(stream: true): return NamedEventForwarding(dialect)
        case .openAIChat(stream: false), .responses(stream: false), .messages(stream: false), .openAIEmbeddings:
            return BodyForwarding()
        }
    }
}
