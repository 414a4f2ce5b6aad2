/// Judges every way an attempt can fail. All rules stand here, so that each decision can be traced to its line.
package enum Classification {
    /// What the reply's headers say about trying again.
    package struct RetryHints: Equatable {
        /// `Retry-After` in seconds.
        package var retryAfterSeconds: Int?
        /// `X-RateLimit-Reset` in milliseconds since 1970.
        package var resetMilliseconds: Int64?

        package init(retryAfterSeconds: Int? = nil, resetMilliseconds: Int64? = nil) {
            self.retryAfterSeconds = retryAfterSeconds
            self.resetMilliseconds = resetMilliseconds
        }
    }

    /// A reply whose status is not 200, or an error that came inside one that is.
    /// - Parameters:
    ///   - status: the status of the reply; the error's own code counts when the reply said 200.
    ///   - error: nil when the body held none, such as the HTML page of a gateway.
    package static func failure(
        status: Int, error: UpstreamError?, hints: RetryHints = RetryHints(), now: Moment
    ) -> Failure {
        let code = status == 200 ? error?.code ?? 502 : status
        let error = error ?? UpstreamError()
        let until = retryTime(error: error, hints: hints, now: now)
        let message = error.message.isEmpty ? "upstream answered status \(code)" : error.explanation
        var failure = judge(code, error, until, message)
        failure.summary = summary(code, error)
        return failure
    }

    private static func judge(
        _ code: Int, _ error: UpstreamError, _ until: Int64?, _ message: String
    ) -> Failure {
        switch code {
        case 401: unauthorized(error, message)
        case 402: Failure(.unpaid, .stop, .account(until: until), status: 402, message: message)
        case 403: forbidden(error, message)
        case 404, 410: notFound(error, message)
        case 429: tooManyRequests(error, until, message)
        case 408, 409, 425: Failure(.unavailable, .nextModel, .usual, status: 502, message: message)
        case 413: Failure(.refused, .nextModel, .none, status: 413, message: message)
        case 400..<500: badRequest(code, error, message)
        // Redirects are never followed: they would carry the key to another host.
        case 300..<400: Failure(.unavailable, .stop, .none, status: 502, message: message)
        default: Failure(.unavailable, .nextModel, .usual, status: 502, message: message)
        }
    }

    /// What OpenRouter's own messages begin with. Nothing else of an upstream's message goes into the log.
    private static let knownMessages = [
        "Rate limit exceeded: free-models-per-min", "Rate limit exceeded: free-models-per-day", "Rate limit exceeded",
        "Provider returned error", "No endpoints found that support tool use", "No endpoints found that support image",
        "No endpoints found that can handle the requested parameters",
        "No endpoints found matching your data policy", "No endpoints found", "No allowed providers are available",
        "This model is unavailable for free", "This model is not available in your region", "Key limit exceeded",
        "User not found", "No auth credentials found", "Missing Authentication header", "Insufficient credits",
        "This request requires more credits", "This request would exceed your available credits",
        "This endpoint's maximum context length", "OpenRouter could not verify available credits",
        "Internal server error", "Upstream error",
    ]

    private static func summary(_ code: Int, _ error: UpstreamError) -> String {
        var parts = ["status \(code)"]
        if let known = knownMessages.first(where: { error.message.hasPrefix($0) }) { parts.append(known) }
        if !error.errorType.isEmpty,
            error.errorType.utf8.allSatisfy({ $0 == 0x5F || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) })
        {
            parts.append(error.errorType)
        }
        return parts.joined(separator: ", ")
    }

    /// The provider's 401 says nothing about our key; OpenRouter's own does.
    private static func unauthorized(_ error: UpstreamError, _ message: String) -> Failure {
        error.hasProvider
            ? Failure(.refused, .nextModel, .usual, status: 502, message: message)
            : Failure(
                .keyRejected, .stop, .none, status: 401,
                message: "OpenRouter rejected the API key (\(message)): check OPENROUTER_API_KEY")
    }

    private static func forbidden(_ error: UpstreamError, _ message: String) -> Failure {
        if message.starts(with: "Key limit exceeded") {
            return Failure(.keyRejected, .stop, .none, status: 403, message: message)
        }
        // Moderation objects to the words, not to the model, which stays as good as it was for others.
        let coolDown: Failure.CoolDown = error.hasModerationReasons ? .none : .usual
        return Failure(.refused, .nextModel, coolDown, status: 403, message: message)
    }

    /// "No endpoints found that support …" concerns what this request asks for; any other 404 the model itself.
    private static func notFound(_ error: UpstreamError, _ message: String) -> Failure {
        if message.includes("endpoints found that") || message.includes("No allowed providers") {
            return Failure(.refused, .nextModel, .none, status: 404, message: message)
        }
        return gone(message)
    }

    private static func gone(_ message: String) -> Failure {
        var failure = Failure(.gone, .nextModel, .usual, status: 404, message: message)
        failure.meansModelIsGone = true
        return failure
    }

    private static func tooManyRequests(_ error: UpstreamError, _ until: Int64?, _ message: String) -> Failure {
        let isAccountWide =
            message.includes("free-models-per-") || error.limitSource.hasPrefix("openrouter_free_tier")
        return isAccountWide
            ? Failure(.accountLimited, .stop, .account(until: until), status: 429, message: message)
            : Failure(.rateLimited, .nextModel, .rateLimit(until: until), status: 429, message: message)
    }

    private static func badRequest(_ code: Int, _ error: UpstreamError, _ message: String) -> Failure {
        if message.includes("is not a valid model ID") { return gone(message) }
        // A provider's objection, and a context that is too short, may not concern the next model.
        if error.hasProvider || message.includes("context length") {
            return Failure(.refused, .nextModel, .none, status: code, message: message)
        }
        return Failure(.invalidRequest, .stop, .none, status: code, message: message)
    }

    /// The later of all the times named, in seconds since 1970.
    private static func retryTime(error: UpstreamError, hints: RetryHints, now: Moment) -> Int64? {
        let waits = [error.retryAfterSeconds, hints.retryAfterSeconds].compactMap { seconds in
            seconds.map { now.unixSeconds + Int64(max(0, min($0, longestWait))) }
        }
        let resets = [error.resetMilliseconds, hints.resetMilliseconds].compactMap { milliseconds in
            milliseconds.map { min($0 / 1000 + ($0 % 1000 > 0 ? 1 : 0), now.unixSeconds + Int64(longestWait)) }
        }
        return (waits + resets).max()
    }

    /// No limit is longer than a day; a number beyond that is a mistake, not a wish.
    private static let longestWait = 86_400

    // MARK: Failures that no reply reports

    package static func network(_ reason: String) -> Failure {
        Failure(.network, .nextModel, .none, status: 502, message: "OpenRouter cannot be reached: \(reason)")
    }

    package static func silent(seconds: Int) -> Failure {
        Failure(.silent, .nextModel, .usual, status: 504, message: "no answer within \(seconds) s")
    }

    package static func idle(seconds: Int) -> Failure {
        Failure(.silent, .nextModel, .usual, status: 504, message: "the answer stopped for \(seconds) s")
    }

    package static let empty = Failure(
        .empty, .nextModel, .usual, status: 502, message: "the model gave an empty answer")

    package static let cut = Failure(
        .broken, .nextModel, .usual, status: 502, message: "the connection ended in the middle of the answer")

    package static let endedInError = Failure(
        .broken, .nextModel, .usual, status: 502, message: "the answer ended in an error that gives no reason")

    /// - Parameter detail: what the log had better not hold.
    package static func malformed(_ reason: String, detail: String = "") -> Failure {
        let summary = "the answer makes no sense: \(reason)"
        return Failure(.malformed, .nextModel, .usual, status: 502, message: summary + detail, summary: summary)
    }
}
