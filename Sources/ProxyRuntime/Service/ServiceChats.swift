import OllamaProxy

/// The routes that ask a model.
extension Service {
    func serveChat(_ request: IncomingRequest) throws(RequestError) {
        // The request borrows from the body, and the upstream's is made of it before this returns.
        try request.withText { bytes, strings, body throws(RequestError) in
            let chat = try OllamaChatRequest(bytes, strings)
            let catalog = try catalog()
            let needs = try RequestNeeds(chat, guardsMoney: catalog.guardsMoney)
            let candidates = try candidates(for: chat.generation.model, needs)
            guard !chat.isLoadOrUnload else { return try replyLoaded(chat.generation, isChat: true, request) }
            try exchanges.start(
                .ollamaChat(stream: chat.generation.stream), try UpstreamRequest(chat, body: body), candidates,
                needs: needs,
                hidesThinking: chat.generation.think == .off, keepAlive: chat.generation.keepAlive ?? .standard,
                for: request)
        }
    }

    func serveGenerate(_ request: IncomingRequest) throws(RequestError) {
        try request.withText { bytes, strings, body throws(RequestError) in
            let prompt = try OllamaGenerateRequest(bytes, strings)
            let needs = RequestNeeds(prompt)
            let candidates = try candidates(for: prompt.generation.model, needs)
            guard !prompt.isLoadOrUnload else { return try replyLoaded(prompt.generation, isChat: false, request) }
            guard prompt.suffix?.isEmpty ?? true else {
                throw .badRequest("\"\(prompt.generation.model)\" does not support insert")
            }
            try exchanges.start(
                .ollamaGenerate(stream: prompt.generation.stream), try UpstreamRequest(prompt, body: body), candidates,
                needs: needs,
                hidesThinking: prompt.generation.think == .off, keepAlive: prompt.generation.keepAlive ?? .standard,
                for: request)
        }
    }

    func serveEmbed(_ request: IncomingRequest, isLegacy: Bool) throws(RequestError) {
        try request.withText { bytes, strings, body throws(RequestError) in
            let embed = try OllamaEmbedRequest(bytes, strings, isLegacy: isLegacy)
            let candidates = try embeddingCandidates(for: embed.model)
            guard let input = embed.input else {
                return replyJSON(request, OllamaEmbedRequest.emptyReply(model: embed.model, isLegacy: isLegacy))
            }
            try exchanges.start(
                .ollamaEmbed(count: embed.count, isLegacy: isLegacy), UpstreamRequest(embed, input: input, body: body),
                candidates, for: request)
        }
    }

    /// The one model there is for embeddings.
    func embeddingCandidates(for name: String) throws(RequestError) -> CandidateSequence {
        let catalog = try catalog()
        guard let model = catalog.embeddingModel else {
            throw .badRequest(
                "no model for embeddings is set: set EMBEDDING_MODEL to the id of one"
                    + (configuration.freeMode ? " that ends in :free, or set FREE_MODE=false as well" : ""))
        }
        return try CandidateSequence(
            only: model, requestedName: name, priceLimit: catalog.freeOnly ? nil : catalog.selection.maxPricePerMillion)
    }

    func candidates(for name: String, _ needs: RequestNeeds) throws(RequestError) -> CandidateSequence {
        try CandidateSequence(
            for: name, needs: needs, in: catalog(), performance: ledgers.performance, now: loop.now)
    }

    private func replyLoaded(
        _ generation: OllamaGeneration, isChat: Bool, _ request: IncomingRequest
    ) throws(RequestError) {
        let catalog = try catalog()
        if let index = catalog.index(named: generation.model) {
            exchanges.recordUse(of: catalog.models[index].id, keepAlive: generation.keepAlive ?? .standard)
        }
        let reply = OllamaReplies.loaded(
            model: generation.model, isChat: isChat, isUnload: generation.isUnload, now: loop.now)
        replyJSON(request, reply)
    }
}
