/// One failed attempt, judged: what failed, whose fault it was and what follows.
package struct Failure: Equatable {
    package var kind: Kind
    package var decision: Decision
    package var coolDown: CoolDown
    /// The status to answer a client with, should this failure be the last word.
    package var status: Int
    /// For the client: what happened, in the upstream's words where there are any.
    package var message: String
    /// For the log: what happened, without a word that may come out of a message. Upstreams quote what they object to.
    package var summary: String
    /// Whether the models list is out of date.
    package var meansModelIsGone = false

    package enum Kind: String, CaseIterable {
        /// The model's or its provider's request limit.
        case rateLimited = "rate_limited"
        /// The account's own limit on free requests, shared by all free models.
        case accountLimited = "account_limited"
        /// The account lacks credits.
        case unpaid
        /// The key is wrong, or used up.
        case keyRejected = "key_rejected"
        /// The provider is down, overloaded or broken.
        case unavailable
        /// No such model any more, or none that this account may use.
        case gone
        /// The model or its provider will not take this request; another may.
        case refused
        /// The request itself is wrong; no model would take it.
        case invalidRequest = "invalid_request"
        /// The answer ended without a word.
        case empty
        /// Nothing came within the time limit.
        case silent
        /// The answer was cut short or ended in an error.
        case broken
        /// What came is not an answer at all.
        case malformed
        /// The upstream could not be reached.
        case network
    }

    package enum Decision: Equatable {
        /// Another model may do better.
        case nextModel
        /// Whatever model is tried, the outcome is the same.
        case stop
    }

    package enum CoolDown: Equatable {
        /// The model is not to blame.
        case none
        /// The model rests for the usual time, longer with each failure in a row.
        case usual
        /// The model rests for a minute or until the given time, whichever is later.
        case rateLimit(until: Int64?)
        /// All free models rest until the given time.
        case account(until: Int64?)
    }

    package init(
        _ kind: Kind, _ decision: Decision, _ coolDown: CoolDown, status: Int, message: String, summary: String? = nil
    ) {
        self.kind = kind
        self.decision = decision
        self.coolDown = coolDown
        self.status = status
        self.message = message
        self.summary = summary ?? message
    }
}
