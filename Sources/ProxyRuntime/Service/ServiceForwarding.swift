import OllamaProxy

/// The routes of OpenAI's and Anthropic's APIs.
extension Service {
    func serveForwarded(_ dialect: Dialect, _ request: IncomingRequest) throws(RequestError) {
        let body = Self.text(of: request)
        let catalog = try catalog()
        let asked = try read(body, dialect, catalog)
        let door: Door =
            switch dialect {
            case .chat: .openAIChat(stream: asked.stream)
            case .responses: .responses(stream: asked.stream)
            case .messages: .messages(stream: asked.stream)
            }
        try exchanges.start(
            door, UpstreamRequest(forwarding: body, edits: asked.edits), candidates(for: asked.model, asked.needs),
            needs: asked.needs, for: request)
    }

    func serveCountTokens(_ request: IncomingRequest) throws(RequestError) {
        let asked = try read(Self.text(of: request), .messages, catalog())
        request.commonHeaders.append(("X-Proxy-Estimate", "true"))
        replyJSON(request, CountTokens.reply(to: asked.needs))
    }

    private func read(
        _ body: ByteBuffer, _ dialect: Dialect, _ catalog: Catalog
    ) throws(RequestError) -> ForwardedRequest {
        try body.withBytes { bytes throws(RequestError) in
            try ForwardedRequest(
                bytes, dialect: dialect, freeOnly: catalog.freeOnly,
                priceLimit: catalog.selection.maxPricePerMillion)
        }
    }

    func serveCompletion(_ request: IncomingRequest) throws(RequestError) {
        try Self.text(of: request).withBytes { bytes throws(RequestError) in
            let prompt = try CompletionRequest(bytes)
            let needs = RequestNeeds(prompt)
            try exchanges.start(
                .openAICompletion(stream: prompt.stream, includesUsage: prompt.includesUsage),
                UpstreamRequest(prompt), candidates(for: prompt.model, needs), needs: needs, hidesThinking: true,
                for: request)
        }
    }

    func serveOpenAIEmbeddings(_ request: IncomingRequest) throws(RequestError) {
        let body = Self.text(of: request)
        let catalog = try catalog()
        let asked = try body.withBytes { bytes throws(RequestError) in
            try OpenAIEmbeddingsRequest(
                bytes, freeOnly: catalog.freeOnly, priceLimit: catalog.selection.maxPricePerMillion)
        }
        try exchanges.start(
            .openAIEmbeddings, UpstreamRequest(forwarding: body, edits: asked.edits),
            embeddingCandidates(for: asked.model), for: request)
    }

    /// The name stands in the path, its slashes escaped or not.
    func serveOpenAIModel(_ request: IncomingRequest) throws(RequestError) {
        var name = request.path.cut(at: Route.openAIModel.rawValue).map { String($0.after) } ?? ""
        if name.hasSuffix("/") { name.removeLast() }
        guard let entry = try catalog().entry(named: name) else { throw .modelNotFound(name) }
        replyJSON(request, OpenAIReplies.model(entry.model, name: entry.name))
    }
}
