import OllamaProxy
import Testing

/// Which models can serve which request, and in which order they are tried.
struct FitTests {
    private static func able(
        _ id: String, context: Int = 10_000, price: String = "0", _ abilities: Model.Abilities = [],
        inputs: Model.Modalities = .text
    ) -> Model {
        model(id, context: context, price: price) {
            $0.abilities = abilities
            $0.knowsAbilities = true
            $0.inputModalities = inputs
        }
    }

    private static let models = [
        able("v/plain:free", context: 50_000),
        able("v/tools:free", context: 40_000, [.tools]),
        able("v/eyes:free", context: 30_000, [.tools, .reasoning], inputs: [.text, .image]),
        able("v/json:free", context: 20_000, [.structuredOutputs]),
        able("openrouter/free", context: 60_000, [.tools, .reasoning, .structuredOutputs], inputs: [.text, .image]),
        able("v/guard:free", context: 90_000, [.tools]),
    ]

    private func candidates(
        _ name: String = "whatever", models: [Model] = models, ledger: PerformanceLedger = PerformanceLedger(),
        freeOnly: Bool = true, selection: Catalog.Selection = .init(),
        _ change: (inout RequestNeeds) -> Void = { _ in }
    ) throws(RequestError) -> CandidateSequence {
        var needs = RequestNeeds()
        change(&needs)
        var chosen = selection
        chosen.freeOnly = freeOnly
        return try CandidateSequence(
            for: name, needs: needs, in: Catalog(models, selection: chosen), performance: ledger, now: .at(0))
    }

    private func ids(_ sequence: CandidateSequence) -> [String] {
        sequence.entries.map { sequence.models[$0.index].id }
    }

    @Test func onlyThoseThatCanServeTheRequestAreTried() throws {
        #expect(ids(try candidates { $0.usesTools = true }) == ["v/tools:free", "v/eyes:free", "openrouter/free"])
        #expect(ids(try candidates { $0.inputs = [.text, .image] }) == ["v/eyes:free", "openrouter/free"])
        #expect(
            ids(try candidates { $0.textBytes = 45_000 * 4 }) == ["v/plain:free", "openrouter/free"])
    }

    @Test func whatOnlyMakesTheAnswerWorseComesBehindWhatFits() throws {
        #expect(
            ids(try candidates { $0.thinks = true }) == [
                "v/eyes:free", "v/plain:free", "v/tools:free", "v/json:free", "openrouter/free",
            ])
        let schema = try candidates { $0.structuredOutput = .schema }
        #expect(
            ids(schema) == ["v/json:free", "v/plain:free", "v/tools:free", "v/eyes:free", "openrouter/free"])
        #expect(schema.entries.map(\.reason) == [.fits, .servesWorse, .servesWorse, .servesWorse, .router])
    }

    @Test func theModelAskedForComesFirstIfItCan() throws {
        let fits = try candidates("json")
        #expect(ids(fits).first == "v/json:free")
        #expect(fits.substitution == nil)
        let blind = try candidates("json") { $0.inputs = [.text, .image] }
        #expect(ids(blind) == ["v/eyes:free", "openrouter/free"])
        #expect(blind.substitution == "v/json:free does not support image input")
    }

    @Test func strictModeRefusesInstead() throws {
        #expect(throws: RequestError.badRequest("\"json\" does not support tools")) {
            try candidates("json", selection: .with { $0.isStrict = true }) { $0.usesTools = true }
        }
        #expect(throws: RequestError.badRequest("\"plain\" does not support image input")) {
            try candidates("plain", selection: .with { $0.isStrict = true }) { $0.inputs = [.text, .image] }
        }
        #expect(throws: RequestError.badRequest("\"plain\" does not support thinking")) {
            try candidates("plain", selection: .with { $0.isStrict = true }) { $0.thinks = true }
        }
        #expect(throws: RequestError.modelNotFound("llama3.2")) {
            try candidates("llama3.2", selection: .with { $0.isStrict = true })
        }
        for name in ["auto", "free", "FREE:latest"] {
            #expect(try !candidates(name, selection: .with { $0.isStrict = true }).entries.isEmpty)
        }
    }

    @Test func whatNobodyCanIsRefusedWithTheReason() {
        #expect(
            throws: RequestError.badRequest(
                "\"plain\" does not support audio input, nor does any other model that could replace it")
        ) {
            try candidates("plain") { $0.inputs = [.text, .audio] }
        }
    }

    @Test func anEstimateIsNoKnowledge() throws {
        let sequence = try candidates("json") { $0.textBytes = 1_000_000 }
        #expect(sequence.entries.map(\.reason) == [.largestContext])
        #expect(ids(sequence) == ["openrouter/free"])
    }

    @Test func ofAModelWhoseAbilitiesAreNotToldTheBestIsAssumed() throws {
        let sequence = try candidates("old", models: [model("v/old:free")]) {
            $0.usesTools = true
            $0.thinks = true
            $0.structuredOutput = .json
        }
        #expect(ids(sequence) == ["v/old:free"])
        #expect(throws: RequestError.self) {
            try candidates("old", models: [model("v/old:free")]) { $0.inputs = [.text, .file] }
        }
    }

    @Test func reliabilityOrdersByWhatWasSeenAndRoutersStayLast() throws {
        let ledger = PerformanceLedger()
        for _ in 0..<5 {
            ledger.recordSuccess(
                of: "v/json:free", firstToken: .milliseconds(100), answer: .seconds(1), tokens: 100, now: .at(0))
            ledger.recordSuccess(
                of: "openrouter/free", firstToken: .milliseconds(1), answer: .milliseconds(1), tokens: 1000, now: .at(0)
            )
            ledger.recordFailure(of: "v/plain:free", now: .at(0))
        }
        let sequence = try candidates(ledger: ledger, selection: .with { $0.order = .reliability })
        #expect(
            ids(sequence) == ["v/json:free", "v/tools:free", "v/eyes:free", "v/plain:free", "openrouter/free"])
    }

    @Test func aFreeModelIsJudgedByItsProvidersContext() throws {
        let half = model("v/half:free", context: 100_000) { $0.providerContextLength = 1000 }
        let sequence = try candidates(models: [half, Self.models[0]]) { $0.textBytes = 8000 }
        #expect(ids(sequence) == ["v/plain:free"])
    }

    @Test func aPromptThatWasTooLongSkipsWhatIsNotLarger() throws {
        var sequence = try candidates("tools")
        let ledger = FailureLedger()
        let first = sequence.next(ledger: ledger, now: .at(0))
        sequence.recordTooLong(for: try #require(first), tokens: 45_000)
        let rest = (0..<3).map { _ in sequence.next(ledger: ledger, now: .at(0))?.id }
        #expect(rest == ["v/plain:free", "openrouter/free", nil])
    }

    /// The first is given before the others are looked at; nobody may notice.
    @Test(arguments: [nil, "v/plain:free", "v/json:free", "v/tools:free"])
    func oneAfterAnotherTheyComeInTheirOrder(skipped: String?) throws {
        let ledger = FailureLedger()
        if let skipped { ledger.record(FailureRules.silent(for: .seconds(1)), of: skipped, now: .at(0)) }
        for name in ["whatever", "json", "auto"] {
            for thinks in [false, true] {
                var sequence = try candidates(name) { $0.thinks = thinks }
                let order = ids(sequence)
                var given: [String] = []
                while let model = sequence.next(ledger: ledger, now: .at(1)) { given.append(model.id) }
                // Those that rest are tried when nobody else is left.
                #expect(given == order.filter { $0 != skipped } + order.filter { $0 == skipped })
                #expect(ids(sequence) == order)
            }
        }
    }

    // MARK: Names

    @Test func autoAndFreeMeanTheBestCandidate() throws {
        for name in ["auto", "Free", "free:latest"] {
            #expect(ids(try candidates(name)).first == "v/plain:free")
            #expect(ids(try candidates(name) { $0.usesTools = true }).first == "v/tools:free")
        }
        let listed = Catalog(Self.models, selection: .init()).listing.filter { $0.model.id == "auto" }
        #expect(listed.map(\.name) == ["auto:latest"])
        #expect(ModelDescription(listed[0].model).capabilities == ["completion", "tools", "vision", "thinking"])
    }

    @Test func anAliasMayNameSeveralModelsInOrder() throws {
        let aliases = try ConfiguredAliases(text: "llama3.2=json,v/eyes:free,gone, Big = plain")
        let use = { (selection: inout Catalog.Selection) in selection.configuredAliases = aliases }
        for name in ["llama3.2", "LLAMA3.2:latest"] {
            #expect(ids(try candidates(name, selection: .with(use))).prefix(2) == ["v/json:free", "v/eyes:free"])
        }
        #expect(ids(try candidates("big", selection: .with(use))).first == "v/plain:free")
        var selection = Catalog.Selection()
        use(&selection)
        let catalog = Catalog(Self.models, selection: selection)
        #expect(catalog.missingNames.map(\.model) == ["gone"])
        #expect(catalog.listing.map(\.name).contains("llama3.2:latest"))
    }

    @Test(arguments: ["justamodel", "=m", "a=", "auto=m", "a=m,a=n", "a:1=m,a:1:latest=n", "a=m\nb"])
    func anAliasThatMakesNoSenseIsRefused(text: String) {
        #expect(throws: ConfiguredAliases.Mistake.self) { try ConfiguredAliases(text: text) }
    }

    @Test func aFileOfAliasesHasCommentsAndLines() throws {
        let aliases = try ConfiguredAliases(text: "# mine\n a = m | n # both\n\nb=o\r\n")
        #expect(aliases.models == ["a:latest": ["m", "n"], "b:latest": ["o"]])
    }

    // MARK: Money

    private static let paid = [
        able("p/dear", context: 90_000, price: "0.00001", [.tools]),
        able("p/cheap", context: 80_000, price: "0.0000001"),
    ]

    @Test func inFreeModeNoNameLeadsToAPrice() throws {
        let aliases = try ConfiguredAliases(text: "mine=p/dear,p/cheap")
        for name in [
            "p/dear", "dear", "mine", "p/dear:online", "p/dear:online:latest", "auto", "v/plain:free:online",
            "v/plain:nitro",
        ] {
            let sequence = try candidates(
                name, models: Self.models + Self.paid,
                selection: .with {
                    $0.configuredAliases = aliases
                    $0.fallbackModels = ["p/cheap"]
                })
            #expect(!ids(sequence).isEmpty && ids(sequence).allSatisfy { $0.hasSuffix("free") }, "\(name)")
        }
        #expect(ids(try candidates("v/json:free:online")).first == "v/json:free")
    }

    private static let prices: [@Sendable (inout Model) -> Void] = [
        { $0.prices.hasOthers = true }, { $0.prices.longPrompt = "0.001" }, { $0.prices.completion = "0.001" },
        { $0.prices.prompt = "-1" }, { $0.prices.prompt = "" }, { $0.outputModalities = [.text, .audio] },
    ]

    @Test(arguments: prices)
    func aModelWithAnyPriceIsNotFree(change: @Sendable (inout Model) -> Void) {
        var model = Self.models[0]
        #expect(model.isFreeChat)
        change(&model)
        #expect(!model.isFreeChat)
    }

    @Test func nobodyPaysMoreThanIsAllowed() throws {
        var dearWhenLong = model("p/long", price: "0.0000001")
        dearWhenLong.prices.longPrompt = "0.00001"
        let catalog = { (most: Double) in
            var selection = Catalog.Selection(freeOnly: false)
            selection.maxPricePerMillion = most
            return Catalog(
                Self.paid + [dearWhenLong, model("p/varies", price: "-1"), Self.models[0]], selection: selection)
        }
        #expect(catalog(0.1).models.map(\.id) == ["p/cheap", "v/plain:free"])
        #expect(catalog(10).models.map(\.id) == ["p/dear", "p/cheap", "v/plain:free", "p/long"])
        #expect(catalog(0).models.map(\.id) == ["v/plain:free"])
    }

    @Test func outsideFreeModeOnlyWhatWasAskedForAndTheFallbacksAreTried() throws {
        let models = Self.models + Self.paid
        let fallbacks = { (selection: inout Catalog.Selection) in selection.fallbackModels = ["cheap", "v/tools:free"] }
        let sequence = try candidates("dear", models: models, freeOnly: false, selection: .with(fallbacks))
        #expect(ids(sequence) == ["p/dear", "p/cheap", "v/tools:free"])
        #expect(sequence.entries.map(\.reason) == [.requested, .fallback, .fallback])
        #expect(ids(try candidates("dear", models: models, freeOnly: false)) == ["p/dear"])
        #expect(
            ids(try candidates("unknown", models: models, freeOnly: false, selection: .with(fallbacks)))
                == ["p/cheap", "v/tools:free"])
        #expect(
            ids(try candidates("free", models: models, freeOnly: false, selection: .with(fallbacks))).first
                == "v/plain:free")
        #expect(
            ids(try candidates("auto", models: models, freeOnly: false, selection: .with(fallbacks))).first == "p/cheap"
        )
        // The best is no reason to pay where nothing was said about it.
        #expect(ids(try candidates("auto", models: models, freeOnly: false)).first == "v/plain:free")
    }

    @Test func theUpstreamsVariantsArePassedOnWhereMoneyMayBeSpent() throws {
        let models = Self.paid
        for name in ["dear:online", "p/dear:ONLINE", "dear:online:latest"] {
            #expect(ids(try candidates(name, models: models, freeOnly: false)) == ["p/dear:online"])
        }
        #expect(
            ids(
                try candidates(
                    "dear:online", models: models, freeOnly: false,
                    selection: .with {
                        $0.maxPricePerMillion = 20
                    })) == ["p/dear"])
    }
}

extension Catalog.Selection {
    fileprivate static func with(_ change: (inout Catalog.Selection) -> Void) -> Catalog.Selection {
        var selection = Catalog.Selection()
        change(&selection)
        return selection
    }
}
