/// One way in which a simulated model fails during part of the day.
package struct Trouble {
    package enum Kind {
        /// The provider is down: errors of status 502 and 503, and a gateway's page.
        case outage
        /// The provider's pool for free requests is empty: status 429 from the provider.
        case poolExhausted
        /// The stream ends well, without a word.
        case emptyAnswer
        /// The connection breaks before the first word.
        case breaksBeforeFirstWord
        /// The connection breaks, or an error comes, in the middle of the answer.
        case breaksMidway
        /// Nothing but comments comes.
        case silence
        /// The first word takes longer, by so many seconds.
        case slowStart(seconds: Double)
        /// The model is no longer there, though the list still names it.
        case gone
    }

    let kind: Kind
    /// Hours of the day.
    let from: Double
    let until: Double
    let probability: Double
    /// For so many seconds it is either there for every request or for none; 0 when each request has its own luck.
    let steadySeconds: Double

    package init(
        _ kind: Kind, from: Double = 0, until: Double = 48, probability: Double = 1, steadySeconds: Double = 0
    ) {
        self.kind = kind
        self.from = from
        self.until = until
        self.probability = probability
        self.steadySeconds = steadySeconds
    }
}
