/// The names that models go by, and which of them each is listed under.
///
/// Full ids, names without their vendor when unique, and either without its tag when unique. Names that Ollama takes for
/// the same are the same here: in any case, with or without `:latest`, the tag that its clients add.
struct ModelNames {
    /// The name each model is listed under, in the order they were given in.
    let listed: [String]
    private var indexes: [String: Int]

    /// - Parameter models: of which no two have the same `comparable` id.
    init(of models: [Model], style: Catalog.NameStyle) {
        // A name counts for the first kind that has it: a full id is never shadowed by some other model's short name.
        let kinds: [(Model) -> String] = [
            { $0.id }, { $0.bareName }, { Self.withoutTag($0.id) }, { Self.withoutTag($0.bareName) },
        ]
        // `openrouter/free` must not take the name that means the best.
        var isAmbiguous = Self.ofTheBest
        var indexes: [String: Int] = [:]
        for kind in kinds {
            var found: [String: Int] = [:]
            for (index, model) in models.enumerated() {
                let name = Self.comparable(kind(model))
                if let other = found[name], other != index { isAmbiguous.insert(name) }
                found[name] = index
            }
            for (name, index) in found where indexes[name] == nil && !isAmbiguous.contains(name) {
                indexes[name] = index
            }
        }
        listed = models.enumerated().map { index, model in
            let isUnique = indexes[Self.comparable(model.bareName)] == index
            return Self.completed(style == .short && isUnique ? model.bareName : model.id)
        }
        self.indexes = indexes
    }

    /// Lets a name mean a model, whatever it meant before.
    mutating func add(_ name: String, for index: Int) { indexes[Self.comparable(name)] = index }

    /// - Returns: the model's place; nil when none or more than one goes by the name.
    subscript(name: String) -> Int? { index(ofComparable: Self.comparable(name)) }

    /// The same for a name in its comparable form, which a request's name is brought to once.
    func index(ofComparable name: String) -> Int? { indexes[name] }

    /// Whether a name means the best candidate, whichever it is.
    static func meansTheBest(_ name: String) -> Bool { comparableMeansTheBest(comparable(name)) }

    /// The same for a name in its comparable form.
    static func comparableMeansTheBest(_ name: String) -> Bool { ofTheBest.contains(name) }

    private static let ofTheBest: Set = ["auto", "free"]

    /// A name in the one form that all names share that Ollama takes for the same.
    static func comparable(_ name: String) -> String {
        // Most are in lower case, and every request has one.
        let isLower = name.utf8.allSatisfy { $0 < 0x80 && !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        var name = isLower ? name : name.lowercased()
        // By its bytes: a character of an id may join the colon that follows it to a character of its own. Looked for from the
        // end and cut once: a name may consist of nothing else.
        return name.withUTF8 { bytes in
            var end = bytes.count
            while end >= latestTag.utf8.count,
                bytes.part(0..<end).suffix(latestTag.utf8.count).elementsEqual(latestTag.utf8)
            {
                end -= latestTag.utf8.count
            }
            return end == bytes.count ? nil : bytes.part(0..<end).text
        } ?? name
    }

    /// A name with a tag, as Ollama lists all of them.
    static func completed(_ name: String) -> String {
        name.utf8.contains(UInt8(ascii: ":")) ? name : name + latestTag
    }

    private static let latestTag = ":latest"

    private static func withoutTag(_ name: String) -> String {
        guard let colon = name.lastIndex(of: ":") else { return name }
        return String(name[..<colon])
    }
}
