/// The comparison as a page.
package struct MarkdownReport {
    private let seed: UInt64
    private let results: [DayResult]

    package init(seed: UInt64, results: [DayResult]) {
        self.seed = seed
        self.results = results
    }

    package var text: String {
        """
        # A day with free models, simulated

            swift run -c release simulate --seed \(seed) --markdown Benchmarks/simulation.md

        made this page; the same seed makes the same page. A day of traffic on a virtual clock goes through the proxy's own
        exchange machines and ledgers, with all settings at their standard values, against simulated models that fail as
        OpenRouter's free ones do, and an account with OpenRouter's limits. All strategies meet the same requests and the
        same world: what becomes of a request at a model depends on the time alone, not on what was asked before.

        - **naive**: the model that was asked for, then the list from its top, on whatever failure, up to the same 5
          attempts with the same 30 s for the first word; no memory, no queue, no budget.
        - **context**, **reliability**: the proxy with `MODEL_ORDER` set so; **continuing** has `CONTINUE_STREAMS=true` too.
        - *Servable* is a request that an oracle, which knows the future and spends one request on each, serves at some
          moment within two minutes, the time a client waits for its first word, and within the account's limits.
        - *Spent* are requests that count for the account, *burnt* those of them that led to no answer, *429* refusals
          because of the account's limits. Times are to the first word, waiting included, of the streams that were served.

        \(table)

        ## The days

        \(Self.unique(results.map { "- **\($0.scenario.name)**: \($0.scenario.text)." }).joined(separator: "\n"))

        ## Servable, and not served

        \(losses)

        """
    }

    // MARK: Table

    private var table: String {
        let head = [
            "day", "strategy", "requests", "served", "servable, not served", "attempts per success", "spent", "burnt",
            "429", "first word, median", "p95",
        ]
        let rows = results.map(row)
        return ([head, Array(repeating: "---", count: head.count)] + rows).map { cells in
            "| " + cells.joined(separator: " | ") + " |"
        }.joined(separator: "\n")
    }

    private func row(_ result: DayResult) -> [String] {
        [
            result.strategy == .naive ? result.scenario.name : "", result.strategy.name, String(result.requests),
            Self.decimal(result.successRate * 100) + " %", "\(result.lost) of \(result.servableCount)",
            Self.decimal(result.attemptsPerSuccess, digits: 2), String(result.spent), String(result.burnt),
            String(result.refusedByAccount), Self.decimal(result.firstWord(quantile: 0.5)) + " s",
            Self.decimal(result.firstWord(quantile: 0.95)) + " s",
        ]
    }

    // MARK: Losses

    private var losses: String {
        let lines = results.filter { $0.strategy != .naive }.map { result in
            let reasons = result.losses.map { "\($0.count) × \($0.loss.text)" }.joined(separator: "; ")
            return "- \(result.scenario.name), \(result.strategy.name): \(reasons.isEmpty ? "none" : reasons)."
        }
        return lines.joined(separator: "\n")
    }

    private static func unique(_ lines: [String]) -> [String] {
        var seen = Set<String>()
        return lines.filter { seen.insert($0).inserted }
    }

    /// A number with so many digits behind the point.
    private static func decimal(_ value: Double, digits: Int = 1) -> String {
        var scale = 1
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int((value * Double(scale)).rounded())
        let fraction = String(scaled % scale)
        return "\(scaled / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}
