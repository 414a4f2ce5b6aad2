import OllamaProxy

/// Whatever list the upstream sends: what is made of it for clients and for the disk can be read again, and nothing
/// that costs money is in a free catalog.
enum ModelsListTarget {
    static func run(_ bytes: Bytes) {
        var input = FuzzInput(bytes)
        let flags = input.byte()
        guard let models = try? ModelsList.models(in: input.rest) else { return }
        check(models, flags: flags)
    }

    static func check(_ models: [Model], flags: UInt8) {
        var selection = Catalog.Selection(
            freeOnly: flags & 1 == 0, toolUseOnly: flags & 2 != 0, names: flags & 4 == 0 ? .full : .short)
        if flags & 8 != 0 { selection.maxPricePerMillion = 0.5 }
        let catalog = Catalog(models, selection: selection)
        expect(Set(catalog.models.map(\.id)).count == catalog.models.count, "a model is listed twice")
        if catalog.freeOnly { expect(catalog.models.allSatisfy(\.isFreeChat), "a model that costs money is listed") }
        expect(catalog.listedNames.count == catalog.models.count, "names and models do not go together")
        checkNames(of: catalog)
        let host = "https://upstream.example"
        let replies =
            [
                OllamaReplies.tags(of: catalog, remoteHost: host), OpenAIReplies.models(of: catalog),
                ManagementReplies.recommendations(from: catalog),
            ]
            + catalog.listing.prefix(20).flatMap { model, name in
                [OllamaReplies.show(model, name: name, remoteHost: host), OpenAIReplies.model(model, name: name)]
            }
        for reply in replies { expect(JSONTree(reply)?.isObject == true, "a reply that is no JSON: \(reply.text)") }
        checkCache(of: models)
    }

    private static func checkNames(of catalog: Catalog) {
        for (model, name) in zip(catalog.models, catalog.listedNames) {
            guard let index = catalog.index(named: name) else {
                expect(Catalog.isBestName(name), "\(name) is listed and not found")
                continue
            }
            expect(catalog.models[index].id == model.id, "\(name) means \(catalog.models[index].id)")
        }
        for entry in catalog.listing { _ = catalog.entry(named: entry.name) }
    }

    /// What was kept is read again as it was.
    private static func checkCache(of models: [Model]) {
        let text = CatalogCache.text(of: models)
        let again = text.withBytes { CatalogCache.models(in: $0) }
        expect(again.map(\.id) == models.map(\.id), "other models are read again: \(text.text)")
        expect(again.map(\.isFreeChat) == models.map(\.isFreeChat), "what is free is not again: \(text.text)")
        expect(CatalogCache.text(of: again).text == text.text, "it is written otherwise again: \(text.text)")
    }
}
