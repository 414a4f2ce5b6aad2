import Foundation
import TestSupport

/// A control group whose processes may use so much memory and no more, as a service with `MemoryMax` has one.
final class ControlGroup {
    /// Where groups for memory are made: the older hierarchy has a tree for each resource, the newer one for all.
    private static let root: URL? = ["/sys/fs/cgroup/memory", "/sys/fs/cgroup"].map { URL(fileURLWithPath: $0) }
        .first { folder in
            ["memory.limit_in_bytes", "cgroup.controllers"].contains {
                FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path)
            }
        }

    static let isAvailable = (try? ControlGroup(megabytes: 64)) != nil
    static let unavailable = "no control group for memory can be made here"

    private let folder: URL

    init(megabytes: Int) throws {
        guard let root = Self.root else { throw SupportError("there are no control groups") }
        folder = root.appendingPathComponent("ollama-proxy-test-\(UUID().uuidString)")
        guard mkdir(folder.path, 0o755) == 0 else { throw SupportError("cannot make \(folder.path)") }
        let names = ["memory.limit_in_bytes", "memory.max"]
        guard let name = names.first(where: { FileManager.default.fileExists(atPath: file($0).path) }) else {
            rmdir(folder.path)
            throw SupportError("memory is not controlled")
        }
        do {
            try Data("\(megabytes << 20)\n".utf8).write(to: file(name))
        } catch {
            rmdir(folder.path)
            throw error
        }
    }

    // Empty by now: its processes have ended.
    deinit { rmdir(folder.path) }

    var launcher: [String] {
        ["/bin/sh", "-c", "echo $$ > '\(file("cgroup.procs").path)' && exec \"$0\" \"$@\""]
    }

    private func file(_ name: String) -> URL { folder.appendingPathComponent(name) }
}
