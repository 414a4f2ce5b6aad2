import OllamaProxy

/// The file of aliases and the variable for them: what is kept is read again as it was, and every name finds its model.
enum AliasesTarget {
    static func run(_ bytes: Bytes) {
        let aliases = Aliases(bytes)
        expect(aliases.models.count <= Aliases.most, "too many aliases")
        let again = aliases.text.withBytes { Aliases($0) }
        expect(again == aliases, "other aliases are read again: \(aliases.text.text)")
        var selection = Catalog.Selection(aliases: aliases)
        if let configured = try? ConfiguredAliases(text: bytes.text) { selection.configuredAliases = configured }
        let catalog = Catalog(Examples.models, selection: selection)
        for (model, name) in catalog.listing {
            expect(catalog.entry(named: name) != nil, "\(name) is listed for \(model.id) and not found")
        }
        let reply = OllamaReplies.tags(of: catalog, remoteHost: "https://upstream.example")
        expect(JSONTree(reply) != nil, "a list that is no JSON: \(reply.text)")
        var changed = aliases
        changed.add(bytes.text, for: "vendor/plain:free")
        expect(changed.remove(bytes.text), "an alias that was added is not there")
    }
}
