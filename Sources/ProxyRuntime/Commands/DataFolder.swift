import OllamaProxy

/// What a server keeps in its data folder, as commands see it. It is at most half a second behind the server.
struct DataFolder {
    let ledgers: Ledgers
    private let models: [Model]
    private let configuration: Configuration
    /// Why the ledgers are empty, if the database could not be read.
    let problem: String?

    init(_ configuration: Configuration, now: Moment) {
        self.configuration = configuration
        models = Files.read(configuration.modelsCachePath).map { $0.withBytes { CatalogCache.models(in: $0) } } ?? []
        ledgers = Ledgers(
            failures: FailureLedger(policy: configuration.ledgers.failures),
            budget: BudgetLedger(policy: configuration.ledgers.budget))
        problem = Self.read(configuration.databasePath, into: ledgers, now: now)
    }

    /// - Throws: `CommandError` when no server has ever written a models list.
    func catalog() throws(CommandError) -> Catalog {
        guard !models.isEmpty else {
            throw CommandError(
                "\(configuration.modelsCachePath): there is no models list yet; start the server once, with this DATA_DIR"
            )
        }
        return Self.catalog(models, configuration)
    }

    /// The catalog that the server would make of a models list.
    static func catalog(_ models: [Model], _ configuration: Configuration) -> Catalog {
        let filterPath = configuration.models.filterPaths.first(where: Files.exists)
        let filter = filterPath.flatMap { Files.read($0, limit: 1 << 20) }
        let aliases = Files.read(configuration.dataDirectory + "/aliases", limit: 1 << 20)
        return Catalog(
            models,
            selection: configuration.selection(
                filter: filter.map { $0.withBytes { ModelFilter(text: $0) } } ?? ModelFilter(),
                aliases: aliases.map { $0.withBytes { Aliases($0) } } ?? Aliases()))
    }

    private static func read(_ path: String, into ledgers: Ledgers, now: Moment) -> String? {
        guard Files.exists(path) else { return nil }
        do throws(SQLiteError) {
            _ = try LedgerTables(path: path).read(into: ledgers, now: now)
            return nil
        } catch {
            return "\(path) cannot be read: \(error.description)"
        }
    }
}

/// Why a command cannot do what it is asked to, for a person.
package struct CommandError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
