/// What a request asks of the model that is to serve it.
package struct RequestNeeds: Equatable {
    package var usesTools = false
    /// What the prompt consists of.
    package var inputs: Model.Modalities = .text
    package var structuredOutput = StructuredOutput.none
    /// Several answers at once are asked for.
    package var hasSeveralAnswers = false
    /// The client asks to see the model think.
    package var thinks = false
    /// Bytes of text in the prompt, and how many of them are not ASCII.
    package var textBytes = 0
    package var wideBytes = 0
    /// Pictures, sounds and other things that are not text.
    package var attachments = 0
    /// The longest answer that the client asks for, in tokens; nil when it does not say.
    package var answerTokens: Int?
    /// Whether a model that cannot answer at such length rejects the request, as nothing cuts the number for it.
    package var answerTokensAreFixed = false
    /// The length of the prompt as an upstream counted it; nil before one has.
    package var countedTokens: Int?

    package enum StructuredOutput: Int, Equatable, Comparable {
        case none, json, schema

        package static func < (one: StructuredOutput, other: StructuredOutput) -> Bool { one.rawValue < other.rawValue }
    }

    package init() {}

    /// What an answer needs if the request sets no limit to its length.
    private static let answerReserve = 500
    /// What a picture or a second of sound comes to, very roughly.
    private static let tokensPerAttachment = 800

    /// Whether so short an answer is asked for that it may well consist of nothing.
    var mayBeAnsweredByNothing: Bool { answerTokens.map { $0 <= 16 } ?? false }

    /// The length of the prompt in tokens, estimated. Of English text and code a token holds about four bytes, of
    /// other scripts about three.
    package var promptTokens: Int {
        countedTokens ?? ((textBytes - wideBytes) / 4 + wideBytes / 3 + attachments * Self.tokensPerAttachment)
    }

    /// What the context has to hold, in tokens.
    package var contextTokens: Int {
        promptTokens + (answerTokensAreFixed ? answerTokens ?? Self.answerReserve : Self.answerReserve)
    }

    /// Of a text that is longer than all of them together only samples are looked at: it is an estimate either way.
    private static let samples = 16
    private static let sampleBytes = 16 << 10

    package mutating func addText(_ text: Bytes) {
        textBytes += text.count
        wideBytes += Self.estimate(in: text) { WordScan.wideByteCount(in: $0) }
    }

    /// How often something occurs in a text.
    private static func estimate(in text: Bytes, _ count: (Bytes) -> Int) -> Int {
        guard text.count > samples * sampleBytes else { return count(text) }
        var found = 0
        for sample in 0..<samples {
            let start = (text.count - sampleBytes) / (samples - 1) * sample
            found += count(text.part(start..<start + sampleBytes))
        }
        return Int(Double(found) * Double(text.count) / Double(samples * sampleBytes))
    }

    /// Text as written in a JSON string. A character that is written as an escape is one character all the same.
    package mutating func addText(_ text: JSONText) {
        addText(text.escaped)
        guard text.hasEscapes else { return }
        let count =
            text.escapedCharacters >= 0
            ? Int(text.escapedCharacters) : Self.estimate(in: text.escaped, Self.escapedCharacters)
        textBytes -= 3 * count
        wideBytes += 3 * count
    }

    private static func escapedCharacters(in bytes: Bytes) -> Int {
        var (index, count) = (0, 0)
        while index + 1 < bytes.count {
            guard bytes[index] == UInt8(ascii: "\\") else {
                index += 1
                continue
            }
            if bytes[index + 1] == UInt8(ascii: "u") { count += 1 }
            index += 2
        }
        return count
    }

    /// Takes in what another part of the same request asks for.
    mutating func add(_ other: RequestNeeds) {
        usesTools = usesTools || other.usesTools
        inputs.formUnion(other.inputs)
        textBytes += other.textBytes
        wideBytes += other.wideBytes
        attachments += other.attachments
    }

    /// Takes in what another reading of the same request has found.
    package mutating func merge(_ other: RequestNeeds) {
        usesTools = usesTools || other.usesTools
        inputs.formUnion(other.inputs)
        structuredOutput = max(structuredOutput, other.structuredOutput)
        thinks = thinks || other.thinks
        if other.textBytes > textBytes { (textBytes, wideBytes) = (other.textBytes, other.wideBytes) }
        attachments = max(attachments, other.attachments)
        if other.answerTokensAreFixed { (answerTokens, answerTokensAreFixed) = (other.answerTokens, true) }
        answerTokens = answerTokens ?? other.answerTokens
    }
}

/// What a model lacks for a request.
package enum Shortcoming: Equatable {
    case tools
    case input(Model.Modalities)
    /// By our estimate.
    case context(tokens: Int, holds: Int)
    case structuredOutput
    case reasoning
    case answerLength(tokens: Int, most: Int)

    /// How much it matters.
    package enum Weight: Int, Comparable {
        /// The request can be served, if not quite as wished.
        case worseAnswer
        /// It cannot be served, if the estimate is right.
        case probablyFatal
        /// It cannot be served.
        case fatal

        package static func < (one: Weight, other: Weight) -> Bool { one.rawValue < other.rawValue }
    }

    package var weight: Weight {
        switch self {
        case .tools, .input: .fatal
        case .context: .probablyFatal
        case .structuredOutput, .reasoning, .answerLength: .worseAnswer
        }
    }

    /// What follows the model's name in a sentence.
    package var text: String {
        switch self {
        case .tools: "does not support tools"
        case .input(let modalities): "does not support \(modalities.words) input"
        case .context(let tokens, let holds): "has a context of \(holds) tokens, and the request needs about \(tokens)"
        case .structuredOutput: "does not support structured output"
        case .reasoning: "does not support thinking"
        case .answerLength(let tokens, let most): "answers with at most \(most) tokens, and \(tokens) are requested"
        }
    }
}

extension Model.Modalities {
    /// The names of what is in it, for a sentence.
    var words: String {
        let names = Self.names.filter { contains($0.modality) }.map { $0.name.description }
        return (contains(.other) ? names + ["other"] : names).joined(separator: " and ")
    }
}

extension Model {
    /// What this model lacks for a request. Of a model whose abilities the list does not tell, the best is assumed,
    /// but not that it takes more than text: of that the list always tells.
    package func shortcomings(for needs: RequestNeeds) -> [Shortcoming] {
        var found: [Shortcoming] = []
        if needs.usesTools, knowsAbilities, !usesTools { found.append(.tools) }
        let missing = needs.inputs.subtracting(inputModalities)
        if !missing.isEmpty { found.append(.input(missing)) }
        if servedContextLength > 0, needs.contextTokens > servedContextLength {
            found.append(.context(tokens: needs.contextTokens, holds: servedContextLength))
        }
        if needs.structuredOutput != .none, knowsAbilities,
            abilities.isDisjoint(with: [.structuredOutputs, .responseFormat])
        {
            found.append(.structuredOutput)
        }
        if needs.thinks, knowsAbilities, !abilities.contains(.reasoning) { found.append(.reasoning) }
        if needs.answerTokensAreFixed, let asked = needs.answerTokens, let most = maxCompletionTokens, asked > most {
            found.append(.answerLength(tokens: asked, most: most))
        }
        return found
    }
}
