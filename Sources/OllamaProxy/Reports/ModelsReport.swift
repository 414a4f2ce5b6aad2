/// The models that may be used, in the order in which they are preferred, which of them are in cooldown, and how they have done.
package struct ModelsReport: Report {
    struct Row {
        var id = ""
        /// For people; empty when unknown.
        var name = ""
        var contextLength = 0
        var usesTools = false
        var seesImages = false
        var thinks = false
        var isFree = false
        /// As the list writes them.
        var promptPrice = ""
        var completionPrice = ""
        /// Dollars for a million tokens; nil when it varies.
        var pricePerMillion: Double?
        var cooldown: Cooldown?
        /// Recent attempts; 0 for none.
        var attempts = 0
        /// Of recent attempts, 0 to 1; nil for none.
        var successRate: Double?
        /// nil while unknown.
        var firstTokenSeconds: Double?
        var tokensPerSecond: Double?
    }

    /// Why a model is not asked, and how much longer.
    struct Cooldown: Equatable {
        var reason: String
        var remaining: Span
    }

    let rows: [Row]

    package init(_ catalog: Catalog, _ ledgers: Ledgers, now: Moment) {
        let accountCooldown = ledgers.failures.accountCooldown(now: now)
        rows = catalog.models.map { model in
            var cooldown = ledgers.failures.cooldown(of: model.id, now: now)
            if let accountCooldown, model.isFree, accountCooldown.until > cooldown?.until ?? .epoch {
                cooldown = accountCooldown
            }
            let seen = ledgers.performance.record(of: model.id)
            return Row(
                id: model.id, name: model.displayName, contextLength: model.servedContextLength,
                usesTools: model.usesTools, seesImages: model.inputModalities.contains(.image),
                thinks: model.abilities.contains(.reasoning), isFree: model.isFree, promptPrice: model.prices.prompt,
                completionPrice: model.prices.completion, pricePerMillion: model.pricePerMillion,
                cooldown: cooldown.map { Cooldown(reason: $0.kind.rawValue, remaining: $0.until - now.wall) },
                attempts: seen.map { Int(min(max(0, $0.attempts), 1e6).rounded(.up)) } ?? 0,
                successRate: seen.flatMap { $0.attempts > 0 ? $0.successes / $0.attempts : nil },
                firstTokenSeconds: seen.flatMap { $0.firstTokenSeconds > 0 ? $0.firstTokenSeconds : nil },
                tokensPerSecond: seen.flatMap { $0.tokensPerSecond > 0 ? $0.tokensPerSecond : nil })
        }
    }

    var count: Int { rows.count }

    var countInCooldown: Int { rows.count { $0.cooldown != nil } }

    package func text(colours: Bool) -> String {
        var table = TextTable(
            ("MODEL", false), ("CONTEXT", true), ("TOOLS", false), ("VISION", false), ("THINKS", false),
            ("PRICE", true), ("STATE", false))
        for row in rows {
            table.add(
                .init(row.id), .init(String(row.contextLength)), mark(row.usesTools), mark(row.seesImages),
                mark(row.thinks), .init(price(of: row)), state(of: row))
        }
        return table.text(colours: colours)
    }

    package func write(to body: inout JSONWriter) {
        body.key("models")
        body.array { list in
            for row in rows { list.object { row.write(to: &$0) } }
        }
    }

    private func mark(_ value: Bool) -> TextTable.Cell {
        value ? .init("yes") : .init("-", .faint)
    }

    private func price(of row: Row) -> String {
        guard !row.isFree else { return "free" }
        // To a tenth of a cent, which tells all prices of the list apart that differ by anything that matters.
        return row.pricePerMillion.map { price in
            let thousandths = Int(clamping: Int64((price * 1000).rounded()))
            let fraction = String(thousandths % 1000 + 1000).dropFirst()
            return "$\(thousandths / 1000).\(fraction)/M"
        } ?? "varies"
    }

    private func state(of row: Row) -> TextTable.Cell {
        guard let cooldown = row.cooldown else { return .init("ready", .good) }
        let remaining = DurationText.of(cooldown.remaining)
        return .init("\(Failure.Kind.words(cooldown.reason)), cooldown \(remaining)", .warning)
    }
}

extension ModelsReport.Row {
    fileprivate func write(to entry: inout JSONWriter) {
        entry.field("id", id)
        entry.field("name", name)
        entry.field("context_length", contextLength)
        entry.field("tools", usesTools)
        entry.field("vision", seesImages)
        entry.field("thinking", thinks)
        entry.field("free", isFree)
        entry.field("prompt_price", promptPrice)
        entry.field("completion_price", completionPrice)
        entry.field("price_per_million", orNull: pricePerMillion, digits: 6)
        entry.field("state", cooldown == nil ? "ready" : "cooldown")
        if let cooldown {
            entry.field("reason", cooldown.reason)
            entry.field("cooldown_seconds", cooldown.remaining.secondsRoundedUp)
        }
        entry.field("attempts", attempts)
        entry.field("success_rate", orNull: successRate, digits: 3)
        entry.field("first_token_seconds", orNull: firstTokenSeconds, digits: 3)
        entry.field("tokens_per_second", orNull: tokensPerSecond, digits: 1)
    }
}

// MARK: Reading a server's status

extension ModelsReport {
    /// Reads the array that `write` makes.
    init(_ reader: inout JSONReader) throws(JSONError) {
        var rows: [Row] = []
        try reader.forEachElement { reader throws(JSONError) in rows.append(try Row(&reader)) }
        self.rows = rows
    }
}

extension ModelsReport.Row {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        var row = ModelsReport.Row()
        var cooldown = ModelsReport.Cooldown(reason: "", remaining: .zero)
        try reader.forEachField { key, reader throws(JSONError) in
            switch key {
            case "id": row.id = try reader.string().string
            case "name": row.name = try reader.string().string
            case "context_length": row.contextLength = try reader.integerIfAny() ?? 0
            case "tools": row.usesTools = try reader.bool()
            case "vision": row.seesImages = try reader.bool()
            case "thinking": row.thinks = try reader.bool()
            case "free": row.isFree = try reader.bool()
            case "prompt_price": row.promptPrice = try reader.string().string
            case "completion_price": row.completionPrice = try reader.string().string
            case "price_per_million": row.pricePerMillion = JSONNumber.double(try reader.slice())
            case "reason": cooldown.reason = try reader.string().string
            case "cooldown_seconds": cooldown.remaining = try reader.secondsIfAny() ?? .zero
            case "attempts": row.attempts = try reader.integerIfAny() ?? 0
            case "success_rate": row.successRate = JSONNumber.double(try reader.slice())
            case "first_token_seconds": row.firstTokenSeconds = JSONNumber.double(try reader.slice())
            case "tokens_per_second": row.tokensPerSecond = JSONNumber.double(try reader.slice())
            default: try reader.skip()
            }
        }
        if !cooldown.reason.isEmpty { row.cooldown = cooldown }
        self = row
    }
}
