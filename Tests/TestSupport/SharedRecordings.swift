import Foundation

/// Answers recorded from real servers. They are no part of the package: tests that need them are skipped without them.
public enum SharedRecordings {
    /// The folder that holds `recordings`, from SHARED_DIR or beside the package; nil when there is none.
    public static let sharedFolder: URL? = {
        let folder =
            ProcessInfo.processInfo.environment["SHARED_DIR"].map { URL(fileURLWithPath: $0, isDirectory: true) }
            ?? PackageLocation.root.deletingLastPathComponent().appendingPathComponent("shared", isDirectory: true)
        let recordings = folder.appendingPathComponent("recordings").path
        return FileManager.default.fileExists(atPath: recordings) ? folder : nil
    }()

    public static var isAvailable: Bool { sharedFolder != nil }

    public static let skipReason = "the recordings are not here; set SHARED_DIR to the folder that has them"

    /// The recordings of one folder, as in `openrouter/sse`, sorted by name; empty when they are not available. What
    /// merely describes a recording is left out.
    public static func files(in folder: String, withExtension fileExtension: String? = nil) -> [URL] {
        guard let directory = url(folder),
            let names = try? FileManager.default.contentsOfDirectory(atPath: directory.path)
        else { return [] }
        return names.sorted().filter { name in
            !name.hasPrefix("_") && !name.hasPrefix(".") && !name.hasSuffix(".meta.json")
                && fileExtension.map { name.hasSuffix("." + $0) } ?? true
        }.map { directory.appendingPathComponent($0) }
    }

    /// One recording or folder by its path below `recordings`, whether it exists or not; nil without recordings.
    public static func url(_ path: String) -> URL? {
        sharedFolder?.appendingPathComponent("recordings").appendingPathComponent(path)
    }

    /// What accompanies a recording: its request, status and headers; nil when nothing does.
    public static func description(of recording: URL) -> URL? {
        let description = recording.deletingPathExtension().appendingPathExtension("meta.json")
        return FileManager.default.fileExists(atPath: description.path) ? description : nil
    }

    /// OpenRouter's streams.
    public static func sse() -> [URL] { files(in: "openrouter/sse", withExtension: "sse") }

    /// OpenRouter's whole answers.
    public static func json() -> [URL] { files(in: "openrouter/json", withExtension: "json") }

    /// OpenRouter's error bodies.
    public static func errors() -> [URL] { files(in: "openrouter/errors", withExtension: "json") }

    /// OpenRouter's lists of models.
    public static func models() -> [URL] { files(in: "models", withExtension: "json") }
}
