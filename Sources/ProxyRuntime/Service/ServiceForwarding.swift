import OllamaProxy

/// The routes of OpenAI's and Anthropic's APIs.
extension Service {
    /// - Parameter door: that for a reply which streams, or does not.
    func serveForwarded(
        _ dialect: Dialect, _ door: (_ stream: Bool) -> Door, _ request: IncomingRequest
    ) throws(RequestError) {
        let body = Self.text(of: request)
        let asked = try read(body, dialect)
        try exchanges.start(
            door(asked.stream), UpstreamRequest(forwarding: body, edits: asked.edits),
            candidates(for: asked.model, asked.needs), needs: asked.needs, for: request)
    }

    func serveOpenAIEmbeddings(_ request: IncomingRequest) throws(RequestError) {
        let body = Self.text(of: request)
        let asked = try read(body, .embeddings)
        try exchanges.start(
            .openAIEmbeddings, UpstreamRequest(forwarding: body, edits: asked.edits),
            embeddingCandidates(for: asked.model), for: request)
    }

    /// Counting costs nothing, whatever is counted.
    func serveCountTokens(_ request: IncomingRequest) throws(RequestError) {
        let asked = try Self.text(of: request).withBytes { bytes throws(RequestError) in
            try ForwardedRequest(bytes, dialect: .messages, freeOnly: false)
        }
        request.commonHeaders.append(("X-Proxy-Estimate", "true"))
        replyJSON(request, CountTokens.reply(to: asked.needs))
    }

    private func read(_ body: ByteBuffer, _ dialect: Dialect) throws(RequestError) -> ForwardedRequest {
        let catalog = try catalog()
        return try body.withBytes { bytes throws(RequestError) in
            try ForwardedRequest(
                bytes, dialect: dialect, freeOnly: catalog.freeOnly, priceLimit: catalog.selection.maxPricePerMillion)
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

    /// The name stands in the path, its slashes escaped or not.
    func serveOpenAIModel(_ request: IncomingRequest) throws(RequestError) {
        var name = request.path.cut(at: Route.openAIModel.rawValue).map { String($0.after) } ?? ""
        if name.hasSuffix("/") { name.removeLast() }
        guard let entry = try catalog().entry(named: name) else { throw .modelNotFound(name) }
        replyJSON(request, OpenAIReplies.model(entry.model, name: entry.name))
    }
}
