import OllamaProxy

/// The routes of OpenAI's and Anthropic's APIs.
extension Service {
    /// - Parameter door: that for a reply which streams, or does not.
    func serveForwarded(
        _ dialect: Dialect, _ door: (_ stream: Bool) -> Door, _ request: IncomingRequest
    ) throws(RequestError) {
        let (asked, upstream) = try read(request, dialect)
        try exchanges.start(
            door(asked.stream), upstream, candidates(for: asked.model, asked.needs), needs: asked.needs, for: request)
    }

    func serveOpenAIEmbeddings(_ request: IncomingRequest) throws(RequestError) {
        let (asked, upstream) = try read(request, .embeddings)
        try exchanges.start(.openAIEmbeddings, upstream, embeddingCandidates(for: asked.model), for: request)
    }

    /// Counting costs nothing, whatever is counted.
    func serveCountTokens(_ request: IncomingRequest) throws(RequestError) {
        let asked = try request.withText { bytes, strings, _ throws(RequestError) in
            try ForwardedRequest(bytes, strings, dialect: .messages, freeOnly: false)
        }
        request.commonHeaders.append(("X-Proxy-Estimate", "true"))
        replyJSON(request, CountTokens.reply(to: asked.needs))
    }

    private func read(
        _ request: IncomingRequest, _ dialect: Dialect
    ) throws(RequestError) -> (ForwardedRequest, UpstreamRequest) {
        let catalog = try catalog()
        return try request.withText { bytes, strings, body throws(RequestError) in
            let asked = try ForwardedRequest(
                bytes, strings, dialect: dialect, freeOnly: catalog.freeOnly,
                priceLimit: catalog.selection.maxPricePerMillion)
            return (asked, UpstreamRequest(forwarding: body, edits: asked.edits))
        }
    }

    func serveCompletion(_ request: IncomingRequest) throws(RequestError) {
        try request.withText { bytes, strings, body throws(RequestError) in
            let prompt = try CompletionRequest(bytes, strings)
            let needs = RequestNeeds(prompt)
            try exchanges.start(
                .openAICompletion(stream: prompt.stream, includesUsage: prompt.includesUsage),
                UpstreamRequest(prompt, body: body), candidates(for: prompt.model, needs), needs: needs,
                hidesThinking: true,
                for: request)
        }
    }

    /// The name is in the path, its slashes escaped or not.
    func serveOpenAIModel(_ request: IncomingRequest) throws(RequestError) {
        var name = request.path.cut(at: Route.openAIModel.rawValue).map { String($0.after) } ?? ""
        if name.hasSuffix("/") { name.removeLast() }
        guard let entry = try catalog().entry(named: name) else { throw .modelNotFound(name) }
        replyJSON(request, OpenAIReplies.model(entry.model, name: entry.name))
    }
}
