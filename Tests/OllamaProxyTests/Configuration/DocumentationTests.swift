import Foundation
import OllamaProxy
import TestSupport
import Testing

/// What is documented is what there is, word for word.
struct DocumentationTests {
    @Test func everyVariableIsDocumentedAsTheCodeHasIt() throws {
        let text = try String(
            contentsOf: PackageLocation.root.appendingPathComponent("docs/configuration.md"), encoding: .utf8)
        let documented = text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
        let declared = Configuration.variables.map { "| `\($0.name)` | \($0.standard) | \($0.meaning) |" }
        // The document groups them, so the order is its own.
        #expect(documented.sorted() == declared.sorted())
    }
}
