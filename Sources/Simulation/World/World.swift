import OllamaProxy

/// The simulated upstream: its models and what becomes of each request.
package struct World {
    let seed: UInt64
    let models: [SimulatedModel]

    /// Within so many seconds a model does not change its mind about a request.
    private static let slotSeconds = 10.0

    package init(seed: UInt64, models: [SimulatedModel]) {
        self.seed = seed
        self.models = models
    }

    /// The list at a time, in seconds since midnight.
    func list(at time: Double) -> [Model] {
        models.filter { $0.listedUntil * 3600 > time }.map(\.model)
    }

    /// What becomes of a request.
    /// - Parameter time: seconds since midnight.
    func fate(of request: SimulatedRequest, asking id: String, at time: Double) -> Fate {
        guard let index = models.firstIndex(where: { $0.model.id == id }) else {
            return refusal(404, UpstreamErrors.gone(id), after: 0.2)
        }
        guard models[index].model.isRouter else { return fate(of: request, of: index, at: time) }
        // The router takes one that can do what is asked, and knows nothing of how it is.
        let able = models.indices.filter { !models[$0].model.isRouter && fits(request, models[$0].model) }
        guard !able.isEmpty else { return refusal(404, UpstreamErrors.noneFits, after: 0.2) }
        var random = generator(request, index, at: time, salt: 7)
        return fate(of: request, of: random.element(of: able), at: time)
    }

    func fits(_ request: SimulatedRequest, _ model: Model) -> Bool {
        objection(to: request, of: model) == nil
    }

    private func objection(to request: SimulatedRequest, of model: Model) -> (status: Int, body: String)? {
        let needs = request.needs
        if needs.usesTools, !model.usesTools { return (404, UpstreamErrors.noToolUse) }
        if !needs.inputs.subtracting(model.inputModalities).isEmpty { return (404, UpstreamErrors.noPictures) }
        guard needs.contextTokens > model.contextLength else { return nil }
        return (400, UpstreamErrors.tooLong(holds: model.contextLength, tokens: needs.contextTokens))
    }

    private func fate(of request: SimulatedRequest, of index: Int, at time: Double) -> Fate {
        let simulated = models[index]
        if let (status, body) = objection(to: request, of: simulated.model) {
            return refusal(status, body, after: 0.3)
        }
        var random = generator(request, index, at: time, salt: 0)
        var firstWord = simulated.firstWordSeconds * random.double(0.7...1.6)
        let pace = simulated.tokensPerSecond * random.double(0.7...1.2)
        for (number, trouble) in simulated.troubles.enumerated()
        where applies(trouble, number, to: request, index, at: time) {
            switch trouble.kind {
            case .slowStart(let seconds): firstWord += seconds * random.double(0.5...1.5)
            case .outage:
                let bodies = [(502, UpstreamErrors.unavailable), (503, UpstreamErrors.overloaded)]
                guard random.chance(0.85) else {
                    return Fate(
                        ending: .refused(status: 502, contentType: "text/html", body: UpstreamErrors.page),
                        firstWord: nil, end: random.double(0.3...10))
                }
                let (status, body) = random.element(of: bodies)
                return refusal(status, body, after: random.double(0.3...4))
            case .poolExhausted:
                return refusal(429, UpstreamErrors.poolExhausted, after: random.double(0.2...1.5))
            case .emptyAnswer: return Fate(ending: .empty, firstWord: nil, end: firstWord + random.double(0...3))
            case .breaksBeforeFirstWord: return Fate(ending: .cut, firstWord: nil, end: random.double(0.4...8))
            case .breaksMidway:
                let share = random.double(0.1...0.9)
                return Fate(
                    ending: random.chance(0.5) ? .cut : .errorEvent, firstWord: firstWord,
                    end: firstWord + share * Double(request.answerTokens) / pace, tokens: request.answerTokens)
            case .silence: return Fate(ending: .silent, firstWord: nil, end: 600)
            case .gone: return refusal(404, UpstreamErrors.gone(simulated.model.id), after: 0.2)
            }
        }
        return Fate(
            ending: .complete, firstWord: firstWord, end: firstWord + Double(request.answerTokens) / pace,
            tokens: request.answerTokens)
    }

    private func refusal(_ status: Int, _ body: String, after seconds: Double) -> Fate {
        Fate(
            ending: .refused(status: status, contentType: "application/json", body: body), firstWord: nil, end: seconds)
    }

    private func applies(
        _ trouble: Trouble, _ number: Int, to request: SimulatedRequest, _ index: Int, at time: Double
    ) -> Bool {
        guard trouble.from * 3600 <= time, time < trouble.until * 3600 else { return false }
        if trouble.probability >= 1 { return true }
        var random =
            trouble.steadySeconds > 0
            ? SplitMix64(seed, UInt64(index), UInt64(number), UInt64(time / trouble.steadySeconds))
            : generator(request, index, at: time, salt: UInt64(100 + number))
        return random.chance(trouble.probability)
    }

    private func generator(
        _ request: SimulatedRequest, _ index: Int, at time: Double, salt: UInt64
    ) -> SplitMix64 {
        SplitMix64(seed, UInt64(request.index), UInt64(index), UInt64(time / Self.slotSeconds), salt)
    }
}
