/// Which models would be asked for a request, in which order and why.
package struct Explanation: Report {
    /// What is asked for, and what is left of the quota.
    package private(set) var heading: [String] = []
    /// The candidates in their order, or why there are none.
    package private(set) var candidates: [Row] = []
    /// The models that are no candidates.
    package private(set) var others: [Row] = []
    /// Why the request would be refused without asking any model; nil when it would not.
    package private(set) var refusal: String?

    package struct Row: Equatable {
        package let model: String
        package let reason: String
        /// Until when the model is in cooldown, and why; nil when it is not.
        package let cooldown: String?
    }

    package init(of name: String, needs: RequestNeeds, in catalog: Catalog, _ ledgers: Ledgers, now: Moment) {
        heading = [
            "asked for: \(name)", "needs: \(needs.words)",
            "order: \(catalog.selection.order.rawValue)\(catalog.freeOnly ? ", free models only" : "")",
            "budget: \(Self.budget(ledgers.budget, now: now))",
        ]
        do {
            let sequence = try CandidateSequence(
                for: name, needs: needs, in: catalog, performance: ledgers.performance, now: now)
            if let substitution = sequence.substitution { heading.append("another model is used: \(substitution)") }
            candidates = sequence.entries.map { entry in
                let model = sequence.models[entry.index]
                return Row(
                    model: model.id,
                    reason: Self.reason(entry, model, needs, catalog.selection.order, ledgers.performance, now: now),
                    cooldown: Self.cooldown(of: model, ledgers, now: now))
            }
            addOthers(besides: Set(candidates.map(\.model)), needs, catalog)
        } catch {
            refusal = "\(error.status): \(error.message)"
            addOthers(besides: [], needs, catalog)
        }
    }

    private mutating func addOthers(besides chosen: Set<String>, _ needs: RequestNeeds, _ catalog: Catalog) {
        // Outside free mode that is every model there is, and the reason is the same for all.
        guard catalog.freeOnly else { return }
        others = catalog.models.filter { !chosen.contains($0.id) }.map { model in
            let shortcomings = model.shortcomings(for: needs).map(\.text)
            let reason =
                model.isGuard
                ? "a guard model, used only by its own name"
                : shortcomings.isEmpty ? "not needed" : shortcomings.joined(separator: " and ")
            return Row(model: model.id, reason: reason, cooldown: nil)
        }
    }

    private static func reason(
        _ entry: CandidateSequence.Entry, _ model: Model, _ needs: RequestNeeds, _ order: Catalog.ModelOrder,
        _ performance: PerformanceLedger, now: Moment
    ) -> String {
        let lacks = model.shortcomings(for: needs).map(\.text).joined(separator: " and ")
        switch entry.reason {
        case .requested: return lacks.isEmpty ? "asked for" : "asked for, though it \(lacks)"
        case .fallback: return lacks.isEmpty ? "FALLBACK_MODELS" : "FALLBACK_MODELS, though it \(lacks)"
        case .servesWorse: return "after the others, as it \(lacks)"
        case .router: return "chooses a model by itself, so it comes last"
        case .largestContext: return "the largest context, though too small by our estimate: it \(lacks)"
        case .fits:
            guard order == .reliability else { return "context of \(model.servedContextLength) tokens" }
            return performanceWords(of: model.id, performance, now: now)
        }
    }

    private static func performanceWords(of model: String, _ performance: PerformanceLedger, now: Moment) -> String {
        let seconds = performance.expectedSeconds(of: model, now: now)
        let rate = Int(performance.successRate(of: model, now: now) * 100 + 0.5)
        guard let record = performance.record(of: model) else {
            return "\(decimal(seconds)) s expected, never tried"
        }
        return
            "\(decimal(seconds)) s expected: \(rate) % succeed, first token after \(decimal(record.firstTokenSeconds)) s, "
            + "\(decimal(record.tokensPerSecond)) tokens per second"
    }

    private static func decimal(_ value: Double) -> String {
        let tenths = Int((min(max(0, value), 1e9) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func cooldown(of model: Model, _ ledgers: Ledgers, now: Moment) -> String? {
        if model.isFree, let record = ledgers.failures.accountCooldown(now: now) {
            return "the account is in cooldown until \(Timestamp.text(record.until)) (\(record.kind.rawValue))"
        }
        guard let record = ledgers.failures.cooldown(of: model.id, now: now) else { return nil }
        let reason = "\(record.kind.rawValue)\(record.consecutive > 1 ? ", \(record.consecutive) times in a row" : "")"
        return "in cooldown until \(Timestamp.text(record.until)) (\(reason))"
    }

    private static func budget(_ budget: BudgetLedger, now: Moment) -> String {
        let minute = budget.minuteLimit.map { "\($0) per minute" } ?? "no limit per minute"
        guard let limit = budget.dayLimit, let left = budget.remainingToday(now: now) else {
            return "\(budget.countToday(now: now)) free requests made today, no limit per day, \(minute)"
        }
        return
            "\(left) of \(limit) free requests left until \(Timestamp.text(budget.reset(now: now))), \(minute)"
    }

    /// Further remarks, for its end.
    package var notes: [String] = []

    package func text(colours: Bool) -> String {
        var lines = heading
        if let refusal { lines.append("refused: \(refusal)") }
        let width = (candidates + others).map(\.model.count).max() ?? 0
        let padded = { (model: String) in model + String(repeating: " ", count: width - model.count) }
        if !candidates.isEmpty { lines += ["", "candidates, in order:"] }
        for (index, row) in candidates.enumerated() {
            let number = index < 9 ? " \(index + 1)" : "\(index + 1)"
            lines.append("\(number). \(padded(row.model))  \(row.reason)" + (row.cooldown.map { "; \($0)" } ?? ""))
        }
        if !others.isEmpty { lines += ["", "not tried:"] }
        for row in others { lines.append("    \(padded(row.model))  \(row.reason)") }
        if !notes.isEmpty { lines += [""] + notes }
        return lines.joined(separator: "\n") + "\n"
    }

    package func write(to body: inout JSONWriter) {
        body.field("about", heading)
        if let refusal { body.field("refused", refusal) }
        for (name, rows) in [("candidates", candidates), ("not_tried", others)] {
            body.key(name)
            body.array { list in
                for row in rows {
                    list.object { entry in
                        entry.field("model", row.model)
                        entry.field("reason", row.reason)
                        if let cooldown = row.cooldown { entry.field("cooldown", cooldown) }
                    }
                }
            }
        }
        if !notes.isEmpty { body.field("notes", notes) }
    }
}

extension RequestNeeds {
    /// What the request asks for, for a sentence.
    package var words: String {
        var words: [String] = []
        if usesTools { words.append("tools") }
        if inputs != .text { words.append("\(inputs.subtracting(.text).words) input") }
        switch structuredOutput {
        case .none: break
        case .json: words.append("JSON output")
        case .schema: words.append("structured output")
        }
        if thinks { words.append("thinking") }
        words.append("a context of about \(contextTokens) tokens")
        if answerTokensAreFixed, let answerTokens { words.append("answers of \(answerTokens) tokens") }
        return words.joined(separator: ", ")
    }
}
