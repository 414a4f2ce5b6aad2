import OllamaProxy

/// `ollama-proxy models`, `failures` and `budget`: what a server knows. One that runs is asked; where none does, its data
/// folder tells.
package enum LedgerCommands {
    /// - Throws: `CommandError` when there is no models list.
    package static func models(_ configuration: Configuration) throws(CommandError) -> ModelsReport {
        if let status = serverStatus(configuration) { return status.models }
        let now = Clock.now()
        let folder = try readable(configuration, now: now)
        return ModelsReport(try folder.catalog(), folder.ledgers, now: now)
    }

    /// - Throws: `CommandError` when the database cannot be read.
    package static func failures(_ configuration: Configuration) throws(CommandError) -> FailuresReport {
        if let status = serverStatus(configuration) { return status.failures }
        let now = Clock.now()
        return FailuresReport(try readable(configuration, now: now).ledgers.failures, now: now)
    }

    /// - Throws: `CommandError` when the database cannot be read.
    package static func budget(_ configuration: Configuration) throws(CommandError) -> BudgetReport {
        if let status = serverStatus(configuration) { return status.budget }
        let now = Clock.now()
        return BudgetReport(try readable(configuration, now: now).ledgers.budget, now: now)
    }

    /// What the server of this configuration says; nil when none runs, or does not tell.
    private static func serverStatus(_ configuration: Configuration) -> ServerStatus? {
        let reply = ServerClient(configuration).request("GET", Route.proxyStatus.rawValue)
        guard case .reply(status: 200, let body) = reply else { return nil }
        return body.withBytes { try? ServerStatus($0) }
    }

    private static func readable(_ configuration: Configuration, now: Moment) throws(CommandError) -> DataFolder {
        let folder = DataFolder(configuration, now: now)
        if let problem = folder.problem { throw CommandError(problem) }
        return folder
    }

    /// Forgets failures. A server that runs is asked to: it would not notice a change beneath it.
    /// - Parameter model: nil for all.
    /// - Returns: a sentence about what was done.
    /// - Throws: `CommandError` when neither the server nor the database could do it.
    package static func clearFailures(_ model: String?, _ configuration: Configuration) throws(CommandError) -> String {
        let client = ServerClient(configuration)
        let path = Route.failures.rawValue + (model.map { "/" + escaped($0) } ?? "")
        let subject = model.map { "the failures of \($0)" } ?? "all failures"
        switch client.request("DELETE", path) {
        case .reply(status: 200, _): return "the server at \(client.address) has forgotten \(subject)"
        case .reply(let status, let body):
            throw CommandError("the server at \(client.address) answers \(status): \(body.text.trimmingSpaces)")
        case .failed:
            let now = Clock.now()
            guard Files.exists(configuration.databasePath) else { return "nothing to forget" }
            let ledgers = try readable(configuration, now: now).ledgers
            _ = ledgers.failures.forget(model)
            do throws(SQLiteError) {
                let changes = ledgers.failures.takeUnsaved()
                try LedgerTables(path: configuration.databasePath)
                    .write(changes, BudgetLedger.Changes(), [:], now: now)
            } catch {
                throw CommandError("\(configuration.databasePath) cannot be written: \(error.description)")
            }
            return "\(subject): forgotten; no server runs at \(client.address)"
        }
    }

    /// For a path; the slash in a model's id may stay.
    private static func escaped(_ name: String) -> String {
        let output = ByteBuffer()
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "-")...UInt8(ascii: ":"), UInt8(ascii: "_"), UInt8(ascii: "~"):
                output.append(byte)
            default:
                let digits = Array("0123456789ABCDEF".utf8)
                output.append("%")
                output.append(digits[Int(byte >> 4)])
                output.append(digits[Int(byte & 15)])
            }
        }
        return output.text
    }
}

/// `ollama-proxy healthcheck`: whether the server of this configuration serves.
package enum HealthCheck {
    /// - Returns: whether it does, and a sentence that says so.
    package static func run(_ configuration: Configuration) -> (isHealthy: Bool, sentence: String) {
        let client = ServerClient(configuration)
        switch client.request("GET", Route.health.rawValue) {
        case .reply(status: 200, let body): return (true, body.text.trimmingSpaces)
        case .reply(let status, let body):
            return (false, "\(client.address) answers \(status): \(body.text.trimmingSpaces.prefix(200))")
        case .failed(let reason): return (false, "\(client.address) does not answer: \(reason)")
        }
    }
}
