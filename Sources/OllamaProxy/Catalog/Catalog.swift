/// The models that may be used, in order of preference, and the names they go by. Never changed: a new list makes a
/// new catalog, which is swapped in whole.
package struct Catalog {
    /// Which of the upstream's models belong in.
    package struct Selection: Equatable {
        package var freeOnly: Bool
        package var toolUseOnly: Bool
        package var filter: ModelFilter
        package var names: NameStyle

        package init(
            freeOnly: Bool = true, toolUseOnly: Bool = false, filter: ModelFilter = ModelFilter(),
            names: NameStyle = .full
        ) {
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
    private let indexByName: [String: Int]
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
        (listedNames, indexByName) = Self.names(of: models, style: selection.names)
    }

    /// The model that a client means, and nil when no model or more than one goes by the name.
    ///
    /// Accepted are the full id, the name without its vendor when unique, either without its tag when unique, all in
    /// any case and with or without `:latest`, the tag Ollama's clients add by themselves.
    package func model(named name: String) -> Model? {
        index(named: name).map { models[$0] }
    }

    package func index(named name: String) -> Int? {
        let name = name.lowercased()
        if let index = indexByName[name] { return index }
        guard name.hasSuffix(Self.latestTag) else { return nil }
        return indexByName[String(name.dropLast(Self.latestTag.count))]
    }

    package static let latestTag = ":latest"

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
