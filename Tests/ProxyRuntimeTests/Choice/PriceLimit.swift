import TestSupport
import Testing

/// `MAX_PRICE_PER_MILLION` keeps dearer models out where paid ones may be used.
@Suite(.timeLimit(.minutes(10)))
struct PriceLimit {
    /// Half a dollar a million tokens.
    private static let cheap = ListedModel(id: "oak/cheap", context: 100_000, price: "0.0000005")
    /// Ten dollars.
    private static let dear = ListedModel(id: "oak/dear", context: 900_000, price: "0.00001")
    /// The price of a router depends on what it chooses.
    private static let varying = ListedModel(id: "openrouter/auto", context: 900_000, price: "-1")

    private func stage(_ price: String, _ settings: [String: String] = [:]) throws -> Stage {
        let stage = try Stage(
            models: [.first, Self.cheap, Self.dear, Self.varying],
            settings: ["FREE_MODE": "false", "MAX_PRICE_PER_MILLION": price].merging(settings) { $1 })
        try stage.scriptAll(Answer.words(["fine"]))
        return stage
    }

    @Test func dearerModelsAreNeitherListedNorAsked() throws {
        let stage = try stage("1")
        #expect(Set(try stage.listedNames()) == ["birch/alpha-70b:free", "oak/cheap:latest"])
        for name in ["oak/dear", "dear", "oak/dear:online", "openrouter/auto"] {
            #expect(try stage.chat(name).status == 404, "\(name)")
            #expect(try stage.openAIChat(name).status == 404, "\(name)")
        }
        #expect(try stage.upstream.chatRequests().isEmpty)
        #expect(try stage.chat("oak/cheap").answeredBy == "oak/cheap")
    }

    @Test(arguments: [("", 4), ("100", 3), ("10", 3), ("0.5", 2), ("0.49", 1), ("0", 1)])
    func theLimitIsIncluded(price: String, count: Int) throws {
        #expect(try stage(price).proxy.health().models == count)
    }

    /// Variants search the web for money, or choose dearer providers.
    @Test(arguments: ["oak/cheap:online", "oak/cheap:nitro"])
    func aVariantIsTheModelItself(name: String) throws {
        let stage = try stage("1")
        #expect(try stage.chat(name).status == 200)
        #expect(try stage.onlyRequest().model == "oak/cheap")
    }

    @Test func aDearFallbackIsNone() throws {
        let stage = try stage("1", ["FALLBACK_MODELS": "oak/dear"])
        try stage.scriptAll(Answer.failure("503"))
        #expect(try stage.chat("oak/cheap").status == 502)
        #expect(try stage.modelsAsked() == ["oak/cheap"])
    }

    /// OpenRouter would take any model of that list for the one that was asked for.
    @Test func aBodyCannotNameADearerModel() throws {
        let stage = try stage("1")
        let response = try stage.openAIChat("oak/cheap", ["models": ["oak/dear"], "route": "fallback"])
        #expect([200, 400].contains(response.status))
        for request in try stage.upstream.chatRequests() { #expect(!request.body.contains("oak/dear")) }
    }

    @Test(arguments: ["-1", "cheap", "inf"])
    func aPriceMustBeOne(value: String) throws {
        let proxy = try ProxyProcess(
            upstream: nil, settings: ["MAX_PRICE_PER_MILLION": value], waitsUntilListening: false)
        #expect(proxy.waitForExit(timeout: 20) == .exited(2))
        #expect(proxy.process.errors.lines.contains { $0.contains("MAX_PRICE_PER_MILLION") })
    }
}
