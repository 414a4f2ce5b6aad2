/// What the exchange wants done. The runtime performs actions in the order they come.
package enum ExchangeAction {
    /// Send the request's body for this model upstream.
    case startAttempt(Model)
    /// Break the running attempt off at once: nobody wants its answer any more.
    case cancelAttempt
    /// The running attempt has said all it has to: let it end by itself, so that its connection can serve again.
    case releaseAttempt
    /// Start the reply's stream; what it consists of is taken from the exchange's output as it comes.
    case beginStream(ReplyHead)
    /// Send the whole reply, whose body is the exchange's output.
    case sendWhole(ReplyHead)
    /// An attempt failed; another may follow.
    case reportAttempt(AttemptReport)
    /// The models list is out of date.
    case refreshModels
    /// The exchange is over; nothing follows but what is left of the output.
    case finish(ExchangeReport)
}

/// Status and headers of a reply.
package struct ReplyHead: Equatable {
    package var status: Int
    package var contentType: StaticString
    /// The id of the model that answers; nil when none does.
    package var model: String?
    package var retryAfterSeconds: Int?

    package static func == (head: ReplyHead, other: ReplyHead) -> Bool {
        head.status == other.status && head.contentType.description == other.contentType.description
            && head.model == other.model && head.retryAfterSeconds == other.retryAfterSeconds
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

/// One whole exchange, for the log.
package struct ExchangeReport: Equatable {
    package enum Outcome: String {
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
    /// Nanoseconds from the request to the first word; nil when there was none.
    package var timeToFirstToken: Int64?
    package var usage: ChatChunk.Usage?
}
