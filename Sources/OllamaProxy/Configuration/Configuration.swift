/// All that can be set. Every value has been checked.
package struct Configuration: Equatable {
    package enum LogLevel: Int, CaseIterable {
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
    package enum LogFormat: String, CaseIterable {
        /// `name=value`, for people and most programs.
        case text
        /// One JSON object.
        case json
    }

    /// Where to listen.
    package struct Address: Equatable {
        /// A host name or an IP address without brackets; empty for all interfaces.
        package var host: String
        /// 0 lets the system choose.
        package var port: UInt16
        /// Whether other processes may listen on the same port, all of them saying so.
        package var isShared = false

        package init(host: String, port: UInt16) {
            self.host = host
            self.port = port
        }
    }

    package var apiKey = ""
    package var baseURL = "https://openrouter.ai/api/v1"
    package var freeMode = true
    package var toolUseOnly = false
    package var modelNames = Catalog.NameStyle.full
    package var modelOrder = Catalog.ModelOrder.context
    /// An unknown name is an error, and so is a model that cannot do what is asked of it.
    package var isStrict = false
    package var aliases = ConfiguredAliases()
    /// The most that a million tokens may cost, in dollars; nil for any price.
    package var maxPricePerMillion: Double?
    /// Tried when the model asked for fails, outside free mode.
    package var fallbackModels: [String] = []
    package var budgetPolicy = BudgetLedger.Policy()
    package var logLevel = LogLevel.info
    package var logFormat = LogFormat.text
    /// Whether there is a status page, and what it is made from.
    package var hasStatusPage = true
    package var hasMetrics = true
    /// As long as the past is kept; 0 for not at all.
    package var historyDays = 14
    /// The model that turns texts into vectors; empty when none is set.
    package var embeddingModel = ""
    /// Origins of web pages that may use the server, besides those on this machine.
    package var origins: [String] = []
    package var address = Address(host: "127.0.0.1", port: 11434)
    package var dataDirectory = "data"
    /// The files to look for the filter in; the first that exists counts.
    package var filterPaths: [String] = []
    package var limits = ExchangeMachine.Limits()
    package var failurePolicy = FailureLedger.Policy()
    package var connectTimeout = Span.seconds(10)
    package var shutdownGrace = Span.seconds(10)
    package var modelsRefreshInterval = Span.hours(24)
    /// What clients have to show.
    package var clientKeys = ClientKeys()
    package var serverLimits = ServerLimits()
    /// The certificates to believe the upstream by; nil for the system's.
    package var certificatesPath: String?
    /// Notes for the log, about settings that work but should be changed.
    package var warnings: [String] = []

    package init() {}

    /// Which models are used, and how they are chosen from.
    package func selection(filter: ModelFilter, aliases given: Aliases) -> Catalog.Selection {
        var selection = Catalog.Selection(
            freeOnly: freeMode, toolUseOnly: toolUseOnly, filter: filter, names: modelNames, aliases: given,
            embeddingModel: embeddingModel)
        selection.configuredAliases = aliases
        selection.maxPricePerMillion = maxPricePerMillion
        selection.fallbackModels = freeMode ? [] : fallbackModels
        selection.order = modelOrder
        selection.isStrict = isStrict
        return selection
    }

    /// Where the models list is kept. The two modes keep different models, so each keeps a file of its own.
    package var modelsCachePath: String { dataDirectory + (freeMode ? "/free-models" : "/all-models") }

    /// Where failures, the budget and the models' performance are kept.
    package var databasePath: String { dataDirectory + "/failures.db" }

    package var secret: Secret { Secret([apiKey] + clientKeys.secrets) }

    /// The upstream's host, and its port where that is named.
    package var upstreamName: String {
        String(baseURL.cut(at: "://")?.after.prefix { $0 != "/" } ?? Substring(baseURL))
    }

    /// The upstream as a URL without its path.
    package var remoteHost: String {
        guard let (scheme, rest) = baseURL.cut(at: "://") else { return baseURL }
        return scheme + "://" + rest.prefix { $0 != "/" }
    }
}

/// A setting that cannot be used: which, what it is, and what is allowed.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(_ variable: String, value: String, allowed: String) {
        description = "\(variable)=\(value): must be \(allowed)"
    }

    init(_ description: String) {
        self.description = description
    }
}
