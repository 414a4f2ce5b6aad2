import OllamaProxy

/// Models, a catalog and a moment for targets that need some.
enum Examples {
    static let now = Moment(
        monotonic: Instant(nanoseconds: 1_000_000_000_000), wall: UnixTime(seconds: 1_790_000_000))
    /// What no reply and no error may hold.
    static let key = "sk-or-fuzz"

    static let plain = model("vendor/plain:free", context: 8000)
    static let thinking = model("vendor/thinking:free", context: 32_000) { model in
        model.abilities = [.tools, .reasoning, .structuredOutputs]
        model.knowsAbilities = true
        model.inputModalities = [.text, .image]
        model.maxCompletionTokens = 1000
        model.reasoning = Model.Reasoning(isMandatory: true, supportedEfforts: ["low", "high"])
    }
    static let paid = model("vendor/\"paid\"", context: 200_000, price: "0.000001")
    static let models = [plain, thinking, paid]

    static func catalog(freeOnly: Bool = true, maxPricePerMillion: Double? = nil) -> Catalog {
        var selection = Catalog.Selection(freeOnly: freeOnly, embeddingModel: "vendor/vectors:free")
        selection.maxPricePerMillion = maxPricePerMillion
        selection.fallbackModels = freeOnly ? [] : ["vendor/plain:free"]
        return Catalog(models, selection: selection)
    }

    private static func model(
        _ id: String, context: Int, price: String = "0", _ change: (inout Model) -> Void = { _ in }
    ) -> Model {
        var model = Model(id: id)
        model.contextLength = context
        model.prices.prompt = price
        model.prices.completion = price
        change(&model)
        return model
    }
}
