import OllamaProxy
import Testing

struct CatalogTests {
    private let models = [
        model("a/small:free", context: 8000),
        model("b/large:free", context: 1_000_000) { $0.abilities = [.tools] },
        model("openrouter/free", context: 200_000) { $0.abilities = [.toolChoice] },
        model("c/large:free", context: 1_000_000),
        model("c/paid", context: 2_000_000, price: "0.001"),
        model("d/song:free", context: 5000) { $0.outputModalities = [.text, .audio] },
        model("e/shown-as-free", context: 5000),
    ]

    @Test func holdsFreeChatModelsLargestContextFirst() {
        let catalog = Catalog(models, selection: .init())
        #expect(catalog.models.map(\.id) == ["b/large:free", "c/large:free", "openrouter/free", "a/small:free"])
        #expect(
            catalog.listedNames == ["b/large:free", "c/large:free", "openrouter/free:latest", "a/small:free"])
    }

    /// Found by fuzzing: the list is the upstream's, and nothing says that a name could tell its ids apart.
    @Test(arguments: [("c/d:free", "C/D:free"), ("c/d", "c/d:latest"), ("c/d:LATEST", "C/D")])
    func holdsOnceWhatNoNameTellsApart(first: String, second: String) {
        let catalog = Catalog([model(first, price: "1"), model(second, price: "2")], selection: .init(freeOnly: false))
        #expect(catalog.models.map(\.id) == [first])
        for name in [first, second] { #expect(catalog.entry(named: name)?.model.id == first) }
    }

    @Test(arguments: ["A/B:free", "a/b:free:latest"])
    func holdsTheFreeOneOfSuch(paid: String) {
        let twins = [model(paid, price: "1"), model("a/b:free")]
        for models in [twins, twins.reversed()] {
            let catalog = Catalog(models, selection: .init(freeOnly: false))
            #expect(catalog.models.map(\.id) == ["a/b:free"])
        }
    }

    @Test func holdsEverythingThatSpeaksWhenPaid() {
        let catalog = Catalog(models, selection: .init(freeOnly: false))
        #expect(catalog.models.count == 7)
        #expect(catalog.models[0].id == "c/paid")
        #expect(catalog.listedNames[0] == "c/paid:latest")
    }

    @Test func keepsOnlyModelsWithTools() {
        let catalog = Catalog(models, selection: .init(toolUseOnly: true))
        #expect(catalog.models.map(\.id) == ["b/large:free", "openrouter/free"])
    }

    @Test func listsBareNamesWhereTheyAreUnique() {
        let catalog = Catalog(models, selection: .init(names: .short))
        #expect(catalog.listedNames == ["b/large:free", "c/large:free", "openrouter/free:latest", "small:free"])
    }

    @Test(
        arguments: [
            ("a/small:free", "a/small:free"), ("A/SMALL:FREE", "a/small:free"), ("small:free", "a/small:free"),
            ("a/small", "a/small:free"), ("small", "a/small:free"), ("small:latest", "a/small:free"),
            ("a/small:free:latest", "a/small:free"), ("openrouter/free:latest", "openrouter/free"),
            ("openrouter/free", "openrouter/free"), ("large:free", nil), ("large", nil), ("b/large", "b/large:free"),
            ("unknown", nil), ("", nil),
        ])
    func findsModelsByAllTheirNames(name: String, id: String?) {
        #expect(Catalog(models, selection: .init()).entry(named: name)?.model.id == id)
    }

    @Test func neverTakesAShortNameForAnothersFullId() {
        let catalog = Catalog(
            [model("x/y:free"), model("y:free"), model("y/x:thinking", price: "1"), model("y/x", price: "1")],
            selection: .init(freeOnly: false))
        #expect(catalog.entry(named: "y:free")?.model.id == "y:free")
        #expect(catalog.entry(named: "y/x")?.model.id == "y/x")
        #expect(catalog.entry(named: "y/x:thinking")?.model.id == "y/x:thinking")
    }

    /// Found by fuzzing: what is listed with Ollama's tag may be some other model's name without its vendor.
    @Test(arguments: [Catalog.NameStyle.full, .short])
    func listsEachModelUnderANameThatMeansIt(style: Catalog.NameStyle) {
        let ids = ["v/w", "u/v/w:latest", ":latest", "v/:latest", "v/", "w:latest", "x\u{600}", "k\u{212A}/K"]
        let catalog = Catalog(ids.map { model($0, price: "1") }, selection: .init(freeOnly: false, names: style))
        for (model, name) in zip(catalog.models, catalog.listedNames) {
            #expect(catalog.entry(named: name)?.model.id == model.id, "\(name)")
        }
    }
}

struct ModelFilterTests {
    @Test(
        arguments: [
            ("", ["google/gemma:free": true]),
            ("gemma", ["google/Gemma:free": true, "nvidia/nemotron:free": false]),
            ("GEMMA\n# comment\n!:free # no free ones", ["google/gemma": true, "google/gemma:free": false]),
            ("!gemma", ["google/gemma": false, "x/y": true]),
            ("google/*:free", ["google/gemma:free": true, "google/gemma": false, "x/google/gemma:free": false]),
            ("*gem*3*", ["google/gemma-3n": true, "google/gemma-4": false]),
            ("a*a", ["a": false, "aa": true, "aba": true]),
            ("  spaced  \r\n\r\n", ["x/spaced": true, "x/other": false]),
            ("*", ["anything/at:all": true]),
        ] as [(String, [String: Bool])])
    func decides(text: String, expectations: [String: Bool]) {
        let filter = withBytes(text) { ModelFilter(text: $0) }
        for (id, isAllowed) in expectations { #expect(filter.allows(id) == isAllowed, "\(text) \(id)") }
    }
}

struct CatalogCacheTests {
    @Test func bringsBackWhatItWasGiven() {
        let full = model("v/n-70b:free", context: 131_072) {
            $0.displayName = "V: \"N\""
            $0.created = UnixTime(seconds: 1_780_000_000)
            $0.maxCompletionTokens = 4096
            $0.inputModalities = [.text, .image, .other]
            $0.knowsAbilities = true
            $0.abilities = [.tools, .reasoning]
            $0.reasoning = .init(isMandatory: true, supportedEfforts: ["low", "high"])
            $0.huggingFaceID = "V/N"
        }
        let models = [full, model("plain/one")]
        #expect(CatalogCache.text(of: models).withBytes { CatalogCache.models(in: $0) } == models)
    }

    @Test func readsTheOlderPlainFormatAndSkipsRubbish() {
        let text = "vendor/one:free\r\n\n{\"id\":\"v/two:free\"}\n{broken\n# a comment\nno good id\nvendor/three:free"
        let ids = withBytes(text) { CatalogCache.models(in: $0) }.map(\.id)
        #expect(ids == ["vendor/one:free", "v/two:free", "vendor/three:free"])
        let models = withBytes("vendor/one:free") { CatalogCache.models(in: $0) }
        #expect(Catalog(models, selection: .init()).models.count == 1)
    }
}

struct ModelDescriptionTests {
    @Test(
        arguments: [
            ("openai/gpt-oss-20b:free", "gpt", "20B", 20_000_000_000),
            ("liquid/lfm-2.5-2.6b:free", "lfm", "2.6B", 2_600_000_000),
            ("nvidia/nemotron-3-ultra-550b-a55b:free", "nemotron", "550B", 550_000_000_000),
            ("mistralai/mixtral-8x7b-instruct", "mixtral", "8x7B", 56_000_000_000),
            ("qwen/qwen3.8-27b", "qwen3", "27B", 27_000_000_000),
            ("z-ai/glm-5.2", "glm", "", 0), ("x/smol-350m", "smol", "350M", 350_000_000), ("x/~", "model", "", 0),
            ("x/y-99999999999999b", "y", "99999999999999B", 0),
        ])
    func readsFamilyAndSizeFromTheName(id: String, family: String, size: String, count: Int) {
        let description = ModelDescription(model(id))
        #expect(description.family == family)
        #expect(description.parameterSize == size)
        #expect(description.parameterCount == count)
    }

    @Test func namesOnlyCapabilitiesThatAreTrue() {
        #expect(ModelDescription(model("a/b")).capabilities == ["completion"])
        let able = model("a/b") {
            $0.abilities = [.tools, .reasoning]
            $0.inputModalities = [.text, .image]
        }
        #expect(ModelDescription(able).capabilities == ["completion", "tools", "vision", "thinking"])
        #expect(ModelDescription(able).families == ["b", "clip"])
    }

    @Test func digestsAreUniqueAndFollowTheEntry() {
        let first = ModelDescription(model("a/b"))
        let changed = ModelDescription(model("a/b", context: 2000))
        #expect(first.digest.count == 64)
        #expect(first.digest == ModelDescription(model("a/b")).digest)
        #expect(first.digest != changed.digest)
        #expect(first.digest != ModelDescription(model("a/c")).digest)
    }
}
