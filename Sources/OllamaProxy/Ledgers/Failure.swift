/// One failed attempt, judged: what failed, whose fault it was and what follows.
package struct Failure: Equatable {
    package var kind: Kind
    package var scope: Scope
    package var decision: Decision
    package var cooldown: Cooldown
    /// Whether it counts against the model: the next cooldown is longer for it.
    package var counts = false
    /// Whether the same model may well answer when asked again at once.
    package var isTransient = false
    /// The status to answer a client with, should this failure be the last word.
    package var status: Int
    /// For the client: what happened, in the upstream's words where there are any.
    package var message: String
    /// For the log: what happened, without a word that may come out of a message. Upstreams quote what they object to.
    package var summary: String
    /// The account's limit that was met; nil when it was none.
    package var accountLimit: AccountLimit?
    /// The length of a request that was too long, as the upstream counted it, in tokens; nil when it did not say.
    package var requestedTokens: Int?

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
        /// No such model any more.
        case gone
        /// The model is there, but not for this account, this region or this kind of app.
        case notOffered = "not_offered"
        /// The model or its provider will not take this request; another may.
        case refused
        /// The request is too long for the model.
        case tooLong = "too_long"
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
        /// The connection broke, or was never made.
        case network
    }

    /// Whose failure it is.
    package enum Scope: String, CaseIterable {
        case model, provider, request, account, key, network
    }

    package enum Decision: Equatable {
        /// Another model may do better.
        case nextModel
        /// The same model once more, as no other would do better; after that it is over.
        case sameModelOnce
        /// Whatever model is tried, the outcome is the same.
        case stop
    }

    package enum Cooldown: Equatable {
        /// The model is not to blame.
        case none
        /// The usual time, longer with each failure in a row that counts.
        case usual
        /// A minute or until the given time, whichever is later.
        case rateLimit(until: UnixTime?)
        /// Until the models list changes, for a day at most.
        case untilListChanges
        /// A fixed time.
        case fixed(Span)
        /// For all free models, until the given time.
        case account(until: UnixTime?)

        /// The same, with the time that the upstream names where one matters.
        func until(_ time: UnixTime?) -> Cooldown {
            switch self {
            case .rateLimit: .rateLimit(until: time)
            case .account: .account(until: time)
            case .none, .usual, .untilListChanges, .fixed: self
            }
        }
    }

    /// A limit on the account's free requests, as the upstream reports it.
    package struct AccountLimit: Equatable {
        package enum Window: Equatable { case minute, day }
        package var window: Window
        /// Requests in each; nil when it was not said.
        package var limit: Int?
        /// When the next begins; nil when it was not said.
        package var reset: UnixTime?

        package init(window: Window, limit: Int?, reset: UnixTime?) {
            self.window = window
            self.limit = limit
            self.reset = reset
        }
    }
}
