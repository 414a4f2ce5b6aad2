/// How one attempt of an exchange went, for whoever looks at it afterwards. Holds nothing of messages or answers.
package struct AttemptTrace: Equatable {
    package enum Outcome: Equatable {
        case answered
        /// Broken off by us: the client left, another attempt spoke first, the time for the whole request was over, or
        /// the server stops.
        case givenUp
        case failed(Failure.Kind)

        /// As JSON and metrics write it.
        package var name: String {
            switch self {
            case .answered: "answered"
            case .givenUp: "given_up"
            case .failed(let kind): kind.rawValue
            }
        }
    }

    /// The model's id.
    package var model: String
    package var outcome: Outcome
    /// What happened, as the log says it; empty where nothing went wrong.
    package var reason: String
    /// How long it took from its start to its end.
    package var duration: Span
    /// How many events of the upstream's stream came.
    package var events: Int

    package init(model: String, outcome: Outcome, reason: String = "", duration: Span = .zero, events: Int = 0) {
        self.model = model
        self.outcome = outcome
        self.reason = reason
        self.duration = duration
        self.events = events
    }

    init(of attempt: Attempt, _ outcome: Outcome, reason: String = "", now: Moment) {
        self.init(
            model: attempt.model.id, outcome: outcome, reason: reason,
            duration: now.monotonic - attempt.started.monotonic, events: attempt.reader.eventCount)
    }
}
