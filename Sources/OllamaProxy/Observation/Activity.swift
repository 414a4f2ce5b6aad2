/// What the server has done since it started: everything that is counted, and the last requests.
package final class Activity {
    /// The models that metrics tell apart; the attempts at all others are counted together, so that no list of models, and
    /// no client that asks for one after the other, makes them grow without bound.
    package static let mostModels = 100
    static let otherModels = "other"

    struct Reply: Hashable {
        /// nil for what has no route: an unknown path, a method that a path does not take, a question about origins.
        var route: Route?
        var status: Int
    }

    struct AttemptKey: Hashable {
        var model: String
        var outcome: String
    }

    package private(set) var recent = RecentRequests()
    private(set) var replies: [Reply: Int] = [:]
    private(set) var exchanges: [ExchangeRecord.Outcome: Int] = [:]
    private(set) var attempts: [AttemptKey: Int] = [:]
    private var models = Set<String>()
    private(set) var fallbacks = 0
    private(set) var events = 0
    private(set) var promptTokens = 0
    private(set) var completionTokens = 0
    private(set) var firstTokens = Histogram(bounds: [0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120])
    private(set) var durations = Histogram(bounds: [0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600])

    package init() {}

    /// A request was answered, or its client has left.
    /// - Parameter route: nil for what has none.
    package func recordReply(route: Route?, status: Int) {
        replies[Reply(route: route, status: status), default: 0] += 1
    }

    /// A request that asked for a model is over.
    package func record(_ record: RequestRecord) {
        let report = record.report
        recent.record(record)
        exchanges[report.outcome, default: 0] += 1
        fallbacks += max(0, report.attemptCount - 1)
        durations.record(record.duration)
        if let time = report.timeToFirstToken { firstTokens.record(time) }
        if let usage = report.countedUsage {
            promptTokens += usage.promptTokens
            completionTokens += usage.completionTokens
        }
        for trace in report.attempts {
            events += trace.events
            attempts[AttemptKey(model: label(of: trace.model), outcome: trace.outcome.name), default: 0] += 1
        }
    }

    private func label(of model: String) -> String {
        if models.contains(model) { return model }
        guard models.count < Self.mostModels else { return Self.otherModels }
        models.insert(model)
        return model
    }
}
