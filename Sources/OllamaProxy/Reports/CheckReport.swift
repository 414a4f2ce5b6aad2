/// What `check` has found: one line for each thing, and what to do where it is not well.
package struct CheckReport: Report {
    package enum Verdict: String {
        case ok, warning, failed
    }

    package struct Line: Equatable {
        package let subject: String
        package let verdict: Verdict
        package let finding: String
        /// What to do; nil where nothing is to be done.
        package let advice: String?

        package init(_ subject: String, _ verdict: Verdict, _ finding: String, advice: String? = nil) {
            self.subject = subject
            self.verdict = verdict
            self.finding = finding
            self.advice = advice
        }
    }

    package var lines: [Line] = []

    package init() {}

    package var hasFailed: Bool { lines.contains { $0.verdict == .failed } }

    package func text(colours: Bool) -> String {
        let width = lines.map(\.subject.count).max() ?? 0
        return lines.map { line in
            let (word, tone): (String, Tone) =
                switch line.verdict {
                case .ok: ("ok  ", .good)
                case .warning: ("warn", .warning)
                case .failed: ("FAIL", .bad)
                }
            let subject = line.subject + String(repeating: " ", count: width - line.subject.count)
            let advice = line.advice.map { ": \($0)" } ?? ""
            return "\(colours ? tone.coloured(word) : word)  \(subject)  \(line.finding)\(advice)\n"
        }.joined()
    }

    package func write(to body: inout JSONWriter) {
        body.field("ok", !hasFailed)
        body.key("checks")
        body.array { list in
            for line in lines {
                list.object { entry in
                    entry.field("subject", line.subject)
                    entry.field("verdict", line.verdict.rawValue)
                    entry.field("finding", line.finding)
                    if let advice = line.advice { entry.field("advice", advice) }
                }
            }
        }
    }
}
