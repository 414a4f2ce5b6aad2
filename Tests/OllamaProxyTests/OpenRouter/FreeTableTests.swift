import Foundation
import OllamaProxy
import TestSupport
import Testing

/// What is documented as free of charge is what the code lets through, word for word.
struct FreeTableTests {
    private func cell(_ names: [String]) -> String {
        names.isEmpty ? "–" : names.sorted().map { "`\($0)`" }.joined(separator: ", ")
    }

    @Test func everyRuleIsDocumented() throws {
        let page = PackageLocation.root.appendingPathComponent("docs/free-mode.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        var expected: [String] = []
        for (path, rows) in FreeOfCharge.documentation {
            expected.append("## \(path)")
            for row in rows {
                expected.append(
                    "| \(row.place.isEmpty ? "the body" : "`\(row.place)`") | \(cell(row.types)) | \(cell(row.free)) "
                        + "| \(cell(row.leftOut)) | \(cell(row.refused)) |")
            }
        }
        let documented = text.split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix("## /") || ($0.hasPrefix("| ") && !$0.hasPrefix("| where ")) }
        if let path = ProcessInfo.processInfo.environment["PRINT_FREE_TABLE"] {
            try expected.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        }
        #expect(documented == expected)
    }
}
