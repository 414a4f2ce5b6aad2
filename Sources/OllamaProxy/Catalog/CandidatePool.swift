/// The models that may serve a request, and what is asked of them.
struct CandidatePool {
    typealias Entry = CandidateSequence.Entry

    let models: [Model]
    /// Those that the client has asked for, as places in `models`.
    let requested: [Int]
    /// Who may answer in their place, in the order that is set; those asked for may be among them. Shared with the
    /// catalog, as every exchange keeps it until it ends.
    let standIns: [Int]
    let needs: RequestNeeds
    /// Whether a failure may be answered by a model that costs nothing to try.
    let freeOnly: Bool
    /// A model that cannot do what is asked of it is an error.
    let isStrict: Bool

    /// The first of all candidates, if it fits: then it is tried first, whatever the others are like.
    var first: Entry? {
        guard let index = requested.first ?? standIns.first else { return nil }
        let isRequested = !requested.isEmpty
        guard isRequested || !models[index].isRouter, models[index].shortcomings(for: needs).isEmpty else { return nil }
        return Entry(index: index, reason: reason(isRequested: isRequested))
    }

    private func reason(isRequested: Bool) -> CandidateSequence.Reason {
        isRequested ? .requested : freeOnly ? .fits : .fallback
    }

    /// Puts those that fit first, then those that serve worse, then the routers. Those that cannot serve the request
    /// are left out; should a large enough context be all that is missing, the largest is tried, as an estimate is no
    /// knowledge.
    func sorted(askedFor name: String) throws(RequestError) -> [Entry] {
        let others = standIns.filter { !requested.contains($0) }
        var fitting: [Entry] = []
        var worse: [Entry] = []
        var routers: [Entry] = []
        var tooSmall: [Int] = []
        for (position, index) in (requested + others).enumerated() {
            let isRequested = position < requested.count
            let shortcomings = models[index].shortcomings(for: needs)
            switch shortcomings.map(\.weight).max() {
            case nil where models[index].isRouter && !isRequested: routers.append(Entry(index: index, reason: .router))
            case nil: fitting.append(Entry(index: index, reason: reason(isRequested: isRequested)))
            // Who asked to pay for this one and no other is not denied it for an estimate.
            case .probablyFatal where isRequested && !freeOnly, .worseAnswer where isRequested && !freeOnly:
                fitting.append(Entry(index: index, reason: .requested))
            case .worseAnswer: worse.append(Entry(index: index, reason: isRequested ? .requested : .servesWorse))
            case .probablyFatal: tooSmall.append(index)
            case .fatal: break
            }
            if isRequested, isStrict, requested.count == 1,
                let refusal = shortcomings.first(where: { $0.weight == .fatal || $0 == .reasoning })
            {
                throw .badRequest("\"\(name)\" \(refusal.text)")
            }
        }
        if fitting.isEmpty, worse.isEmpty, routers.isEmpty {
            // The first of the largest, as `max` would give the last.
            let largest = tooSmall.map { models[$0].servedContextLength }.max() ?? 0
            guard let last = tooSmall.first(where: { models[$0].servedContextLength == largest }) else {
                let missing = models[requested.first ?? others[0]].shortcomings(for: needs)
                throw .badRequest(Self.refusal(of: name, missing, hasOthers: !others.isEmpty))
            }
            return [Entry(index: last, reason: .largestContext)]
        }
        return fitting + worse + routers
    }

    private static func refusal(of name: String, _ missing: [Shortcoming], hasOthers: Bool) -> String {
        let missing = missing.filter { $0.weight == .fatal }
        return "\"\(name)\" \(text(of: missing))"
            + (hasOthers ? ", nor does any other model that could replace it" : "")
    }

    static func text(of shortcomings: [Shortcoming]) -> String {
        shortcomings.map(\.text).joined(separator: " and ")
    }
}
