import OllamaProxy

/// The names given to models with `/api/copy`, kept in a file so that they survive a restart.
final class AliasFile {
    private let file: KeptFile
    private(set) var aliases = Aliases()

    init(path: String, loop: EventLoop, log: Log) {
        file = KeptFile(path, warning: "aliases_not_persisted", relief: "aliases_persisted_again", loop: loop, log: log)
        if let content = Files.read(path, limit: 1 << 20) { aliases = content.withBytes { Aliases($0) } }
    }

    /// Takes the changed aliases over, also where they cannot be written yet.
    func replace(with changed: Aliases) {
        aliases = changed
        file.replace(with: changed.text)
    }

    func close() {
        file.close()
    }
}
