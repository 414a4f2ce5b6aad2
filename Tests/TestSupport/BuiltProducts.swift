import Foundation

/// The executables that were built together with the running tests.
public enum BuiltProducts {
    /// The server under test; OLLAMA_PROXY_BINARY overrides it.
    public static func ollamaProxy() throws -> URL {
        try executable(named: "ollama-proxy", overriddenBy: "OLLAMA_PROXY_BINARY")
    }

    /// The scriptable upstream; FAKE_OPENROUTER_BINARY overrides it.
    public static func fakeOpenRouter() throws -> URL {
        try executable(named: "fake-openrouter", overriddenBy: "FAKE_OPENROUTER_BINARY")
    }

    private static func executable(named name: String, overriddenBy variable: String) throws -> URL {
        if let path = ProcessInfo.processInfo.environment[variable] {
            guard FileManager.default.isExecutableFile(atPath: path) else {
                throw SupportError("\(variable) names no executable: \(path)")
            }
            return URL(fileURLWithPath: path)
        }
        for folder in searchFolders() {
            let candidate = folder.appendingPathComponent(name)
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: candidate.path, isDirectory: &isFolder), !isFolder.boolValue {
                return candidate
            }
        }
        throw SupportError("cannot find \(name) beside the tests; build it, or set \(variable)")
    }

    /// The folders around the test bundle, whichever program runs it, and the package's own build folder last.
    private static func searchFolders() -> [URL] {
        let starts =
            [CommandLine.arguments.first, "/proc/self/exe"].compactMap { $0 }
            .map { URL(fileURLWithPath: $0).resolvingSymlinksInPath().deletingLastPathComponent() }
            + Bundle.allBundles.map { $0.bundleURL }
        let around = starts.flatMap { start in
            [start, start.deletingLastPathComponent(), start.deletingLastPathComponent().deletingLastPathComponent()]
        }
        return around + [PackageLocation.root.appendingPathComponent(".build/debug")]
    }
}
