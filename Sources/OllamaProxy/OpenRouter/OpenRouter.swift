/// What is true of OpenRouter and of no other upstream, where it is a word or a number.
package enum OpenRouter {
    /// Lists the models; behind the base URL.
    package static let modelsPath = "/models"
    /// Says what the key allows; behind the base URL.
    package static let keyPath = "/key"

    /// Requests to free models that an account is allowed, as documented in August 2026.
    enum FreeLimits {
        static let perMinute = 20
        static let perDayWithoutCredits = 50
        /// Once ten dollars of credits were bought.
        static let perDayWithCredits = 1000
    }

    /// Whether a model costs nothing, by its id: `vendor/name:free`.
    static func isFree(id: String) -> Bool { id.hasSuffix(":free") || id == "openrouter/free" }

    /// Whether a model is none itself, and passes the request on to one that OpenRouter chooses.
    static func isRouter(vendor: some StringProtocol) -> Bool { vendor == "openrouter" }

    /// Whether a tool is run by OpenRouter, by its name.
    static func runs(toolNamed name: String) -> Bool {
        name == "shell" || name.hasPrefix("openrouter:") || name.hasPrefix("web_search")
    }
}

extension FailureRules.RetryHints {
    /// Reads a header of a reply; those that say nothing of when to try again are passed over.
    package mutating func read(_ name: Bytes, _ value: Bytes) {
        if name.equalsIgnoringCase("retry-after") {
            retryAfter = Int(value.text).map { .seconds($0) }
        } else if name.equalsIgnoringCase("x-ratelimit-limit") {
            limit = Int(value.text)
        } else if name.equalsIgnoringCase("x-ratelimit-reset") {
            reset = Int(value.text).map { .epoch + .milliseconds($0) }
        }
    }
}
