/// Judges every way an attempt can fail. All rules are here, one row each, so that each decision can be traced to its line.
/// The first row that matches counts.
package enum FailureRules {
    /// What the reply's headers say about trying again.
    package struct RetryHints: Equatable {
        /// `Retry-After`.
        package var retryAfter: Span?
        /// `X-RateLimit-Reset`.
        package var reset: UnixTime?
        /// `X-RateLimit-Limit`, in requests.
        package var limit: Int?

        package init(retryAfter: Span? = nil, reset: UnixTime? = nil, limit: Int? = nil) {
            self.retryAfter = retryAfter
            self.reset = reset
            self.limit = limit
        }
    }

    struct Rule: Sendable {
        /// What the row is about, for people.
        let name: StaticString
        let kind: Failure.Kind
        let scope: Failure.Scope
        let decision: Failure.Decision
        /// The times that the upstream names are filled in.
        let cooldown: Failure.Cooldown
        let counts: Bool
        let isTransient: Bool
        /// What to answer if it is the last word; 0 for the upstream's own status.
        let status: Int
        let window: Failure.AccountLimit.Window?
        let matches: @Sendable (Symptom) -> Bool

        init(
            _ name: StaticString, _ kind: Failure.Kind, _ scope: Failure.Scope, _ decision: Failure.Decision,
            _ cooldown: Failure.Cooldown, counts: Bool = false, isTransient: Bool = false, status: Int,
            window: Failure.AccountLimit.Window? = nil, _ matches: @escaping @Sendable (Symptom) -> Bool
        ) {
            self.name = name
            self.kind = kind
            self.scope = scope
            self.decision = decision
            self.cooldown = cooldown
            self.counts = counts
            self.isTransient = isTransient
            self.status = status
            self.window = window
            self.matches = matches
        }
    }

    // MARK: Failures that a reply reports

    /// What the upstream may answer. A provider's 401 says nothing about our key, its 400 nothing about the next
    /// model; OpenRouter's own do.
    static let rules: [Rule] = [
        // 401
        Rule("provider rejects OpenRouter", .refused, .provider, .nextModel, .usual, counts: true, status: 502) {
            $0.code == 401 && $0.hasProvider
        },
        Rule("our key is rejected", .keyRejected, .key, .stop, .none, status: 401) { $0.code == 401 },

        // 402
        Rule("too much in flight for the balance", .unpaid, .account, .stop, .account(until: nil), status: 402) {
            $0.code == 402 && ($0.error.limitSource == "openrouter_in_flight_budget" || $0.says("in-flight"))
        },
        Rule("the balance is too low for this answer's length", .unpaid, .request, .nextModel, .none, status: 402) {
            $0.code == 402 && $0.says("fewer max_tokens", "can only afford")
        },
        Rule("the provider wants money", .unavailable, .provider, .nextModel, .usual, counts: true, status: 502) {
            $0.code == 402 && $0.hasProvider
        },
        Rule("no credits", .unpaid, .account, .stop, .account(until: nil), status: 402) { $0.code == 402 },

        // 403
        Rule("the key's own limit is used up", .keyRejected, .key, .stop, .none, status: 403) {
            $0.code == 403 && $0.begins("key limit exceeded")
        },
        Rule("moderation objects to the words", .refused, .request, .nextModel, .none, status: 403) {
            $0.code == 403 && ($0.error.hasModerationReasons || $0.says("requires moderation", "was flagged"))
        },
        Rule("not in this region", .notOffered, .model, .nextModel, .untilListChanges, status: 403) {
            $0.code == 403 && $0.says("not available in your region", "geo restriction")
        },
        Rule("only for certain apps", .notOffered, .model, .nextModel, .untilListChanges, status: 403) {
            $0.code == 403 && $0.says("only available on")
        },
        Rule("the provider forbids it", .refused, .provider, .nextModel, .usual, counts: true, status: 403) {
            $0.code == 403 && $0.hasProvider
        },
        Rule("forbidden", .refused, .model, .nextModel, .usual, counts: true, status: 403) { $0.code == 403 },

        // 404
        Rule("a page that is not there", .unavailable, .provider, .nextModel, .usual, counts: true, status: 502) {
            $0.code == 404 && !$0.isExplained
        },
        Rule("the provider has no such model", .unavailable, .provider, .nextModel, .usual, counts: true, status: 502) {
            $0.code == 404 && $0.hasProvider
        },
        Rule("no provider that the request allows", .refused, .request, .nextModel, .none, status: 404) {
            $0.code == 404 && $0.says("no allowed providers")
        },
        Rule("the account's privacy settings", .notOffered, .account, .nextModel, .fixed(.hours(1)), status: 404) {
            $0.code == 404 && $0.says("data policy", "guardrail", "settings/privacy")
        },
        Rule("no provider for what the request asks", .refused, .request, .nextModel, .none, status: 404) {
            $0.code == 404 && $0.says("endpoints found that")
        },
        Rule("the model is gone", .gone, .model, .nextModel, .untilListChanges, status: 404) {
            $0.code == 404 || $0.code == 410
        },

        // 400 and its like
        Rule("no such model", .gone, .model, .nextModel, .untilListChanges, status: 404) {
            $0.code == 400 && $0.says("is not a valid model id")
        },
        Rule("too long for the model", .tooLong, .request, .nextModel, .none, status: 400) {
            ($0.code == 400 || $0.code == 413 || $0.code == 422)
                && ($0.error.errorType.includes("context_length")
                    || $0.says(
                        "context length", "context_length", "context window", "maximum context", "too many tokens",
                        "prompt is too long", "input is too long"))
        },
        Rule("too large for the upstream", .tooLong, .request, .nextModel, .none, status: 413) { $0.code == 413 },
        Rule("a provider's objection", .refused, .provider, .nextModel, .none, status: 0) {
            (400..<500).contains($0.code) && ![408, 409, 425, 429].contains($0.code) && $0.hasProvider
        },

        // 429
        Rule(
            "free requests of this minute are used up", .accountLimited, .account, .sameModelOnce, .none, status: 429,
            window: .minute
        ) {
            $0.code == 429 && $0.says("free-models-per-min")
        },
        Rule(
            "free requests of today are used up", .accountLimited, .account, .stop, .none, status: 429, window: .day
        ) {
            $0.code == 429
                && ($0.says("free-models-per-day") || $0.error.limitSource.hasPrefix("openrouter_free_tier"))
        },
        Rule(
            "the model's or its provider's limit", .rateLimited, .provider, .nextModel, .rateLimit(until: nil),
            status: 429
        ) {
            $0.code == 429
        },

        // The rest of 4xx
        Rule(
            "asked at a bad moment", .unavailable, .provider, .nextModel, .usual, counts: true, isTransient: true,
            status: 502
        ) {
            $0.code == 408 || $0.code == 409 || $0.code == 425
        },
        Rule("the request is wrong", .invalidRequest, .request, .stop, .none, status: 0) {
            (400..<500).contains($0.code)
        },

        // Redirects are never followed: they would carry the key to another host.
        Rule("a redirect", .unavailable, .network, .stop, .none, status: 502) { (300..<400).contains($0.code) },

        // 5xx, whether OpenRouter's, a provider's or a gateway's page, and whatever else there may be
        Rule(
            "the provider is down, overloaded or broken", .unavailable, .provider, .nextModel, .usual, counts: true,
            isTransient: true, status: 502
        ) { _ in true },
    ]

    /// The rows as the documentation tells them. Each failure's summary holds its row's name.
    package static var documentation: [(name: String, scope: Failure.Scope, decision: Failure.Decision, counts: Bool)] {
        rules.map { ($0.name.description, $0.scope, $0.decision, $0.counts) }
    }

    /// A reply whose status is not 200, or an error that came inside one that is.
    /// - Parameters:
    ///   - status: the status of the reply; the error's own code counts when the reply said 200.
    ///   - error: nil when the body held none, such as the HTML page of a gateway.
    package static func failure(
        status: Int, error: UpstreamError?, hints: RetryHints = RetryHints(), now: Moment
    ) -> Failure {
        let symptom = Symptom(status: status, error: error)
        let rule = rules.first { $0.matches(symptom) }!
        let until = retryTime(error: symptom.error, hints: hints, now: now)
        let words = symptom.error.explanation
        var message = symptom.error.message.isEmpty ? "upstream answered status \(symptom.code)" : words
        if rule.scope == .key, rule.status == 401 {
            message = "OpenRouter rejected the API key (\(message)): check OPENROUTER_API_KEY"
        }
        return Failure(
            kind: rule.kind, scope: rule.scope, decision: rule.decision, cooldown: rule.cooldown.until(until),
            counts: rule.counts, isTransient: rule.isTransient, status: rule.status == 0 ? symptom.code : rule.status,
            message: message, summary: LogSummary.of(symptom, rule: rule.name),
            accountLimit: rule.window.map { window in
                .init(window: window, limit: symptom.error.limit ?? hints.limit, reset: until)
            }, requestedTokens: symptom.error.requestedTokens)
    }

    /// The later of all the times named, in whole seconds.
    private static func retryTime(error: UpstreamError, hints: RetryHints, now: Moment) -> UnixTime? {
        let second = now.wall.wholeSecond
        let waits = [error.retryAfter, hints.retryAfter].compactMap { $0 }
        let resets = [error.reset, hints.reset].compactMap { $0 }
        let times = waits.map { second + $0 } + resets.map { $0.wholeSecond < $0 ? $0.wholeSecond + .seconds(1) : $0 }
        return times.max().map { max(second, min($0, second + longestWait)) }
    }

    /// No limit is longer than a day; a number beyond that is a mistake, not a wish.
    private static let longestWait = Span.days(1)

    // MARK: Failures without a reply

    /// The connection was made and broke before an answer began.
    package static func network(_ reason: String) -> Failure {
        own(.network, .network, .nextModel, .none, isTransient: true, 502, "OpenRouter cannot be reached: \(reason)")
    }

    /// No connection was made at all. It would be the same for every model.
    package static func unreachable(_ reason: String) -> Failure {
        own(
            .network, .network, .sameModelOnce, .none, isTransient: true, 502, "OpenRouter cannot be reached: \(reason)"
        )
    }

    package static func silent(for limit: Span) -> Failure {
        own(
            .silent, .model, .nextModel, .usual, counts: true, isTransient: true, 504,
            "no answer within \(limit.secondsRoundedUp) s")
    }

    package static func idle(for limit: Span) -> Failure {
        own(
            .silent, .model, .nextModel, .usual, counts: true, isTransient: true, 504,
            "the answer stopped for \(limit.secondsRoundedUp) s")
    }

    package static let empty = own(
        .empty, .model, .nextModel, .usual, counts: true, isTransient: true, 502, "the model gave an empty answer")

    /// The client's own limit on tokens was reached before the first word. A model that thinks less may get further.
    package static let noRoom = own(
        .empty, .request, .nextModel, .none, 502, "the limit on tokens left no room for an answer")

    package static let cut = own(
        .broken, .provider, .nextModel, .usual, counts: true, isTransient: true, 502,
        "the connection ended in the middle of the answer")

    package static let endedInError = own(
        .broken, .provider, .nextModel, .usual, counts: true, isTransient: true, 502,
        "the answer ended in an error that gives no reason")

    /// - Parameter detail: what must not be in the log.
    package static func malformed(_ reason: String, detail: String = "") -> Failure {
        let summary = "malformed response: \(reason)"
        var failure = own(
            .malformed, .model, .nextModel, .usual, counts: true, isTransient: true, 502, summary + detail)
        failure.summary = summary
        return failure
    }

    private static func own(
        _ kind: Failure.Kind, _ scope: Failure.Scope, _ decision: Failure.Decision, _ cooldown: Failure.Cooldown,
        counts: Bool = false, isTransient: Bool = false, _ status: Int, _ message: String
    ) -> Failure {
        Failure(
            kind: kind, scope: scope, decision: decision, cooldown: cooldown, counts: counts, isTransient: isTransient,
            status: status, message: message, summary: message)
    }
}
