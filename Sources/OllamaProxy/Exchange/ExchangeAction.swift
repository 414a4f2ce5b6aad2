/// What the exchange wants done. The runtime performs actions in the order they come.
package enum ExchangeAction {
    /// Send the request's body for this attempt's model upstream.
    case startAttempt(Attempt)
    /// Break the attempt off at once: nobody wants its answer any more.
    case cancelAttempt(Attempt)
    /// The attempt has said all it has to: let it end by itself, so that its connection can serve again.
    case releaseAttempt(Attempt)
    /// The body of this attempt's request will not be sent again, to no model.
    case forgetBody(Attempt)
    /// The exchange waits for its turn in the queue: call `turnCame` when it is first and a request is allowed.
    case awaitTurn
    /// Start the reply's stream; what it consists of is taken from the exchange's output as it comes.
    case beginStream(ReplyHead)
    /// Send the whole reply, whose body is the exchange's output.
    case sendWhole(ReplyHead)
    /// An attempt failed; another may follow.
    case reportAttempt(AttemptReport)
    /// A second attempt was begun because the first is silent, or an answer that broke is taken up.
    case reportStep(ExchangeStep)
    /// The models list is out of date.
    case refreshModels
    /// The exchange is over; nothing follows but what is left of the output.
    case finish(ExchangeReport)
}

/// Something out of the ordinary, for the log.
package enum ExchangeStep: Equatable {
    /// The exchange waits for a free request to be allowed: so long, by what is known.
    case queued(for: Span)
    /// A second model is asked, because the first says nothing.
    case hedged(model: String)
    /// A model takes up the answer that another began.
    case continued(model: String)
}

/// Status and headers of a reply.
package struct ReplyHead: Equatable {
    package var status: Int
    package var contentType: StaticString
    /// The id of the model that answers; nil when none does.
    package var model: String?
    /// Attempts so far.
    package var attempts: Int
    /// Free requests left today; nil when nothing is counted or held back.
    package var budgetRemaining: Int?
    package var retryAfter: Span?

    package static func == (head: ReplyHead, other: ReplyHead) -> Bool {
        head.status == other.status && head.contentType.description == other.contentType.description
            && head.model == other.model && head.attempts == other.attempts
            && head.budgetRemaining == other.budgetRemaining && head.retryAfter == other.retryAfter
    }
}

/// One failed attempt, for the log.
package struct AttemptReport: Equatable {
    /// From 1.
    package var number: Int
    package var model: String
    package var failure: Failure
    /// Whether the client had been sent part of the answer.
    package var wasCommitted: Bool
}

/// One whole exchange, for the log and for what is shown of it.
package struct ExchangeReport: Equatable {
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
    package var attempts: Int
    package var status: Int
    /// How long it waited for a free request to be allowed.
    package var waited: Span
    /// How long the first word took; nil when there was none.
    package var timeToFirstToken: Span?
    package var usage: AnswerEvent.Usage?
    /// Every attempt, in the order in which they ended.
    package var traces: [AttemptTrace] = []

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
