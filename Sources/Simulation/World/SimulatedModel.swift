import OllamaProxy

/// A model as the list shows it, and as it really is.
package struct SimulatedModel {
    package let model: Model
    /// On a good day.
    let firstWordSeconds: Double
    let tokensPerSecond: Double
    package var troubles: [Trouble] = []
    /// The hour of the day at which the list stops naming it.
    package var listedUntil = Double.infinity

    init(
        _ id: String, context: Int, firstWordSeconds: Double, tokensPerSecond: Double, tools: Bool = true,
        pictures: Bool = false
    ) {
        var model = Model(id: id)
        model.contextLength = context
        model.prices.prompt = "0"
        model.prices.completion = "0"
        model.knowsAbilities = true
        if tools { model.abilities = [.tools, .toolChoice] }
        if pictures { model.inputModalities = [.text, .image] }
        self.model = model
        self.firstWordSeconds = firstWordSeconds
        self.tokensPerSecond = tokensPerSecond
    }

    /// Models like those that could be had for nothing in 2026, in the list's order, the newest first.
    package static let standard = [
        SimulatedModel("aurora/next:free", context: 262_144, firstWordSeconds: 2.5, tokensPerSecond: 40),
        SimulatedModel("birch/coder:free", context: 256_000, firstWordSeconds: 1.5, tokensPerSecond: 70),
        SimulatedModel("cedar/ultra:free", context: 1_000_000, firstWordSeconds: 5, tokensPerSecond: 25),
        SimulatedModel(
            "delta/vision:free", context: 131_072, firstWordSeconds: 2, tokensPerSecond: 50, pictures: true),
        SimulatedModel("fjord/medium:free", context: 256_000, firstWordSeconds: 3, tokensPerSecond: 60),
        SimulatedModel("grove/nine:free", context: 128_000, firstWordSeconds: 1, tokensPerSecond: 90),
        SimulatedModel(
            "heron/eyes:free", context: 128_000, firstWordSeconds: 2, tokensPerSecond: 45, tools: false,
            pictures: true),
        SimulatedModel("iris/small:free", context: 32_768, firstWordSeconds: 0.8, tokensPerSecond: 110, tools: false),
        SimulatedModel("openrouter/free", context: 200_000, firstWordSeconds: 0, tokensPerSecond: 0, pictures: true),
    ]
}
