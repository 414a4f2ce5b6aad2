import Foundation

/// A host name whose look-up hangs for as long as the test wants, without network, root or waiting for a time-out.
///
/// Before it asks a server for a name without dots, the C library reads the file that HOSTALIASES names. If that is a
/// FIFO, the look-up hangs in the middle until the FIFO's writer closes it.
///
/// The variable is the process's: use it only inside an exit test.
struct HeldLookup {
    static let name = "held-lookup"

    /// Whether this machine's look-ups come to that file: services other than these two may answer before. These two
    /// are also the default.
    static let isPossible: Bool = {
        guard let settings = try? String(contentsOfFile: "/etc/nsswitch.conf", encoding: .utf8) else { return true }
        let hosts = settings.split(separator: "\n").first { $0.hasPrefix("hosts:") }
        return hosts?.split(whereSeparator: \.isWhitespace) == ["hosts:", "files", "dns"]
    }()

    private let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("contract-\(UUID().uuidString)").path
        precondition(mkfifo(path, 0o600) == 0, "mkfifo failed")
        setenv("HOSTALIASES", path, 1)
    }

    /// Returns once the look-up has begun; it cannot end before the returned descriptor is closed.
    func waitUntilBegun() -> CInt {
        let writer = open(path, O_WRONLY)
        unlink(path)
        return writer
    }
}
