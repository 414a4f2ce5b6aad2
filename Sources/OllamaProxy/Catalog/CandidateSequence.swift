/// The models to try for one request, best first, chosen one by one as attempts fail.
package struct CandidateSequence {
    /// The name the client asked for, as it wrote it.
    package let requestedName: String
    /// The model of that name; nil when no model goes by it.
    package let requested: Model?
    private let models: [Model]
    private let freeOnly: Bool
    private var position = 0
    private var hasFallenBack = false

    /// - Throws: `RequestError`: 400 for a name beyond reason, 404 for an unknown name where nothing may stand in for it, 503 when there is no
    ///   model at all.
    package init(for name: String, in catalog: Catalog) throws(RequestError) {
        // Each line of a reply repeats the name.
        guard name.utf8.count <= 500 else { throw .badRequest("the model's name is longer than 500 bytes") }
        requestedName = name
        freeOnly = catalog.freeOnly
        let index = catalog.index(named: name)
        requested = index.map { catalog.models[$0] }
        guard catalog.freeOnly else {
            // Nobody asked to pay for another model, so there are no others.
            guard let requested else { throw .modelNotFound(name) }
            models = [requested]
            return
        }
        // Guards answer with a verdict instead of an answer, and a router hides which model answered.
        let others = catalog.models.indices.filter { $0 != index && !catalog.models[$0].isGuard }
        let direct = others.filter { !catalog.models[$0].isRouter }
        let routers = others.filter { catalog.models[$0].isRouter }
        models = ((index.map { [$0] } ?? []) + direct + routers).map { catalog.models[$0] }
        guard !models.isEmpty else {
            throw RequestError(
                status: 503, message: "no free model is left by the models list and the filters set here")
        }
    }

    /// The record that keeps all candidates from being tried now. The limits on free requests concern no others.
    package func accountCoolDown(ledger: FailureLedger, now: Moment) -> FailureLedger.Record? {
        freeOnly ? ledger.accountCoolDown(now: now) : nil
    }

    /// The next model to try; nil when none is left.
    ///
    /// Models that cool down are skipped. Should all of them, one is tried all the same, the first that would be
    /// through with it: a refusal without asking would be a failure made at home.
    package mutating func next(ledger: FailureLedger, now: Moment) -> Model? {
        while position < models.count {
            let model = models[position]
            position += 1
            if ledger.coolDown(of: model.id, now: now) == nil {
                hasFallenBack = true
                return model
            }
        }
        guard !hasFallenBack else { return nil }
        hasFallenBack = true
        return models.min { first, second in
            (ledger.record(of: first.id)?.until ?? 0) < (ledger.record(of: second.id)?.until ?? 0)
        }
    }
}
