/// What the exchange wants done. The runtime performs actions in the order they come.
package enum ExchangeAction {
    /// Send the request's body for this attempt's model upstream.
    case startAttempt(Attempt)
    /// Cancel the attempt at once: its answer is no longer wanted.
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
    case reportFailure(FailedAttempt)
    /// A second attempt was begun because the first is silent, or an answer that broke is resumed.
    case reportStep(ExchangeStep)
    /// The models list is out of date.
    case refreshModels
    /// The exchange is over; nothing follows but what is left of the output.
    case finish(ExchangeRecord)
}

/// Something out of the ordinary, for the log.
package enum ExchangeStep: Equatable {
    /// The exchange waits for a free request to be allowed: so long, by what is known.
    case queued(for: Span)
    /// A second model is asked, because the first says nothing.
    case hedged(model: String)
    /// A model goes on with the answer that another began.
    case resumed(model: String)
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
