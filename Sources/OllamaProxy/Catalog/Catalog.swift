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
            return model.pricePerMillion.map { $0 <= most && (most > 0 || !model.prices.hasOthers) } ?? false
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
    package var listedNames: [String] { names.listed }
    /// Every name that is listed, with its model: the models' own, then the aliases, then the names for the best.
    package let listing: [(model: Model, name: String)]
    /// The model for embeddings, if one is set.
    package let embeddingModel: Model?
    private let names: ModelNames
    /// The models that a name from the configuration stands for, in order, by the comparable name.
    private let configured: [String: [Int]]
    private let aliasNames: Set<String>
    package let selection: Selection
    package var freeOnly: Bool { selection.freeOnly }
    /// Whether nothing may be asked for that costs more than the models that are listed.
    package var guardsMoney: Bool { freeOnly || selection.maxPricePerMillion != nil }
    /// The free models that may stand in for another, by context. Guards answer with a verdict instead of an answer; a
    /// router hides which model answered, and comes last.
    let standIns: [Int]
    /// The models of `FALLBACK_MODELS` that there are, in order.
    let fallbacks: [Int]
    /// Models that the configuration names and the list does not hold, each with the setting.
    package let missingNames: [(setting: String, model: String)]

    package init(_ upstreamModels: [Model], selection: Selection) {
        self.selection = selection
        models = Self.distinct(upstreamModels.filter(selection.admits))
            .stablySorted { $0.servedContextLength > $1.servedContextLength }
        let chatting = models.indices.filter { [models] in models[$0].isFreeChat && !models[$0].isGuard }
        standIns =
            chatting.filter { [models] in !models[$0].isRouter } + chatting.filter { [models] in models[$0].isRouter }
        var names = ModelNames(of: models, style: selection.names)
        let find = { [names] (name: String) in names[name] }
        fallbacks = selection.fallbackModels.compactMap(find).unique
        var missing = selection.fallbackModels.filter { find($0) == nil }.map { ("FALLBACK_MODELS", $0) }
        var aliases: [(name: String, index: Int)] = []
        var configured: [String: [Int]] = [:]
        for (name, targets) in selection.configuredAliases.models.sorted(by: { $0.key < $1.key }) {
            let found = targets.compactMap(find).unique
            missing += targets.filter { find($0) == nil }.map { ("MODEL_ALIASES", $0) }
            guard let first = found.first else { continue }
            aliases.append((name, first))
            configured[ModelNames.comparable(name)] = found
        }
        self.configured = configured
        missingNames = missing.map { (setting: $0.0, model: $0.1) }
        let indexByID = Dictionary(
            uniqueKeysWithValues: models.enumerated().map { (ModelNames.comparable($1.id), $0) })
        for (name, id) in selection.aliases.models.sorted(by: { $0.key < $1.key })
        where configured[ModelNames.comparable(name)] == nil {
            // A model that has gone takes its aliases with it, until it comes back.
            guard let index = indexByID[ModelNames.comparable(id)] else { continue }
            aliases.append((name, index))
            names.add(name, for: index)
        }
        self.names = names
        aliasNames = Set(aliases.map(\.name))
        embeddingModel = selection.embeddingModel.isEmpty ? nil : .embedding(selection.embeddingModel)
        var listing = zip(models, names.listed).map { ($0, $1) }
        listing += aliases.map { [models] in (models[$0.index], $0.name) }
        let best = (selection.freeOnly || fallbacks.isEmpty ? standIns : fallbacks).map { [models] in models[$0] }
        if !best.isEmpty { listing.append((.best(of: best, named: "auto"), ModelNames.completed("auto"))) }
        if !standIns.isEmpty {
            let free = standIns.map { [models] in models[$0] }
            listing.append((.best(of: free, named: "free"), ModelNames.completed("free")))
        }
        if let embeddingModel { listing.append((embeddingModel, ModelNames.completed(embeddingModel.id))) }
        self.listing = listing
    }

    /// One of each that no name could tell apart, which the list may hold, for all that it promises. What costs money takes
    /// nobody's place.
    private static func distinct(_ models: [Model]) -> [Model] {
        var places: [String: Int] = [:]
        var distinct: [Model] = []
        for model in models {
            let name = ModelNames.comparable(model.id)
            if let place = places[name] {
                if model.isFreeChat, !distinct[place].isFreeChat { distinct[place] = model }
            } else {
                places[name] = distinct.count
                distinct.append(model)
            }
        }
        return distinct
    }

    // MARK: Names

    /// Whether a name is a model's own: its id, or what it is listed under.
    package func isListedName(_ name: String) -> Bool {
        let name = ModelNames.comparable(name)
        return (models.map(\.id) + listedNames).contains { ModelNames.comparable($0) == name }
    }

    /// Whether a name means the best candidate, whichever it is.
    package static func isBestName(_ name: String) -> Bool { ModelNames.meansTheBest(name) }

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
        let name = ModelNames.comparable(name)
        if ModelNames.comparableMeansTheBest(name) { return .best(freeOnly: name.hasPrefix("free")) }
        if let found = configured[name] { return .models(found) }
        if let index = names.index(ofComparable: name) { return .models([index]) }
        // The variants choose other providers, or search the web for money. Where nothing, or only so much, may be
        // spent, they mean the model itself.
        guard let tag = Self.variants.first(where: { name.hasSuffix($0) }),
            case let base = String(name.dropLast(tag.count)),
            let index = index(named: base)
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
        let isMeant = ModelNames.comparable(embeddingModel.id) == ModelNames.comparable(name)
        return isMeant ? (embeddingModel, ModelNames.completed(embeddingModel.id)) : nil
    }

    /// A single model by a name, given as an alias or derived from its id.
    /// - Returns: the model's place in `models`; nil when none or more than one goes by the name.
    package func index(named name: String) -> Int? {
        let name = ModelNames.comparable(name)
        guard !ModelNames.comparableMeansTheBest(name) else { return nil }
        return configured[name]?.first ?? names.index(ofComparable: name)
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
