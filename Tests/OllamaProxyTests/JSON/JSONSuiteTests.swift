import Foundation
import OllamaProxy
import TestSupport
import Testing

/// The public suite of JSON texts: what must be accepted, what must be refused, and what nobody agrees on.
@Suite(.enabled(if: SharedRecordings.isAvailable, Comment(rawValue: SharedRecordings.skipReason)))
struct JSONSuiteTests {
    private static func texts(prefix: String) -> [URL] {
        guard let folder = SharedRecordings.sharedFolder?.appendingPathComponent("json-test-suite") else { return [] }
        let files = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return (files ?? []).filter { $0.lastPathComponent.hasPrefix(prefix) }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
    }

    private static func isAccepted(_ file: URL) throws -> Bool {
        let bytes = Array(try Data(contentsOf: file))
        return withBytes(bytes) { (try? JSONReader.check($0)) != nil }
    }

    @Test func theSuiteIsThere() {
        #expect(Self.texts(prefix: "y_").count > 90)
        #expect(Self.texts(prefix: "n_").count > 180)
    }

    @Test(arguments: texts(prefix: "y_"))
    func accepts(_ file: URL) throws {
        #expect(try Self.isAccepted(file), "\(file.lastPathComponent)")
    }

    @Test(arguments: texts(prefix: "n_"))
    func refuses(_ file: URL) throws {
        #expect(try !Self.isAccepted(file), "\(file.lastPathComponent)")
    }

    @Test(arguments: texts(prefix: "i_"))
    func survives(_ file: URL) throws {
        _ = try Self.isAccepted(file)
    }

    /// Every text that both readers accept must mean the same to both.
    @Test(arguments: texts(prefix: "y_") + texts(prefix: "i_"))
    func agreesWithFoundation(_ file: URL) throws {
        let data = try Data(contentsOf: file)
        guard try Self.isAccepted(file),
            let reference = try? JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
        else { return }
        let mine = try withBytes(Array(data)) { bytes in try JSONTree.read(bytes) }
        #expect(JSONTree.isEqual(mine, reference), "\(file.lastPathComponent)")
    }
}
