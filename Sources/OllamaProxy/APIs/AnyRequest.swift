// A request that came as a file, so that nothing tells which API it is for.

extension RequestNeeds {
    /// A request file, in the shape of any of the APIs.
    /// - Returns: the model it names, and what it needs.
    /// - Throws: `RequestError`, status 400.
    package static func ofRequest(_ body: Bytes) throws(RequestError) -> (model: String, needs: RequestNeeds) {
        // The fields of the APIs do not contradict each other, so each reads what it knows.
        var (model, isPrompt) = ("", false)
        var needs = RequestNeeds()
        try RequestBody.read(body) { key, reader in
            switch key {
            case "model": model = try reader.stringOrNull()?.string ?? model
            case "prompt":
                isPrompt = true
                try reader.skip()
            case "tools":
                var ahead = reader
                needs.addTools(try ahead.slice())
                reader = ahead
            default: if try !needs.readChatField(key, from: &reader) { try reader.skip() }
            }
        }
        guard !model.isEmpty else { throw .modelRequired }
        if isPrompt {
            needs.merge(RequestNeeds(try OllamaGenerateRequest(body)))
        } else {
            needs.merge(RequestNeeds(try OllamaChatRequest(body)))
        }
        return (model, needs)
    }
}
