/// One whole exchange, for the log and for what is shown of it.
package struct ExchangeRecord: Equatable {
    package enum Outcome: String, CaseIterable {
        case answered
        case failed
        case clientLeft = "client_left"
        case shutDown = "shut_down"
    }

    package var outcome: Outcome
    package var requestedName: String
    /// The id of the model that answered, or that was answering last; nil when none was tried.
    package var model: String?
    /// How many were begun.
    package var attemptCount: Int
    package var status: Int
    /// How long it waited for a free request to be allowed.
    package var waited: Span
    /// How long the first word took; nil when there was none.
    package var timeToFirstToken: Span?
    package var usage: AnswerEvent.Usage?
    /// Every attempt, in the order in which they ended.
    package var attempts: [AttemptRecord] = []

    /// The usage as it can be added up for years: an upstream may claim anything.
    var countedUsage: AnswerEvent.Usage? {
        let most = 1 << 32
        return usage.map {
            AnswerEvent.Usage(
                promptTokens: min(max(0, $0.promptTokens), most),
                completionTokens: min(max(0, $0.completionTokens), most))
        }
    }
}
