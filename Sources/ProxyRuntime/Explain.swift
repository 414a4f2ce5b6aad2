import OllamaProxy

/// `ollama-proxy explain`: says which models a request would be sent to, in which order and why, from what the server
/// keeps in its data folder. Nothing is sent anywhere.
package enum Explain {
    /// - Parameter subject: the name of a model, or a file that holds a request to any of the chat routes.
    /// - Returns: the explanation as text.
    /// - Throws: `ExplainError` when there is nothing to go by.
    package static func text(about subject: String, _ configuration: Configuration) throws(ExplainError) -> String {
        let (name, needs) = try request(subject)
        let folder = configuration.dataDirectory
        let path = configuration.modelsCachePath
        let known = Files.read(path).map { $0.withBytes { CatalogCache.models(in: $0) } } ?? []
        guard !known.isEmpty else {
            throw ExplainError(
                description: "\(path): there is no models list yet; start the server once, with this DATA_DIR")
        }
        let filter = configuration.filterPaths.first(where: Files.exists).flatMap { Files.read($0, limit: 1 << 20) }
        let aliases = Files.read(folder + "/aliases", limit: 1 << 20)
        let catalog = Catalog(
            known,
            selection: configuration.selection(
                filter: filter.map { $0.withBytes { ModelFilter(text: $0) } } ?? ModelFilter(),
                aliases: aliases.map { $0.withBytes { Aliases($0) } } ?? Aliases()))
        let ledgers = Ledgers(
            failures: FailureLedger(policy: configuration.failurePolicy),
            budget: BudgetLedger(policy: configuration.budgetPolicy))
        let now = Clock.now()
        let note = read(configuration.databasePath, into: ledgers, now: now)
        return Explanation(of: name, needs: needs, in: catalog, ledgers, now: now).text + note
    }

    private static func request(_ subject: String) throws(ExplainError) -> (model: String, needs: RequestNeeds) {
        guard Files.exists(subject) else { return (subject, RequestNeeds()) }
        guard let body = Files.read(subject) else {
            throw ExplainError(description: "\(subject): the file cannot be read")
        }
        do {
            return try body.withBytes { bytes throws(RequestError) in try RequestNeeds.ofRequest(bytes) }
        } catch {
            throw ExplainError(description: "\(subject): \(error.message)")
        }
    }

    private static func read(_ path: String, into ledgers: Ledgers, now: Moment) -> String {
        guard Files.exists(path) else { return "" }
        do throws(SQLiteError) {
            _ = try LedgerTables(path: path).read(into: ledgers, now: now)
            return ""
        } catch {
            return "\nwithout what was learned, as \(path) cannot be read: \(error.description)\n"
        }
    }
}

/// Why nothing can be explained, for a person.
package struct ExplainError: Error, CustomStringConvertible {
    package let description: String
}
