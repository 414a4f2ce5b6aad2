/// The models that may be used, in order of preference, and the names they go by. Never changed: a new list makes a
/// new catalog, which is swapped in whole.
package struct Catalog {
    /// Which of the upstream's models belong in.
    package struct Selection: Equatable {
        package var freeOnly: Bool
        package var toolUseOnly: Bool
        package var filter: ModelFilter
        package var names: NameStyle
        package var aliases: Aliases
        /// The id of the model for embeddings, which no list of chat models holds; empty when none is set.
        package var embeddingModel: String

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
    /// Every name that is listed, with its model: the models' own, then the aliases.
    package let listing: [(model: Model, name: String)]
    /// The model for embeddings, if one is set.
    package let embeddingModel: Model?
    private let indexByName: [String: Int]
    private let aliasNames: Set<String>
    package let freeOnly: Bool
    /// The models that may stand in for another, best first. Guards answer with a verdict instead of an answer; a router
    /// hides which model answered, and comes last.
    let standIns: [Int]

    package init(_ upstreamModels: [Model], selection: Selection) {
        freeOnly = selection.freeOnly
        var seen = Set<String>()
        models = upstreamModels.filter { model in
            (selection.freeOnly ? model.isFreeChat : model.isChat)
                && (!selection.toolUseOnly || model.usesTools)
                && selection.filter.allows(model.id)
                && seen.insert(model.id).inserted
        }.stablySorted { $0.contextLength > $1.contextLength }
        let chatting = models.indices.filter { [models] in !models[$0].isGuard }
        standIns =
            chatting.filter { [models] in !models[$0].isRouter } + chatting.filter { [models] in models[$0].isRouter }
        var (names, indexes) = Self.names(of: models, style: selection.names)
        var aliases: [(name: String, index: Int)] = []
        let indexByID = Dictionary(uniqueKeysWithValues: models.enumerated().map { ($1.id.lowercased(), $0) })
        for (name, id) in selection.aliases.models.sorted(by: { $0.key < $1.key }) {
            // A model that has gone takes its aliases with it, until it comes back.
            guard let index = indexByID[id.lowercased()] else { continue }
            aliases.append((name, index))
            indexes[name] = index
            if name.hasSuffix(Self.latestTag) { indexes[String(name.dropLast(Self.latestTag.count))] = index }
        }
        listedNames = names
        indexByName = indexes
        aliasNames = Set(aliases.map(\.name))
        names += aliases.map(\.name)
        embeddingModel = selection.embeddingModel.isEmpty ? nil : .embedding(selection.embeddingModel)
        var listing = zip(models + aliases.map { [models] in models[$0.index] }, names).map { ($0, $1) }
        if let embeddingModel { listing.append((embeddingModel, Self.listedName(of: embeddingModel))) }
        self.listing = listing
    }

    /// The model that a client means, and nil when no model or more than one goes by the name.
    ///
    /// Accepted are the full id, the name without its vendor when unique, either without its tag when unique, all in
    /// any case and with or without `:latest`, the tag Ollama's clients add by themselves.
    /// A single model, chosen elsewhere.
    init(only model: Model) {
        models = [model]
        listedNames = [model.id]
        listing = [(model, model.id)]
        aliasNames = []
        indexByName = [:]
        freeOnly = false
        embeddingModel = nil
        standIns = []
    }

    /// The model that goes by a name, the one for embeddings included, and the name it is listed under.
    package func entry(named name: String) -> (model: Model, name: String)? {
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

    /// - Returns: the model's place in `models`.
    package func index(named name: String) -> Int? {
        let name = name.lowercased()
        if let index = indexByName[name] { return index }
        guard name.hasSuffix(Self.latestTag) else { return nil }
        return indexByName[String(name.dropLast(Self.latestTag.count))]
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
        var isAmbiguous = Set<String>()
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
