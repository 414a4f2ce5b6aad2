// A request that came as a file, so that nothing tells which API it is for.

extension RequestNeeds {
    /// A request file, in the shape of any of the APIs.
    /// - Returns: the model it names, and what it needs.
    /// - Throws: `RequestError`, status 400.
    package static func ofRequest(_ body: Bytes) throws(RequestError) -> (model: String, needs: RequestNeeds) {
        // The fields of the APIs do not contradict each other, so each reads what it knows.
        var (model, isPrompt) = ("", false)
        let chat = Dialect.chat
        var walk = BodyWalk(.open, tools: chat.free.tools)
        try RequestBody.readObject(body, .none) { reader in
            try walk.object(chat.free.fields, &reader, readNeed: chat.readNeed) { key, walk, reader in
                switch key {
                case "model": model = try RequestBody.name(from: &reader) ?? model
                case chat.promptField: try walk.value(chat.free.prompt, &reader)
                default: try reader.skip()
                }
                return false
            }
        }
        var needs = walk.needs
        try RequestBody.read(body, .none) { key, reader in
            if key == "prompt" { isPrompt = true }
            try reader.skip()
        }
        guard !model.isEmpty else { throw .modelRequired }
        if isPrompt {
            needs.merge(RequestNeeds(try OllamaGenerateRequest(body)))
        } else {
            try needs.merge(RequestNeeds(OllamaChatRequest(body), guardsMoney: false))
        }
        return (model, needs)
    }
}
