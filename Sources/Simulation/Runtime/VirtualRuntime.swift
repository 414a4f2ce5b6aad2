import OllamaProxy

/// Owns the exchanges under way and gives those that wait their turn, as the proxy's own runtime does.
package final class VirtualRuntime {
    package let schedule: EventSchedule
    package let ledgers: Ledgers
    private var waiting: [TurnQueue.Arrival: VirtualExchange] = [:]
    private var running: [ObjectIdentifier: VirtualExchange] = [:]
    /// When the queue is looked at next; nil for not at all.
    private var queueTime: Span?

    package init(schedule: EventSchedule, ledgers: Ledgers) {
        self.schedule = schedule
        self.ledgers = ledgers
    }

    package var now: Moment { schedule.now }

    /// Begins an exchange now.
    /// - Parameter highWaterMark: unread bytes at which the upstream is not read any further.
    @discardableResult
    package func start(
        _ machine: ExchangeMachine, surroundings: any ExchangeSurroundings, highWaterMark: Int = 64 << 10
    ) -> VirtualExchange {
        let exchange = VirtualExchange(
            machine, runtime: self, surroundings: surroundings, highWaterMark: highWaterMark)
        running[ObjectIdentifier(exchange)] = exchange
        exchange.begin()
        return exchange
    }

    /// Ends what runs, each with an error.
    package func shutDown() {
        for exchange in running.values.sorted(by: { $0.arrival < $1.arrival }) { exchange.shutDown() }
    }

    func ended(_ exchange: VirtualExchange) {
        running[ObjectIdentifier(exchange)] = nil
        if waiting.removeValue(forKey: exchange.arrival) != nil { scheduleTurns() }
    }

    // MARK: The queue

    func awaitTurn(_ exchange: VirtualExchange) {
        guard ledgers.turns.contains(exchange.arrival) else { return }
        waiting[exchange.arrival] = exchange
        scheduleTurns()
    }

    private func scheduleTurns() {
        guard ledgers.turns.first != nil else {
            queueTime = nil
            return
        }
        let time = schedule.elapsed(at: ledgers.budget.turnTime(ahead: 0, now: now))
        queueTime = time
        schedule.at(time) { [self] in
            guard queueTime == time else { return }
            queueTime = nil
            giveTurns()
        }
    }

    private func giveTurns() {
        while let first = ledgers.turns.first, ledgers.budget.turnTime(ahead: 0, now: now) <= now.monotonic {
            guard let exchange = waiting.removeValue(forKey: first) else { return }
            exchange.turnCame()
            guard ledgers.turns.first != first else { return }
        }
        scheduleTurns()
    }
}
