import Foundation
import OllamaProxy
import TestSupport
import Testing

/// What is documented is what there is, word for word.
struct DocumentationTests {
    private static func lines(of path: String) throws -> [String] {
        try String(contentsOf: PackageLocation.root.appendingPathComponent(path), encoding: .utf8)
            .split(separator: "\n").map(String.init)
    }

    @Test func everyVariableIsDocumentedAsTheCodeHasIt() throws {
        let documented = try Self.lines(of: "docs/configuration.md").filter { $0.hasPrefix("| `") }
        let declared = Configuration.settings.map { "| `\($0.name)` | \($0.standard) | \($0.meaning) |" }
        // The document groups them, so the order is its own.
        #expect(documented.sorted() == declared.sorted())
    }

    /// Variables of Compose's own are named in its file.
    @Test(arguments: [".env.example", "packaging/debian/environment"])
    func examplesCanBeUsedAsTheyStand(path: String) throws {
        let names = Set(Configuration.settings.map(\.name))
        let compose = try Self.lines(of: "docker-compose.yml").joined()
        let entries = try Self.lines(of: path).compactMap { $0.wholeMatch(of: /#?([A-Z_]+)=(.*)/) }
        #expect(entries.count > 4)
        for entry in entries where !compose.contains("${\(entry.1):-") {
            #expect(names.contains(String(entry.1)), "\(entry.1)")
            let environment = [String(entry.1): String(entry.2)]
                .merging(["OPENROUTER_API_KEY": "sk-test"]) { $1 }
            #expect(throws: Never.self) { try ConfigurationReader.read(environment: environment) { _ in nil } }
        }
    }

    @Test func composeSetsWhatThereIs() throws {
        let lines = try Self.lines(of: "docker-compose.yml")
        let set = lines.compactMap { $0.wholeMatch(of: #/ +([A-Z_]+): .*/#)?.1 }.map(String.init)
        #expect(set.contains("DATA_DIR"))
        #expect(Set(set).isSubset(of: Configuration.settings.map(\.name)))
    }
}
