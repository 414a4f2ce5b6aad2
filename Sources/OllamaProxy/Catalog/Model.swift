/// What the models list says of one model, as far as it matters here.
package struct Model: Equatable {
    /// The full id, `vendor/name` or `vendor/name:tag`.
    package var id: String { didSet { readID() } }
    /// Whether requests count towards the account's free ones. Noted, as each request asks it of every candidate.
    package private(set) var isFree = false
    /// Whether the entry stands for a choice among models that the upstream makes itself. Noted likewise.
    package private(set) var isRouter = false
    /// The name for people, "Vendor: Name"; empty when unknown.
    package var displayName = ""
    /// In whole seconds; the epoch when unknown.
    package var created = UnixTime.epoch
    /// Tokens; 0 when unknown.
    package var contextLength = 0
    /// What the provider holds, which may be less, in tokens; nil when the list does not say.
    package var providerContextLength: Int?
    /// The longest answer in tokens; nil when the list does not say.
    package var maxCompletionTokens: Int?
    package var inputModalities: Modalities = .text
    package var outputModalities: Modalities = .text
    package var abilities: Abilities = []
    /// Whether the list tells of abilities at all, which those before 2025 do not.
    package var knowsAbilities = false
    package var reasoning = Reasoning()
    package var prices = Prices()
    /// `Vendor/Name` on Hugging Face; empty when there is none.
    package var huggingFaceID = ""

    package init(id: String) {
        self.id = id
        readID()
    }

    private mutating func readID() {
        isFree = OpenRouter.isFree(id: id)
        isRouter = OpenRouter.isRouter(vendor: vendor)
    }

    /// A model that turns texts into vectors, of which nothing but the id is known.
    static func embedding(_ id: String) -> Model {
        var model = Model(id: id)
        model.outputModalities = .embeddings
        return model
    }

    /// Whichever of these models is the best for a request: together they can do all that each of them can.
    static func best(of models: [Model], named name: String) -> Model {
        var best = Model(id: name)
        best.displayName = "The best model for the request"
        best.contextLength = models.map(\.servedContextLength).max() ?? 0
        best.maxCompletionTokens = models.compactMap(\.maxCompletionTokens).max()
        for model in models {
            best.created = max(best.created, model.created)
            best.inputModalities.formUnion(model.inputModalities)
            best.abilities.formUnion(model.abilities)
        }
        best.knowsAbilities = true
        return best
    }

    /// Whether the entry stands for the best of several.
    var isBest: Bool { id == "auto" || id == "free" }

    /// What goes into a model or comes out of it.
    package struct Modalities: OptionSet, Equatable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let text = Modalities(rawValue: 1)
        package static let image = Modalities(rawValue: 2)
        package static let audio = Modalities(rawValue: 4)
        package static let video = Modalities(rawValue: 8)
        package static let file = Modalities(rawValue: 16)
        package static let embeddings = Modalities(rawValue: 32)
        /// Something this proxy has no name for.
        package static let other = Modalities(rawValue: 128)

        static let names: [(name: StaticString, modality: Modalities)] = [
            ("text", .text), ("image", .image), ("audio", .audio), ("video", .video), ("file", .file),
            ("embeddings", .embeddings),
        ]
    }

    /// The supported parameters that decide which requests a model can serve.
    package struct Abilities: OptionSet, Equatable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let tools = Abilities(rawValue: 1)
        package static let toolChoice = Abilities(rawValue: 2)
        package static let reasoning = Abilities(rawValue: 4)
        package static let structuredOutputs = Abilities(rawValue: 8)
        package static let responseFormat = Abilities(rawValue: 16)

        static let names: [(name: StaticString, ability: Abilities)] = [
            ("tools", .tools), ("tool_choice", .toolChoice), ("reasoning", .reasoning),
            ("structured_outputs", .structuredOutputs), ("response_format", .responseFormat),
        ]
    }

    /// In dollars a token, as the list writes them; empty when unknown.
    package struct Prices: Equatable {
        package var prompt = ""
        package var completion = ""
        /// The highest that the list names for long prompts; empty when it names none.
        package var longPrompt = ""
        /// Whether something else has a price: a request, a picture, a search.
        package var hasOthers = false

        /// The dearer of them for a million tokens, in dollars; nil when it is unknown or varies.
        var perMillion: Double? {
            guard let prompt = Double(prompt), let completion = Double(completion), prompt >= 0, completion >= 0
            else { return nil }
            return max(prompt, completion, Double(longPrompt) ?? 0) * 1e6
        }

        /// Whether nothing has a price.
        var areZero: Bool {
            Double(prompt) == 0 && Double(completion) == 0 && (Double(longPrompt) ?? 0) == 0 && !hasOthers
        }
    }

    package struct Reasoning: Equatable {
        /// The model always thinks and rejects a request that says otherwise.
        package var isMandatory = false
        /// The efforts it accepts, such as "low"; empty when the list does not say.
        package var supportedEfforts: [String] = []

        package init(isMandatory: Bool = false, supportedEfforts: [String] = []) {
            self.isMandatory = isMandatory
            self.supportedEfforts = supportedEfforts
        }
    }

    /// The part of the id before the slash; empty when there is none.
    package var vendor: String {
        guard let slash = id.firstIndex(of: "/") else { return "" }
        return String(id[..<slash])
    }

    /// The part of the id after the slash, tag included.
    package var bareName: String {
        guard let slash = id.firstIndex(of: "/") else { return id }
        return String(id[id.index(after: slash)...])
    }

    /// What follows the colon; nil when the id has none.
    package var tag: String? {
        guard let colon = id.lastIndex(of: ":") else { return nil }
        return String(id[id.index(after: colon)...])
    }

    /// The context that can be relied on, in tokens; 0 when unknown. A free model has one provider, and what that one
    /// holds counts; of several, the upstream chooses one that holds the request.
    package var servedContextLength: Int {
        guard isFree, let provider = providerContextLength, provider > 0 else { return contextLength }
        return contextLength > 0 ? min(contextLength, provider) : provider
    }

    /// The dearer of the prices for a million tokens, in dollars; nil when it is unknown or varies.
    package var pricePerMillion: Double? { prices.perMillion }

    /// Whether the model calls functions.
    package var usesTools: Bool {
        !abilities.isDisjoint(with: [.tools, .toolChoice])
    }

    /// A classifier for unsafe content, which answers every prompt with a verdict. It may be asked for by name, and
    /// is never chosen for someone who asked for another model.
    package var isGuard: Bool {
        let name = id.lowercased()
        return ["content-safety", "guard", "safeguard", "moderation"].contains { name.includes($0) }
    }

    /// Whether it can be chatted with at no price at all. A price of zero does not say that alone: music models are
    /// listed at zero and charged for by the clip.
    package var isFreeChat: Bool {
        isFree && prices.areZero && outputModalities == .text
    }

    /// Whether answers are text, perhaps among other things.
    package var isChat: Bool {
        outputModalities.contains(.text)
    }
}
