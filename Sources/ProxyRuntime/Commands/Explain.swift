import OllamaProxy

/// `ollama-proxy explain`: says which models a request would be sent to, in which order and why, from what the server
/// keeps in its data folder. Nothing is sent anywhere.
package enum Explain {
    /// - Parameter subject: the name of a model, or a file that holds a request to any of the chat routes.
    /// - Throws: `CommandError` when there is nothing to go by.
    package static func report(
        about subject: String, _ configuration: Configuration
    ) throws(CommandError) -> Explanation {
        let (name, needs) = try request(subject)
        let now = Clock.now()
        let folder = DataFolder(configuration, now: now)
        var explanation = Explanation(of: name, needs: needs, in: try folder.catalog(), folder.ledgers, now: now)
        if let problem = folder.problem { explanation.notes.append("without what was learned, as \(problem)") }
        return explanation
    }

    private static func request(_ subject: String) throws(CommandError) -> (model: String, needs: RequestNeeds) {
        guard Files.exists(subject) else { return (subject, RequestNeeds()) }
        guard let body = Files.read(subject) else { throw CommandError("\(subject): the file cannot be read") }
        do {
            return try body.withBytes { bytes throws(RequestError) in try RequestNeeds.ofRequest(bytes) }
        } catch {
            throw CommandError("\(subject): \(error.message)")
        }
    }
}
