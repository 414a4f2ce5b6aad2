/// The models to try for one request, best first, chosen one by one as attempts fail.
package struct CandidateSequence {
    /// The name the client asked for, as it wrote it.
    package let requestedName: String
    private let catalog: Catalog
    /// The model of that name; nil when no model goes by it.
    private let requested: Int?
    private var position = -1
    private var hasFallenBack = false

    /// - Throws: `RequestError`: 400 for a name beyond reason, 404 for an unknown name where nothing may stand in for it,
    ///   503 when there is no model at all.
    package init(for name: String, in catalog: Catalog) throws(RequestError) {
        // Each line of a reply repeats the name.
        guard name.utf8.count <= 500 else { throw .badRequest("the model's name is longer than 500 bytes") }
        requestedName = name
        self.catalog = catalog
        requested = catalog.index(named: name)
        guard requested == nil else { return }
        // Nobody asked to pay for another model, so there are no others.
        guard catalog.freeOnly else { throw .modelNotFound(name) }
        guard !catalog.standIns.isEmpty else {
            throw RequestError(
                status: 503, message: "no free model is left by the models list and the filters set here")
        }
    }

    /// One model and no other, whatever the client calls it.
    package init(only model: Model, requestedName: String) {
        self.requestedName = String(requestedName.prefix(500))
        catalog = Catalog(only: model)
        requested = 0
    }

    /// The candidates by their indexes in the catalog: the one asked for, then those that may stand in for it.
    private func candidate(at position: Int) -> Int? {
        if position < 0 { return requested }
        let others = catalog.freeOnly ? catalog.standIns : []
        guard position < others.count, others[position] != requested else { return nil }
        return others[position]
    }

    private var end: Int { catalog.freeOnly ? catalog.standIns.count : 0 }

    /// The record that keeps all candidates from being tried now. The limits on free requests concern no others.
    package func accountCoolDown(ledger: FailureLedger, now: Moment) -> FailureLedger.Record? {
        catalog.freeOnly ? ledger.accountCoolDown(now: now) : nil
    }

    /// The next model to try; nil when none is left.
    ///
    /// Models that cool down are skipped. Should all of them, one is tried all the same, the first that would be
    /// through with it: a refusal without asking would be a failure made at home.
    package mutating func next(ledger: FailureLedger, now: Moment) -> Model? {
        while position < end {
            defer { position += 1 }
            guard let index = candidate(at: position) else { continue }
            if ledger.coolDown(of: catalog.models[index].id, now: now) == nil {
                hasFallenBack = true
                return catalog.models[index]
            }
        }
        guard !hasFallenBack else { return nil }
        hasFallenBack = true
        return (-1..<end).compactMap(candidate).map { catalog.models[$0] }.min { first, second in
            (ledger.record(of: first.id)?.until ?? 0) < (ledger.record(of: second.id)?.until ?? 0)
        }
    }
}
