/// The models that may be used, in order of preference, and the names they go by. Never changed: a new list makes a
/// new catalog, which is swapped in whole.
package struct Catalog {
    /// Which of the upstream's models belong in, and how they are chosen from.
    package struct Selection: Equatable {
        package var freeOnly: Bool
        package var toolUseOnly: Bool
        package var filter: ModelFilter
        package var names: NameStyle
        /// Names given with `/api/copy`.
        package var aliases: Aliases
        /// Names given by the configuration, which come before all others.
        package var configuredAliases = ConfiguredAliases()
        /// The id of the model for embeddings, which no list of chat models holds; empty when none is set.
        package var embeddingModel: String
        /// The most that a million tokens may cost, in dollars; nil for any price.
        package var maxPricePerMillion: Double?
        /// Names of the models to fall back to where not only free ones are used.
        package var fallbackModels: [String] = []
        package var order = ModelOrder.context
        /// An unknown name is an error, and so is a model that cannot do what is asked of it.
        package var isStrict = false

        package init(
            freeOnly: Bool = true, toolUseOnly: Bool = false, filter: ModelFilter = ModelFilter(),
            names: NameStyle = .full, aliases: Aliases = Aliases(), embeddingModel: String = ""
        ) {
            self.aliases = aliases
            self.embeddingModel = embeddingModel
            self.freeOnly = freeOnly
            self.toolUseOnly = toolUseOnly
            self.filter = filter
            self.names = names
        }

        /// Whether a model of the list belongs in.
        func admits(_ model: Model) -> Bool {
            guard freeOnly ? model.isFreeChat : model.isChat, !toolUseOnly || model.usesTools, filter.allows(model.id)
            else { return false }
            guard !freeOnly, let most = maxPricePerMillion else { return true }
            return model.pricePerMillion.map { $0 <= most && (most > 0 || !model.chargesOtherwise) } ?? false
        }
    }

    /// What decides among the models that fit.
    package enum ModelOrder: String, CaseIterable {
        /// The largest context first.
        case context
        /// The shortest expected time to an answer first, by what was seen of each model.
        case reliability
    }

    /// How models are listed.
    package enum NameStyle: String, CaseIterable {
        /// `vendor/name:free`
        case full
        /// `name:free`, for those who had such names before
        case short
    }

    /// By context length, largest first; the upstream's own order, newest first, among equals.
    package let models: [Model]
    /// The name each model is listed under, in the order of `models`.
    package let listedNames: [String]
    /// Every name that is listed, with its model: the models' own, then the aliases, then the names for the best.
    package let listing: [(model: Model, name: String)]
    /// The model for embeddings, if one is set.
    package let embeddingModel: Model?
    private let indexByName: [String: Int]
    /// The models that a name from the configuration stands for, in order.
    private let configured: [String: [Int]]
    private let aliasNames: Set<String>
    package let selection: Selection
    package var freeOnly: Bool { selection.freeOnly }
    /// The free models that may stand in for another, by context. Guards answer with a verdict instead of an answer; a
    /// router hides which model answered, and comes last.
    let standIns: [Int]
    /// The models of `FALLBACK_MODELS` that there are, in order.
    let fallbacks: [Int]
    /// Models that the configuration names and the list does not hold, each with the setting.
    package let missingNames: [(setting: String, model: String)]

    package init(_ upstreamModels: [Model], selection: Selection) {
        self.selection = selection
        var seen = Set<String>()
        models = upstreamModels.filter { selection.admits($0) && seen.insert($0.id).inserted }
            .stablySorted { $0.servedContextLength > $1.servedContextLength }
        let chatting = models.indices.filter { [models] in models[$0].isFreeChat && !models[$0].isGuard }
        standIns =
            chatting.filter { [models] in !models[$0].isRouter } + chatting.filter { [models] in models[$0].isRouter }
        var (names, indexes) = Self.names(of: models, style: selection.names)
        let ownIndexes = indexes
        let find = { (name: String) in Self.index(named: name, in: ownIndexes) }
        fallbacks = selection.fallbackModels.compactMap(find).unique
        var missing = selection.fallbackModels.filter { find($0) == nil }.map { ("FALLBACK_MODELS", $0) }
        var aliases: [(name: String, index: Int)] = []
        var configured: [String: [Int]] = [:]
        for (name, targets) in selection.configuredAliases.models.sorted(by: { $0.key < $1.key }) {
            let found = targets.compactMap(find).unique
            missing += targets.filter { find($0) == nil }.map { ("MODEL_ALIASES", $0) }
            guard let first = found.first else { continue }
            aliases.append((name, first))
            for name in Self.spellings(of: name) { configured[name] = found }
        }
        self.configured = configured
        missingNames = missing.map { (setting: $0.0, model: $0.1) }
        // A list may hold two that differ in nothing but capitals; an alias means the first.
        let indexByID = Dictionary(models.enumerated().map { ($1.id.lowercased(), $0) }) { first, _ in first }
        for (name, id) in selection.aliases.models.sorted(by: { $0.key < $1.key }) where configured[name] == nil {
            // A model that has gone takes its aliases with it, until it comes back.
            guard let index = indexByID[id.lowercased()] else { continue }
            aliases.append((name, index))
            for name in Self.spellings(of: name) { indexes[name] = index }
        }
        listedNames = names
        indexByName = indexes
        aliasNames = Set(aliases.map(\.name))
        names += aliases.map(\.name)
        embeddingModel = selection.embeddingModel.isEmpty ? nil : .embedding(selection.embeddingModel)
        var listing = zip(models + aliases.map { [models] in models[$0.index] }, names).map { ($0, $1) }
        let best = (selection.freeOnly || fallbacks.isEmpty ? standIns : fallbacks).map { [models] in models[$0] }
        if !best.isEmpty { listing.append((.best(of: best, named: "auto"), "auto" + Self.latestTag)) }
        if !standIns.isEmpty {
            listing.append((.best(of: standIns.map { [models] in models[$0] }, named: "free"), "free" + Self.latestTag))
        }
        if let embeddingModel { listing.append((embeddingModel, Self.listedName(of: embeddingModel))) }
        self.listing = listing
    }

    // MARK: Names

    /// The names that mean the best candidate, whichever it is.
    package static func isBestName(_ name: String) -> Bool { bestNames.contains(name.lowercased()) }

    private static let bestNames: Set = ["auto", "auto:latest", "free", "free:latest"]

    /// What a client means by a name.
    enum Meaning {
        /// The best candidate; of the free ones only, where others are used as well.
        case best(freeOnly: Bool)
        /// These models, in this order.
        case models([Int])
        /// A model under one of the upstream's variants of its id, such as `:online`.
        case variant(Model)
        case unknown
    }

    func meaning(of name: String) -> Meaning {
        let name = name.lowercased()
        if Self.isBestName(name) { return .best(freeOnly: name.hasPrefix("free")) }
        if let found = configured[name] { return .models(found) }
        if let index = Self.index(named: name, in: indexByName) { return .models([index]) }
        // The variants choose other providers, or search the web for money. Where nothing, or only so much, may be
        // spent, they mean the model itself.
        guard let tag = Self.variants.first(where: { name.hasSuffix($0) }),
            case let base = String(name.dropLast(tag.count)),
            let index = configured[base]?.first ?? Self.index(named: base, in: indexByName)
        else { return .unknown }
        guard !freeOnly, selection.maxPricePerMillion == nil, !models[index].isFree else { return .models([index]) }
        var model = models[index]
        model.id += tag
        return .variant(model)
    }

    private static let variants = [":online", ":nitro", ":floor", ":exacto"]

    /// The model that goes by a name, the one for embeddings included, and the name it is listed under.
    package func entry(named name: String) -> (model: Model, name: String)? {
        if Self.isBestName(name) {
            return listing.first { $0.name == Aliases.normalized(name) && $0.model.isBest }
        }
        if let index = index(named: name) {
            let alias = Aliases.normalized(name)
            return (models[index], aliasNames.contains(alias) ? alias : listedNames[index])
        }
        guard let embeddingModel else { return nil }
        let isMeant = [embeddingModel.id, embeddingModel.id + Self.latestTag].contains {
            $0.lowercased() == name.lowercased()
        }
        return isMeant ? (embeddingModel, Self.listedName(of: embeddingModel)) : nil
    }

    /// A single model of a name of its own: full ids, names without their vendor when unique, either without its tag
    /// when unique, and names given by someone; in any case, with or without `:latest`, the tag Ollama's clients add.
    /// - Returns: the model's place in `models`; nil when none or more than one goes by the name.
    package func index(named name: String) -> Int? {
        guard !Self.isBestName(name) else { return nil }
        return configured[name.lowercased()]?.first ?? Self.index(named: name, in: indexByName)
    }

    private static func index(named name: String, in indexes: [String: Int]) -> Int? {
        let name = name.lowercased()
        if let index = indexes[name] { return index }
        guard name.hasSuffix(latestTag) else { return nil }
        return indexes[String(name.dropLast(latestTag.count))]
    }

    /// A name with `:latest`, and the same without.
    private static func spellings(of name: String) -> [String] {
        name.hasSuffix(latestTag) ? [name, String(name.dropLast(latestTag.count))] : [name]
    }

    package static let latestTag = ":latest"

    private static func listedName(of model: Model) -> String {
        model.tag == nil ? model.id + latestTag : model.id
    }

    private static func names(of models: [Model], style: NameStyle) -> (listed: [String], indexes: [String: Int]) {
        var indexes: [String: Int] = [:]
        // A name counts for the first kind that has it: a full id is never shadowed by some other model's short name.
        let kinds: [(Model) -> String] = [
            { $0.id }, { $0.bareName }, { withoutTag($0.id) }, { withoutTag($0.bareName) },
        ]
        // `openrouter/free` must not take the name that means the best.
        var isAmbiguous = bestNames
        for kind in kinds {
            var found: [String: Int] = [:]
            for (index, model) in models.enumerated() {
                let name = kind(model).lowercased()
                if let other = found[name], other != index { isAmbiguous.insert(name) }
                found[name] = index
            }
            for (name, index) in found where indexes[name] == nil && !isAmbiguous.contains(name) {
                indexes[name] = index
            }
        }
        let listed = models.enumerated().map { index, model in
            let isUnique = indexes[model.bareName.lowercased()] == index
            let name = style == .short && isUnique ? model.bareName : model.id
            return model.tag == nil ? name + latestTag : name
        }
        return (listed, indexes)
    }

    private static func withoutTag(_ name: String) -> String {
        guard let colon = name.lastIndex(of: ":") else { return name }
        return String(name[..<colon])
    }
}

extension [Int] {
    /// Without what was there before.
    fileprivate var unique: [Int] {
        var seen = Set<Int>()
        return filter { seen.insert($0).inserted }
    }
}

extension Array {
    /// Sorted, equal elements in the order they had.
    fileprivate func stablySorted(by precedes: (Element, Element) -> Bool) -> [Element] {
        enumerated().sorted { first, second in
            if precedes(first.element, second.element) { return true }
            if precedes(second.element, first.element) { return false }
            return first.offset < second.offset
        }.map(\.element)
    }
}
