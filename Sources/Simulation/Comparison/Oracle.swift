import OllamaProxy

/// Knows the future: which model will serve a request at which moment. It spends one request on each, at the earliest
/// moment at which a model that fits answers completely and the account has room, and on the others none.
struct Oracle {
    let world: World
    let account: SimulatedAccount
    let midnight: UnixTime

    /// Seconds between the moments that are looked at.
    private static let step = 1.0

    /// Which requests can be served, their order of arrival being kept.
    mutating func servable(_ requests: [SimulatedRequest]) -> [Bool] {
        requests.map { serve($0) }
    }

    private func serve(_ request: SimulatedRequest) -> Bool {
        var wait = 0.0
        while wait < SimulatedRequest.patience {
            let time = request.time + wait
            let wall = midnight + .seconds(time)
            if account.hasRoom(wall: wall), isAnswered(request, at: time) { return account.admit(wall: wall) == nil }
            wait += Self.step
        }
        return false
    }

    private func isAnswered(_ request: SimulatedRequest, at time: Double) -> Bool {
        world.list(at: time).contains { model in
            let fate = world.fate(of: request, asking: model.id, at: time)
            guard fate.isComplete, let firstWord = fate.firstWord else { return false }
            return time + firstWord <= request.time + SimulatedRequest.patience
        }
    }
}
