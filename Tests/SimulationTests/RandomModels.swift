import OllamaProxy
import Simulation

/// Lists and settings as a random generator comes up with them.
enum RandomModels {
    static func list(_ random: inout SplitMix64) -> [Model] {
        (0..<random.integer(1...8)).map { model(number: $0, &random) } + [model(number: 8, id: "v/m8:free", &random)]
    }

    private static func model(number: Int, id: String? = nil, _ random: inout SplitMix64) -> Model {
        let free = "v/m\(number):free"
        let ids = [
            free, free, free, "v/p\(number)", "v/p\(number)", "v/guard\(number):free", "openrouter/free",
            "openrouter/auto",
        ]
        var model = Model(id: id ?? random.element(of: ids))
        model.contextLength = random.element(of: [0, 100, 8000, 100_000])
        let isPaid = model.tag != "free" && model.id != "openrouter/free"
        // Now and then the list says what nobody expects: a price where none should be, and none where one should.
        let isOdd = random.chance(0.1) && id == nil
        let price = random.element(of: ["0.0000001", "0.000001", "0.00002"])
        model.prices.prompt = isPaid != isOdd ? price : "0"
        model.prices.completion = isPaid != isOdd ? price : "0"
        if model.id == "openrouter/auto" { (model.prices.prompt, model.prices.completion) = ("-1", "-1") }
        if random.chance(0.05), id == nil { model.prices.hasOthers = true }
        if random.chance(0.05), id == nil { model.prices.longPrompt = "0.00005" }
        if random.chance(0.05) { model.outputModalities = [.text, .audio] }
        model.knowsAbilities = random.chance(0.8)
        if random.chance(0.6) { model.abilities = [.tools, .toolChoice] }
        if random.chance(0.3) { model.inputModalities = [.text, .image] }
        return model
    }

    static func selection(of models: [Model], _ random: inout SplitMix64) -> Catalog.Selection {
        var selection = Catalog.Selection(freeOnly: random.chance(0.7))
        if !selection.freeOnly, random.chance(0.5) {
            selection.maxPricePerMillion = random.element(of: [0, 0.5, 5])
        }
        if !selection.freeOnly, random.chance(0.5) {
            selection.fallbackModels = (0..<random.integer(1...3)).map { _ in random.element(of: models).id }
        }
        selection.order = random.element(of: Catalog.ModelOrder.allCases)
        selection.isStrict = random.chance(0.1)
        if random.chance(0.4) {
            let targets = [random.element(of: models).id, random.element(of: models).id]
            selection.configuredAliases = (try? ConfiguredAliases(text: "mine=\(targets[0]),\(targets[1])")) ?? .init()
        }
        return selection
    }

    static func name(of models: [Model], _ random: inout SplitMix64) -> String {
        let id = random.element(of: models).id
        return random.element(of: [
            id, id, id + ":online", id + ":nitro", "auto", "free", "mine", "llama3.2:latest", "v/p0",
        ])
    }
}
