import OllamaProxy

/// The names given to models with `/api/copy`, kept in a file so that they survive a restart.
final class AliasFile {
    private let path: String
    private let log: Log
    private(set) var aliases = Aliases()

    init(path: String, log: Log) {
        self.path = path
        self.log = log
        if let content = Files.read(path, limit: 1 << 20) { aliases = content.withBytes { Aliases($0) } }
    }

    /// Takes the changed aliases over, also where they cannot be written: they then last until the next restart.
    func replace(with changed: Aliases) {
        aliases = changed
        do {
            try Files.replace(path, with: changed.text)
        } catch {
            log.warn("aliases_not_persisted", ["reason": "\(error)"])
        }
    }
}
