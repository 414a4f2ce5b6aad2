/// All that can be set. Every value has been checked.
package struct Configuration: Equatable {
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

    /// Whether only free models are used.
    package var freeMode = true
    package var upstream = UpstreamSettings()
    package var models = ModelSettings()
    package var limits = ExchangeMachine.Limits()
    package var ledgers = LedgerSettings()
    package var log = LogSettings()
    package var dataDirectory = "data"
    /// Whether there is a status page, and what it is made from.
    package var hasStatusPage = true
    package var hasMetrics = true
    package var address = Address(host: "127.0.0.1", port: 11434)
    /// Origins of web pages that may use the server, besides those on this machine.
    package var origins: [String] = []
    /// What clients have to show.
    package var clientKeys = ClientKeys()
    package var serverLimits = ServerLimits()
    package var shutdownGrace = Span.seconds(10)
    /// Notes for the log, about settings that work but should be changed.
    package var warnings: [String] = []

    package init() {}

    /// Which models are used, and how they are chosen from.
    package func selection(filter: ModelFilter, aliases given: Aliases) -> Catalog.Selection {
        var selection = Catalog.Selection(
            freeOnly: freeMode, toolUseOnly: models.toolUseOnly, filter: filter, names: models.names, aliases: given,
            embeddingModel: models.embeddingModel)
        selection.configuredAliases = models.aliases
        selection.maxPricePerMillion = models.maxPricePerMillion
        selection.fallbackModels = freeMode ? [] : models.fallbacks
        selection.order = models.order
        selection.isStrict = models.isStrict
        return selection
    }

    /// Where the models list is kept. The two modes keep different models, so each keeps a file of its own.
    package var modelsCachePath: String { dataDirectory + (freeMode ? "/free-models" : "/all-models") }

    /// Where failures, the budget and the models' performance are kept.
    package var databasePath: String { dataDirectory + "/failures.db" }

    package var secret: Secret { Secret([upstream.apiKey] + clientKeys.secrets) }

    package var upstreamName: String { upstream.name }

    package var remoteHost: String { upstream.root }
}

/// A setting that cannot be used: which, what it is, and what is allowed.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(_ name: String, _ text: String, _ refusal: Setting.Refusal) {
        switch refusal {
        case .mustBe(let allowed, let shown): description = "\(name)=\(shown ?? text): must be \(allowed)"
        case .because(let reason): description = "\(name): \(reason)"
        }
    }

    init(_ description: String) {
        self.description = description
    }
}
