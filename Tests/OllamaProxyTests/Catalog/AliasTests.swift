import OllamaProxy
import Testing

/// Names that were given to models, in their file and in the catalog.
struct AliasTests {
    private let models = [model("v/large:free", context: 2000), model("v/small:free", context: 1000)]

    private func aliases(_ names: (String, String)...) -> Aliases {
        var aliases = Aliases()
        for (name, model) in names { aliases.add(name, for: model) }
        return aliases
    }

    @Test func theFileReadsAsItWasWritten() {
        let written = aliases(("Mine", "v/large:free"), ("other:1", "v/small:free"), ("mine:latest", "v/small:free"))
        #expect(written.models == ["mine:latest": "v/small:free", "other:1": "v/small:free"])
        #expect(aliases(("other:1", "m"), ("Other:1:latest", "n")).models == ["other:1": "n"])
        #expect(written.text.withBytes { Aliases($0) } == written)
        #expect(written.text.text.hasPrefix("{\"name\":\"mine:latest\",\"model\":\"v/small:free\"}\n"))
    }

    @Test func aLineThatCannotBeReadIsLeftOut() {
        let text =
            "{\"name\":\"half\n\n{\"name\":5,\"model\":6}\n{\"model\":\"m\"}\r\n{\"name\":\"a\",\"model\":\"m\",\"x\":[1]}"
        #expect(withBytes(text) { Aliases($0) }.models == ["a:latest": "m"])
        #expect(withBytes("") { Aliases($0) }.models.isEmpty)
    }

    @Test func noMoreAreReadThanAllowed() {
        let lines = (0..<Aliases.most + 5).map { "{\"name\":\"a\($0)\",\"model\":\"m\"}\n" }.joined()
        #expect(withBytes(lines) { Aliases($0) }.models.count == Aliases.most)
    }

    @Test func removingTellsWhetherThereWasOne() {
        var aliases = aliases(("mine", "m"))
        let answers = [aliases.remove("MINE:latest"), aliases.remove("mine")]
        #expect(answers == [true, false])
    }

    @Test func aliasesAreListedBehindTheModels() {
        let catalog = Catalog(
            models, selection: .init(aliases: aliases(("z", "V/Small:free"), ("a:1", "v/large:free"), ("gone", "v/no")))
        )
        #expect(
            catalog.listing.map(\.name) == [
                "v/large:free", "v/small:free", "a:1", "z:latest", "auto:latest", "free:latest",
            ])
        #expect(catalog.listing.map(\.model.id)[2...3] == ["v/large:free", "v/small:free"])
        #expect(catalog.listedNames == ["v/large:free", "v/small:free"])
        for name in ["z", "Z:LATEST"] { #expect(catalog.index(named: name) == 1) }
        #expect(catalog.index(named: "a:1") == 0)
        #expect(catalog.index(named: "a") == nil)
        #expect(catalog.index(named: "gone") == nil)
        #expect(catalog.entry(named: "z")?.name == "z:latest")
        #expect(catalog.entry(named: "small")?.name == "v/small:free")
    }

    /// What nobody may call another model: the names that a client sees, and the ids.
    @Test func namesOfModelsAreTheirOwn() {
        let models = [model("v/one", price: "1"), model("v/two:latest", price: "1")]
        let catalog = Catalog(models, selection: .init(freeOnly: false, names: .short))
        #expect(catalog.listedNames == ["one:latest", "two:latest"])
        for name in ["one", "ONE:latest", "v/one", "v/two", "two"] { #expect(catalog.isListedName(name), "\(name)") }
        for name in ["three", "v/three", "one:1"] { #expect(!catalog.isListedName(name), "\(name)") }
    }

    @Test(arguments: [("o/vectors:free", "o/vectors:free"), ("o/vectors", "o/vectors:latest")])
    func theModelForEmbeddingsIsListedLast(id: String, name: String) {
        let catalog = Catalog(models, selection: .init(embeddingModel: id))
        #expect(catalog.listing.last?.name == name)
        #expect(catalog.entry(named: id.uppercased())?.model.id == id)
        #expect(catalog.entry(named: name)?.name == name)
        #expect(catalog.embeddingModel?.outputModalities == .embeddings)
        // It answers no chats.
        #expect(catalog.index(named: id) == nil)
        #expect(catalog.models.count == 2)
    }

    @Test func withoutOneThereIsNone() {
        let catalog = Catalog(models, selection: .init())
        #expect(catalog.embeddingModel == nil)
        #expect(catalog.entry(named: "o/vectors") == nil)
        #expect(!catalog.listing.contains { $0.model.outputModalities == .embeddings })
    }
}
