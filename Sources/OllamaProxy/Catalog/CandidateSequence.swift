/// The models to try for one request, best first, chosen one by one as attempts fail.
package struct CandidateSequence {
    /// Why a model has its place.
    package enum Reason: Equatable {
        /// The client asked for it, by its own name or another.
        case requested
        /// The configuration names it for when the one asked for fails.
        case fallback
        /// It can do what is asked, and comes in the order that is set.
        case fits
        /// It can serve the request, if not quite as wished.
        case servesWorse
        /// It chooses a model by itself, and hides which.
        case router
        /// By our estimate no context is large enough; this one is the largest.
        case largestContext
    }

    /// One candidate: its place in the models, and why.
    package struct Entry: Equatable {
        // Every exchange keeps its candidates until it ends.
        private let storedIndex: Int32
        package let reason: Reason

        package var index: Int { Int(storedIndex) }

        package init(index: Int, reason: Reason) {
            storedIndex = Int32(index)
            self.reason = reason
        }
    }

    /// The name the client asked for, as it wrote it.
    package let requestedName: String
    /// What the entries' places refer to.
    package var models: [Model] { pool.models }
    private let pool: CandidatePool
    /// The one that is tried first, where that shows without a look at the others. Nearly every request is served by
    /// it.
    private let first: Entry?
    /// All, in the order in which they are tried; nil until more than the first is needed.
    private var sorted: [Entry]?
    /// Why the model that was asked for is not the first to be tried; nil when it is, or when none was.
    package private(set) var substitution: String?
    /// Whether a failure may be answered by a model that costs nothing to try.
    package var freeOnly: Bool { pool.freeOnly }
    /// The most that a million tokens may cost, in dollars; nil for any price, and where everything is free.
    let priceLimit: Double?
    /// Whether the model given last is one that the client asked for.
    package private(set) var lastIsRequested = false
    private var position = 0
    private var hasGivenOne = false
    /// The positions of those that were skipped because of a cooldown.
    private var skipped: [Int] = []
    /// Contexts up to this many tokens have turned out to be too small.
    private var tooSmallContext = 0

    /// - Parameters:
    ///   - performance: by what models are ordered where reliability decides.
    /// - Throws: `RequestError`: 400 for a name beyond reason and for what no model can do, 404 for an unknown name
    ///   where nothing may stand in for it, 503 when there is no model at all.
    package init(
        for name: String, needs: RequestNeeds = RequestNeeds(), in catalog: Catalog, performance: PerformanceLedger,
        now: Moment
    ) throws(RequestError) {
        requestedName = try Self.checked(name)
        var models = catalog.models
        var requested: [Int] = []
        let others: [Int]
        switch catalog.meaning(of: name) {
        case .best(let freeOnly):
            let mayPay = !catalog.freeOnly && !freeOnly && !catalog.fallbacks.isEmpty
            others = mayPay ? catalog.fallbacks : catalog.ordered(catalog.standIns, by: performance, now: now)
        case .models(let indexes):
            requested = indexes
            others = catalog.othersInstead(by: performance, now: now)
        case .variant(let model):
            requested = [models.count]
            models.append(model)
            others = catalog.fallbacks
        case .unknown:
            guard !catalog.selection.isStrict else { throw .modelNotFound(name) }
            others = catalog.othersInstead(by: performance, now: now)
            // Nobody asked to pay for another model, so where none is named there are no others.
            guard catalog.freeOnly || !others.isEmpty else { throw .modelNotFound(name) }
        }
        guard !requested.isEmpty || !others.isEmpty else {
            throw RequestError(
                status: 503, message: "no free model is left by the models list and the filters set here")
        }
        priceLimit = catalog.freeOnly ? nil : catalog.selection.maxPricePerMillion
        pool = CandidatePool(
            models: models, requested: requested, standIns: others, needs: needs, freeOnly: catalog.freeOnly,
            isStrict: catalog.selection.isStrict)
        first = pool.first
        guard first == nil else { return }
        let sorted = try pool.sorted(askedFor: name)
        self.sorted = sorted
        if let wanted = requested.first, let first = sorted.first, !requested.contains(first.index) {
            substitution = "\(models[wanted].id) " + CandidatePool.text(of: models[wanted].shortcomings(for: needs))
        }
    }

    /// One model and no other, whatever the client calls it.
    /// - Throws: `RequestError`, status 400, for a name beyond reason.
    package init(only model: Model, requestedName: String, priceLimit: Double? = nil) throws(RequestError) {
        self.requestedName = try Self.checked(requestedName)
        self.priceLimit = priceLimit
        pool = CandidatePool(
            models: [model], requested: [0], standIns: [], needs: RequestNeeds(), freeOnly: false, isStrict: false)
        first = Entry(index: 0, reason: .requested)
    }

    /// Each line of a reply repeats the name, and the last requests are remembered with theirs.
    private static func checked(_ name: String) throws(RequestError) -> String {
        guard name.utf8.count <= 500 else { throw .badRequest("the model's name is longer than 500 bytes") }
        return name
    }

    // MARK: One after another

    /// All candidates in the order in which they are tried.
    package var entries: [Entry] {
        // Where the first fits, nothing is refused.
        sorted ?? (try? pool.sorted(askedFor: requestedName)) ?? []
    }

    /// The same, sorted once.
    private mutating func sortedEntries() -> [Entry] {
        let entries = entries
        sorted = entries
        return entries
    }

    /// The request has turned out to be too long for a model.
    /// - Parameters:
    ///   - tokens: how long it is by the upstream's count; nil when unknown.
    package mutating func recordTooLong(for model: Model, tokens: Int?) {
        tooSmallContext = max(tooSmallContext, model.servedContextLength, (tokens ?? 0) - 1)
    }

    /// The next model to try; nil when none is left.
    ///
    /// Models in cooldown are skipped at first. When no other is left they are tried after all, the one whose cooldown ends
    /// first before the others: to refuse without asking would be a failure of our own making. A model that is gone, or not
    /// offered here, is asked only if the request has asked no other.
    /// - Parameter skipsCooldown: gives none that is in cooldown.
    package mutating func next(ledger: FailureLedger, skipsCooldown: Bool = false, now: Moment) -> Model? {
        if position == 0, let first, !isTooSmall(models[first.index]),
            ledger.cooldown(of: models[first.index].id, now: now) == nil
        {
            position = 1
            return give(first)
        }
        let entries = sortedEntries()
        while position < entries.count {
            let index = position
            position += 1
            let model = models[entries[index].index]
            guard !isTooSmall(model) else { continue }
            guard ledger.cooldown(of: model.id, now: now) == nil else {
                skipped.append(index)
                continue
            }
            return give(entries[index])
        }
        guard !skipsCooldown else { return nil }
        let soonest = skipped.indices.min { first, second in
            until(skipped[first], ledger) < until(skipped[second], ledger)
        }
        guard let soonest else { return nil }
        let entry = entries[skipped.remove(at: soonest)]
        let model = models[entry.index]
        if isTooSmall(model) || (hasGivenOne && ledger.cooldown(of: model.id, now: now)?.isUnlikelyToPass == true) {
            return next(ledger: ledger, now: now)
        }
        return give(entry)
    }

    /// Whether any is left.
    var hasMore: Bool {
        mutating get { position < sortedEntries().count || !skipped.isEmpty }
    }

    /// The next model that is not in cooldown, which stays where it is.
    package mutating func peek(ledger: FailureLedger, now: Moment) -> Model? {
        for entry in sortedEntries()[position...] {
            let model = models[entry.index]
            if !isTooSmall(model), ledger.cooldown(of: model.id, now: now) == nil { return model }
        }
        return nil
    }

    /// The model was given, and not asked after all: it may be later, after its cooldown.
    package mutating func putBack(_ model: Model) {
        if let position = entries.firstIndex(where: { models[$0.index].id == model.id }) { skipped.append(position) }
    }

    private mutating func give(_ entry: Entry) -> Model {
        hasGivenOne = true
        lastIsRequested = entry.reason == .requested
        return models[entry.index]
    }

    private func until(_ position: Int, _ ledger: FailureLedger) -> UnixTime {
        ledger.record(of: models[entries[position].index].id)?.until ?? .epoch
    }

    private func isTooSmall(_ model: Model) -> Bool {
        tooSmallContext > 0 && model.servedContextLength > 0 && model.servedContextLength <= tooSmallContext
    }
}

extension Catalog {
    /// Who may answer in place of a model that was asked for.
    fileprivate func othersInstead(by performance: PerformanceLedger, now: Moment) -> [Int] {
        freeOnly ? ordered(standIns, by: performance, now: now) : fallbacks
    }

    /// The models in the order that is set. They come by context already.
    func ordered(_ indexes: [Int], by performance: PerformanceLedger, now: Moment) -> [Int] {
        guard selection.order == .reliability else { return indexes }
        let seconds = indexes.map { performance.expectedSeconds(of: models[$0].id, now: now) }
        return indexes.indices.sorted { one, other in
            let (isRouter, isOtherRouter) = (models[indexes[one]].isRouter, models[indexes[other]].isRouter)
            guard isRouter == isOtherRouter else { return isOtherRouter }
            return seconds[one] != seconds[other] ? seconds[one] < seconds[other] : one < other
        }.map { indexes[$0] }
    }
}
