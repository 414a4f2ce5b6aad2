/// How one attempt of an exchange went, once it is over.
package struct AttemptRecord: Equatable {
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

    /// From 1.
    package var number: Int
    /// The model's id.
    package var model: String
    package var outcome: Outcome
    /// What happened, without a word that may come out of a message; empty where nothing went wrong.
    package var reason: String
    /// How long it took from its start to its end.
    package var duration: Span
    /// How many events of the upstream's stream came.
    package var events: Int
    /// Whether the client had been sent part of an answer when it ended.
    package var wasCommitted: Bool

    package init(
        number: Int = 1, model: String, outcome: Outcome, reason: String = "", duration: Span = .zero, events: Int = 0,
        wasCommitted: Bool = false
    ) {
        self.number = number
        self.model = model
        self.outcome = outcome
        self.reason = reason
        self.duration = duration
        self.events = events
        self.wasCommitted = wasCommitted
    }
}

/// One failed attempt with the upstream's own words, which are for the client and are not kept.
package struct FailedAttempt: Equatable {
    package var record: AttemptRecord
    package var failure: Failure

    var model: String { record.model }
    var number: Int { record.number }
}

/// The attempts of one exchange so far.
struct AttemptLog {
    /// Those that are over, in the order in which they ended.
    private(set) var records: [AttemptRecord] = []
    private(set) var failures: [FailedAttempt] = []
    /// How many were begun.
    private(set) var count = 0
    /// How many of them on free models.
    private(set) var freeCount = 0

    mutating func begin(isFree: Bool) {
        count += 1
        if isFree { freeCount += 1 }
    }

    /// - Parameter failure: why it failed; nil when it did not.
    mutating func end(
        _ attempt: Attempt, _ outcome: AttemptRecord.Outcome, failure: Failure? = nil, wasCommitted: Bool = false,
        now: Moment
    ) {
        let record = AttemptRecord(
            number: attempt.number, model: attempt.model.id, outcome: outcome, reason: failure?.summary ?? "",
            duration: now.monotonic - attempt.started.monotonic, events: attempt.reader.progress.eventCount,
            wasCommitted: wasCommitted)
        records.append(record)
        if let failure { failures.append(FailedAttempt(record: record, failure: failure)) }
    }

    func failures(of model: Model) -> Int { failures.count { $0.model == model.id } }
}
