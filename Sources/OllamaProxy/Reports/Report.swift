/// What a command prints: for a person, or for a program.
package protocol Report {
    /// - Parameter colours: whether the terminal's colours may be used.
    func text(colours: Bool) -> String
    /// Writes the fields of its JSON object.
    func write(to body: inout JSONWriter)
}

extension Report {
    /// One JSON object, with its line's end.
    package func json() -> ByteBuffer {
        let output = JSONWriter.object { write(to: &$0) }
        output.append("\n")
        return output
    }
}

extension Failure.Kind {
    /// A kind's raw value, for a table.
    static func words(_ rawValue: String) -> String { rawValue.split(separator: "_").joined(separator: " ") }
}

/// What a piece of text is to be taken for.
package enum Tone {
    case plain, good, warning, bad, faint

    /// The text in the tone's colour.
    func coloured(_ text: String) -> String {
        switch self {
        case .plain: text
        case .good: "\u{1B}[32m\(text)\u{1B}[0m"
        case .warning: "\u{1B}[33m\(text)\u{1B}[0m"
        case .bad: "\u{1B}[31m\(text)\u{1B}[0m"
        case .faint: "\u{1B}[2m\(text)\u{1B}[0m"
        }
    }
}

/// Rows under headings, each column as wide as its widest cell.
struct TextTable {
    struct Cell {
        let text: String
        var tone = Tone.plain

        init(_ text: String, _ tone: Tone = .plain) {
            // What comes from a list may hold anything: a terminal is not to obey it.
            self.text = String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
            self.tone = tone
        }
    }

    private let columns: [(heading: String, isNumber: Bool)]
    private var rows: [[Cell]] = []

    /// - Parameter columns: those of numbers are set flush right.
    init(_ columns: (heading: String, isNumber: Bool)...) {
        self.columns = columns
    }

    mutating func add(_ cells: Cell...) {
        rows.append(cells)
    }

    func text(colours: Bool) -> String {
        let heading = columns.map { Cell($0.heading, .faint) }
        let all = [heading] + rows
        let widths = columns.indices.map { column in all.map { $0[column].text.count }.max() ?? 0 }
        return all.map { row in
            let cells = row.indices.map { column in
                let cell = row[column]
                let padding = String(repeating: " ", count: widths[column] - cell.text.count)
                let shown = colours ? cell.tone.coloured(cell.text) : cell.text
                if columns[column].isNumber { return padding + shown }
                return column == row.count - 1 ? shown : shown + padding
            }
            return cells.joined(separator: "  ") + "\n"
        }.joined()
    }
}
