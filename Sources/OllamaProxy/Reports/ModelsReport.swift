/// The models that may be used, in the order in which they are preferred, and which of them rest.
package struct ModelsReport: Report {
    private struct Row {
        let model: Model
        let rest: FailureLedger.Record?
    }

    private let rows: [Row]
    private let accountRest: FailureLedger.Record?
    private let now: Int64

    package init(_ catalog: Catalog, _ ledgers: Ledgers, now: Moment) {
        self.now = now.unixSeconds
        rows = catalog.models.map { Row(model: $0, rest: ledgers.failures.coolDown(of: $0.id, now: now)) }
        accountRest = ledgers.failures.accountCoolDown(now: now)
    }

    package func text(colours: Bool) -> String {
        var table = TextTable(
            ("MODEL", false), ("CONTEXT", true), ("TOOLS", false), ("VISION", false), ("THINKS", false),
            ("PRICE", true), ("STATE", false))
        for row in rows {
            let model = row.model
            table.add(
                .init(model.id), .init(String(model.servedContextLength)), mark(model.usesTools),
                mark(model.inputModalities.contains(.image)), mark(model.abilities.contains(.reasoning)),
                .init(price(of: model)), state(of: row))
        }
        return table.text(colours: colours)
    }

    package func write(to body: inout JSONWriter) {
        body.key("models")
        body.array { list in
            for row in rows {
                list.object { entry in
                    entry.field("id", row.model.id)
                    entry.field("context_length", row.model.servedContextLength)
                    entry.field("tools", row.model.usesTools)
                    entry.field("vision", row.model.inputModalities.contains(.image))
                    entry.field("thinking", row.model.abilities.contains(.reasoning))
                    entry.field("free", row.model.isFree)
                    entry.field("prompt_price", row.model.promptPrice)
                    entry.field("completion_price", row.model.completionPrice)
                    let rest = rest(of: row)
                    entry.field("state", rest == nil ? "ready" : "resting")
                    if let rest {
                        entry.field("reason", rest.kind.rawValue)
                        entry.field("rests_for_seconds", Int(rest.until - now))
                    }
                }
            }
        }
    }

    private func rest(of row: Row) -> FailureLedger.Record? {
        guard let account = accountRest, row.model.isFree, account.until > row.rest?.until ?? 0 else { return row.rest }
        return account
    }

    private func mark(_ value: Bool) -> TextTable.Cell {
        value ? .init("yes") : .init("-", .faint)
    }

    private func price(of model: Model) -> String {
        guard !model.isFree else { return "free" }
        // To a tenth of a cent, which tells all prices of the list apart that differ by anything that matters.
        return model.pricePerMillion.map { price in
            let thousandths = Int(clamping: Int64((price * 1000).rounded()))
            let fraction = String(thousandths % 1000 + 1000).dropFirst()
            return "$\(thousandths / 1000).\(fraction)/M"
        } ?? "varies"
    }

    private func state(of row: Row) -> TextTable.Cell {
        guard let rest = rest(of: row) else { return .init("ready", .good) }
        return .init("\(rest.kind.words), rests \(DurationText.of(rest.until - now))", .warning)
    }
}

extension Failure.Kind {
    /// For a table.
    var words: String { rawValue.split(separator: "_").joined(separator: " ") }
}
