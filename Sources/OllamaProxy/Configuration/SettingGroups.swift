/// How the upstream is reached.
package struct UpstreamSettings: Equatable {
    package var baseURL = "https://openrouter.ai/api/v1"
    package var apiKey = ""
    /// The certificates to believe it by; nil for the system's.
    package var certificatesPath: String?
    package var connectTimeout = Span.seconds(10)

    /// The host, and its port where that is named.
    package var name: String {
        String(baseURL.cut(at: "://")?.after.prefix { $0 != "/" } ?? Substring(baseURL))
    }

    /// Where the key travels to without encryption, other than to this machine; nil where it does not.
    var unprotectedHost: String? {
        guard baseURL.lowercased().hasPrefix("http://") else { return nil }
        let host = String(baseURL.dropFirst("http://".count).prefix { $0 != "/" })
        return ["localhost", "127.", "[::1]"].contains { host.hasPrefix($0) } ? nil : host
    }

    /// The URL without its path.
    package var root: String {
        guard let (scheme, rest) = baseURL.cut(at: "://") else { return baseURL }
        return scheme + "://" + rest.prefix { $0 != "/" }
    }
}

/// Which models are used, and how they are chosen from.
package struct ModelSettings: Equatable {
    package var toolUseOnly = false
    package var names = Catalog.NameStyle.full
    package var order = Catalog.ModelOrder.context
    /// An unknown name is an error, and so is a model that cannot do what is asked of it.
    package var isStrict = false
    package var aliases = ConfiguredAliases()
    /// The most that a million tokens may cost, in dollars; nil for any price.
    package var maxPricePerMillion: Double?
    /// Tried when the model asked for fails, outside free mode.
    package var fallbacks: [String] = []
    /// The model that turns texts into vectors; empty when none is set.
    package var embeddingModel = ""
    /// The files to look for the filter in; the first that exists counts.
    package var filterPaths = ["models-filter/filter", "/models-filter/filter"]
    package var refreshInterval = Span.hours(24)
}

/// What is remembered, and what follows from it.
package struct LedgerSettings: Equatable {
    package var failures = FailureLedger.Policy()
    package var budget = BudgetLedger.Policy()
    /// How long the history is kept; 0 for not at all.
    package var historyDays = 14
}

/// What is logged.
package struct LogSettings: Equatable {
    package enum Level: Int, CaseIterable {
        case debug, info, warn, error

        package var name: String {
            switch self {
            case .debug: "debug"
            case .info: "info"
            case .warn: "warn"
            case .error: "error"
            }
        }
    }

    /// How a line of the log is written.
    package enum Format: String, CaseIterable {
        /// `name=value`, for people and most programs.
        case text
        /// One JSON object.
        case json
    }

    package var level = Level.info
    package var format = Format.text
}
