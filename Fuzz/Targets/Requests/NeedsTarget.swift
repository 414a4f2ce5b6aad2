import OllamaProxy

/// What is read of a request leads to candidates or to an error, and an explanation of either, for any catalog.
enum NeedsTarget {
    static func run(_ bytes: Bytes) {
        var input = FuzzInput(bytes)
        let freeOnly = input.byte() % 2 == 0
        let body = UTF8Repair.repaired(input.rest) ?? ByteBuffer(copying: input.rest)
        body.withBytes { check($0, in: Examples.catalog(freeOnly: freeOnly)) }
    }

    private static func check(_ body: Bytes, in catalog: Catalog) {
        do throws(RequestError) {
            let (name, needs) = try RequestNeeds.ofRequest(body)
            OllamaRequestTarget.checkNeeds(needs, of: body)
            let explanation = Explanation(of: name, needs: needs, in: catalog, Ledgers(), now: Examples.now)
            expect(!explanation.text(colours: false).isEmpty, "an explanation without words")
            let reply = CountTokens.reply(to: needs)
            expect(JSONTree(reply) != nil, "a count that is no JSON: \(reply.text)")
            let candidates = try CandidateSequence(
                for: name, needs: needs, in: catalog, performance: PerformanceLedger(), now: Examples.now)
            check(candidates, needs, in: catalog)
        } catch {
            OllamaRequestTarget.check(error)
        }
    }

    private static func check(_ given: CandidateSequence, _ needs: RequestNeeds, in catalog: Catalog) {
        var candidates = given
        var seen: Set<String> = []
        let ledger = FailureLedger()
        while let model = candidates.next(ledger: ledger, now: Examples.now) {
            expect(seen.insert(model.id).inserted, "\(model.id) is tried twice")
            expect(!catalog.freeOnly || model.isFreeChat, "\(model.id) is tried in free mode")
            let missing = model.shortcomings(for: needs).map(\.weight).max()
            expect(missing != .fatal, "\(model.id) cannot serve the request")
        }
        expect(!seen.isEmpty, "neither candidates nor an error")
    }
}
