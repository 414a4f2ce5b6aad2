/// Whether a model is to think before it answers, and how much.
package enum Think: Equatable {
    case on
    case off
    /// "low", "medium", "high" or "max".
    case level(String)
}

/// The fields of a translated request that depend on the model that is asked.
struct ModelFields {
    /// nil where the client does not say.
    var think: Think?
    /// How long the answer may be, in tokens. A model that never answers at such length rejects the request, while Ollama's
    /// option is only a bound.
    var maxTokens: Int?

    /// Appends them behind the fields that are the same for every model.
    /// - Parameter priceLimit: the most that a million tokens may cost, in dollars; nil for any price.
    func write(for model: Model, priceLimit: Double?, to output: ByteBuffer) {
        output.append(",\"model\":")
        JSONWriter.appendQuoted(model.id, to: output)
        if let maxTokens {
            output.append(",\"max_tokens\":")
            JSONWriter.appendDecimal(min(maxTokens, model.maxCompletionTokens ?? maxTokens), to: output)
        }
        if let think { Self.write(think, for: model, to: output) }
        if let priceLimit, !model.isFree {
            output.append(",\"provider\":{")
            PriceGuard.appendCap(priceLimit, to: output)
            output.append("}")
        }
    }

    private static func write(_ think: Think, for model: Model, to output: ByteBuffer) {
        output.append(",\"reasoning\":")
        var writer = JSONWriter(into: output)
        writer.object { reasoning in
            switch think {
            case .on: reasoning.field("enabled", true)
            case .off:
                // A model that always thinks rejects being told not to; it can be told to keep it to itself.
                if model.reasoning.isMandatory {
                    reasoning.field("exclude", true)
                } else {
                    reasoning.field("enabled", false)
                }
            case .level(let level): reasoning.field("effort", effort(level, of: model))
            }
        }
    }

    private static let efforts = ["minimal", "low", "medium", "high", "xhigh"]

    /// The effort nearest to the level that the model accepts: another one it may reject.
    private static func effort(_ level: String, of model: Model) -> String {
        let wanted = level == "max" ? "xhigh" : level
        let supported = efforts.indices.filter { model.reasoning.supportedEfforts.contains(efforts[$0]) }
        guard let rank = efforts.firstIndex(of: wanted), !supported.isEmpty else {
            return level == "max" ? "high" : level
        }
        let nearest = supported.min { abs($0 - rank) < abs($1 - rank) } ?? rank
        return efforts[nearest]
    }
}
