/// What Ollama tells of a model, worked out from what the upstream's list tells.
package struct ModelDescription {
    package let model: Model

    package init(_ model: Model) {
        self.model = model
    }

    /// The architecture: the first word of the name. Ollama's clients build keys from it, so it holds no dots.
    package var family: String {
        // By this name clients know what not to offer for a chat.
        if isEmbedding { return "bert" }
        let word = model.bareName.lowercased().prefix { $0 != "-" && $0 != ":" && $0 != "." }
        let family = word.filter { ("a"..."z").contains($0) || ("0"..."9").contains($0) }
        return family.isEmpty ? "model" : String(family)
    }

    private var isEmbedding: Bool { model.outputModalities == .embeddings }

    /// Some clients offer pictures only where the families name the encoder that Ollama's own models use.
    package var families: [String] {
        model.inputModalities.contains(.image) ? [family, "clip"] : [family]
    }

    package var capabilities: [String] {
        if isEmbedding { return ["embedding"] }
        var capabilities = ["completion"]
        if model.usesTools { capabilities.append("tools") }
        if model.inputModalities.contains(.image) { capabilities.append("vision") }
        if model.abilities.contains(.reasoning) { capabilities.append("thinking") }
        return capabilities
    }

    /// "20B" or "8x7B", as far as the name says it; empty otherwise.
    package var parameterSize: String {
        sizeWord.map { $0.uppercased().replacingX } ?? ""
    }

    /// The number of parameters, as far as the name says it; 0 otherwise.
    package var parameterCount: Int {
        guard let sizeWord else { return 0 }
        let factors = sizeWord.dropLast().split(separator: "x").map { Double($0) ?? 0 }
        let unit: Double = sizeWord.hasSuffix("m") ? 1e6 : 1e9
        let count = factors.reduce(1, *) * unit
        return count < 1e15 ? Int(count) : 0
    }

    /// The first word of the name that is a size: "20b", "2.6b", "8x7b", "350m".
    private var sizeWord: String? {
        let words = model.bareName.lowercased().split { $0 == "-" || $0 == ":" || $0 == "_" }
        return words.lazy.map(String.init).first { word in
            guard word.hasSuffix("b") || word.hasSuffix("m") else { return false }
            let factors = word.dropLast().split(separator: "x", omittingEmptySubsequences: false)
            return factors.count <= 2
                && factors.allSatisfy { factor in
                    factor.first.map { ("0"..."9").contains($0) } == true && (Double(factor) ?? 0) > 0
                }
        }
    }

    /// 64 hexadecimal digits that change when the model's entry in the list does.
    package var digest: String {
        CatalogCache.text(of: [model]).withBytes { SHA256.hexDigest($0) }
    }

    package var modifiedAt: String { Timestamp.text(model.created) }
}

extension String {
    /// Sizes of experts are written with a small x: "8x7B".
    fileprivate var replacingX: String {
        split(separator: "X", omittingEmptySubsequences: false).joined(separator: "x")
    }
}
