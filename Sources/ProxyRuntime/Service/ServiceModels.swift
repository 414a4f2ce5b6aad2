import OllamaProxy

/// The routes that manage models. Hosted models can be looked at and given other names, and nothing else.
extension Service {
    func serveShow(_ request: IncomingRequest) throws(RequestError) {
        let name = try managementRequest(request).model
        guard let entry = try catalog().entry(named: name) else { throw .modelNotFound(name) }
        replyJSON(
            request, OllamaReplies.show(entry.model, name: entry.name, remoteHost: configuration.remoteHost))
    }

    func servePull(_ request: IncomingRequest) throws(RequestError) {
        let pull = try managementRequest(request)
        guard let entry = try catalog().entry(named: pull.model) else {
            guard pull.stream else { throw RequestError(status: 500, message: ManagementReplies.noManifest) }
            return reply(request, ManagementReplies.notPulled(), isStream: true)
        }
        let digest = ModelDescription(entry.model).digest
        reply(request, ManagementReplies.pulled(digest: digest, stream: pull.stream), isStream: pull.stream)
    }

    func serveCopy(_ request: IncomingRequest) throws(RequestError) {
        let copy = try request.withText { bytes, strings, _ throws(RequestError) in
            try ManagementRequest.copy(bytes, strings)
        }
        let catalog = try catalog()
        guard let source = catalog.index(named: copy.source) else { throw .modelNotFound(copy.source) }
        let model = catalog.models[source].id
        guard !Catalog.isBestName(copy.destination) else {
            throw .badRequest("\"\(copy.destination)\" always means the best model")
        }
        guard !catalog.isListedName(copy.destination) else {
            throw .badRequest("\"\(copy.destination)\" is the name of a hosted model")
        }
        guard models.aliasCount < Aliases.most else { throw .badRequest("there are \(Aliases.most) aliases already") }
        models.addAlias(copy.destination, for: model)
        replyEmpty(request, status: 200)
    }

    func serveDelete(_ request: IncomingRequest) throws(RequestError) {
        let name = try managementRequest(request).model
        if models.removeAlias(name) { return replyEmpty(request, status: 200) }
        guard try catalog().entry(named: name) != nil else { throw .modelNotFound(name) }
        throw .badRequest(
            "\"\(name)\" is hosted by the upstream and cannot be deleted; to hide it, exclude it in the filter file")
    }

    /// What would make, change or upload a model. A blob that is asked for is not there.
    func serveUnchangeable(_ route: Route, _ request: IncomingRequest) throws(RequestError) {
        guard request.method != "HEAD" else { return replyEmpty(request, status: 404) }
        throw .badRequest(
            route == .push
                ? "models are hosted by the upstream and cannot be pushed"
                : "models are hosted by the upstream and cannot be made here; /api/copy gives one another name")
    }

    private func managementRequest(_ request: IncomingRequest) throws(RequestError) -> ManagementRequest {
        try request.withText { bytes, strings, _ throws(RequestError) in try ManagementRequest.named(bytes, strings) }
    }

    private func reply(_ request: IncomingRequest, _ body: ByteBuffer, isStream: Bool) {
        guard isStream else { return replyJSON(request, body) }
        request.reply(.init(status: 200, contentType: MediaType.jsonLines), body: body)
    }
}
