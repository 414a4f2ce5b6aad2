/// Reads the configuration from the environment and checks every value.
package struct ConfigurationReader {
    let environment: [String: String]
    /// The content of a file, nil when it cannot be read: the domain opens none itself.
    let fileContent: (String) -> String?
    var errors: [ConfigurationError] = []

    /// All that is wrong, so that it can be put right in one go.
    package struct Failure: Error {
        package let errors: [ConfigurationError]
    }

    private init(environment: [String: String], fileContent: @escaping (String) -> String?) {
        // A variable that is set to nothing is not set: that is how compose files write an option left out.
        self.environment = environment.mapValues(\.trimmingSpaces).filter { !$0.value.isEmpty }
        self.fileContent = fileContent
    }

    /// - Parameter needsKey: whether a missing key is an error. Commands that send nothing do without.
    package static func read(
        environment: [String: String], needsKey: Bool = true, fileContent: @escaping (String) -> String?
    ) throws(Failure) -> Configuration {
        var reader = ConfigurationReader(environment: environment, fileContent: fileContent)
        let configuration = reader.configuration(needsKey: needsKey)
        guard reader.errors.isEmpty else { throw Failure(errors: reader.errors) }
        return configuration
    }

    private mutating func configuration(needsKey: Bool) -> Configuration {
        var configuration = Configuration()
        if needsKey { readKey(into: &configuration) }
        readBaseURL(into: &configuration)
        configuration.freeMode = bool("FREE_MODE", default: true)
        configuration.toolUseOnly = bool("TOOL_USE_ONLY", default: false)
        configuration.modelNames = choice("MODEL_NAMES", of: Catalog.NameStyle.allCases, default: .full, \.rawValue)
        configuration.modelOrder = choice(
            "MODEL_ORDER", of: Catalog.ModelOrder.allCases, default: .context, \.rawValue)
        configuration.isStrict = bool("STRICT_MODELS", default: false)
        readAliases(into: &configuration)
        configuration.budgetPolicy.perMinute = optionalInteger("FREE_REQUESTS_PER_MINUTE", 0...1_000_000)
        configuration.budgetPolicy.perDay = optionalInteger("FREE_REQUESTS_PER_DAY", 0...1_000_000)
        configuration.logLevel = choice("LOG_LEVEL", of: Configuration.LogLevel.allCases, default: .info, \.name)
        configuration.logFormat = choice("LOG_FORMAT", of: Configuration.LogFormat.allCases, default: .text, \.rawValue)
        configuration.hasStatusPage = bool("STATUS_PAGE", default: true)
        configuration.hasMetrics = bool("METRICS", default: true)
        configuration.historyDays = integer("HISTORY_DAYS", 0...3650, default: 14)
        readAddress(into: &configuration)
        configuration.dataDirectory = environment["DATA_DIR"] ?? standardDataDirectory
        configuration.filterPaths =
            environment["MODEL_FILTER_PATH"].map { [$0] } ?? ["models-filter/filter", "/models-filter/filter"]
        configuration.limits.attempts = integer("MAX_ATTEMPTS", 1...100, default: 5)
        configuration.limits.firstToken = seconds("FIRST_TOKEN_TIMEOUT_SECONDS", 1...3600, default: 30)
        configuration.limits.idle = seconds("IDLE_TIMEOUT_SECONDS", 1...3600, default: 120)
        configuration.limits.total = seconds("TOTAL_TIMEOUT_SECONDS", 0...86_400, default: 0)
        configuration.limits.queue = seconds("QUEUE_SECONDS", 0...3600, default: 30)
        configuration.limits.hedge = seconds("HEDGE_AFTER_SECONDS", 0...3600, default: 0)
        configuration.limits.hedgesFree = bool("HEDGE_IN_FREE_MODE", default: false)
        configuration.limits.continuesStreams = bool("CONTINUE_STREAMS", default: false)
        configuration.limits.heartbeat = seconds("HEARTBEAT_SECONDS", 0...3600, default: 15)
        readEmbeddingModel(into: &configuration)
        readOrigins(into: &configuration)
        configuration.connectTimeout = seconds("CONNECT_TIMEOUT_SECONDS", 1...300, default: 10)
        configuration.shutdownGrace = seconds("SHUTDOWN_GRACE_SECONDS", 0...3600, default: 10)
        configuration.modelsRefreshInterval = .hours(integer("MODELS_REFRESH_HOURS", 1...8760, default: 24))
        configuration.failurePolicy.cooldown = .minutes(integer("FAILURE_COOLDOWN_MINUTES", 0...1440, default: 5))
        configuration.failurePolicy.rateLimitCooldown = .minutes(
            integer("RATELIMIT_COOLDOWN_MINUTES", 0...1440, default: 1))
        readPrices(into: &configuration)
        readClientKeys(into: &configuration)
        readServerLimits(into: &configuration)
        readCertificates(into: &configuration)
        return configuration
    }

    // MARK: Single settings

    private mutating func readKey(into configuration: inout Configuration) {
        if let key = environment["OPENROUTER_API_KEY"] {
            configuration.apiKey = checkedKey(key, from: "OPENROUTER_API_KEY")
        } else if let path = environment["OPENROUTER_API_KEY_FILE"] {
            guard let content = fileContent(path)?.trimmingSpaces, !content.isEmpty else {
                // Who puts the key itself there must not find it in a log.
                return fail(
                    "OPENROUTER_API_KEY_FILE", path.hasPrefix("/") || path.hasPrefix(".") ? path : "(not shown)",
                    "a readable file that holds the key, unless OPENROUTER_API_KEY is set")
            }
            configuration.apiKey = checkedKey(content, from: "the file named by OPENROUTER_API_KEY_FILE")
        } else if let key = environment["OPENAI_API_KEY"] {
            configuration.apiKey = checkedKey(key, from: "OPENAI_API_KEY")
            configuration.warnings.append(
                "OPENAI_API_KEY is used as the OpenRouter key; set OPENROUTER_API_KEY instead")
        } else {
            errors.append(
                ConfigurationError(
                    "OPENROUTER_API_KEY is not set: make a key at https://openrouter.ai/keys and set this variable "
                        + "to it, or OPENROUTER_API_KEY_FILE to a file that holds it"))
        }
    }

    /// The value is never part of the message: what is wrong with it may be a single space.
    private mutating func checkedKey(_ key: String, from source: String) -> String {
        if !key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) {
            errors.append(ConfigurationError("\(source): the key must be visible ASCII characters without spaces"))
        }
        return key
    }

    private mutating func readBaseURL(into configuration: inout Configuration) {
        guard var url = environment["OPENROUTER_BASE_URL"] else { return }
        let given = url
        while url.hasSuffix("/") { url.removeLast() }
        let scheme = ["https://", "http://"].first { url.lowercased().hasPrefix($0) }
        let rest = url.dropFirst(scheme?.count ?? 0)
        let isPlain = rest.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && !rest.contains { "@?#\"\\".contains($0) }
        guard scheme != nil, isPlain, let first = rest.first, first != "/" else {
            return fail(
                "OPENROUTER_BASE_URL", given.contains("@") ? "(not shown)" : given,
                "an http or https URL without user name and query, such as https://openrouter.ai/api/v1")
        }
        configuration.baseURL = url
        let host = rest.prefix { $0 != "/" }
        let isLocal = ["localhost", "127.", "[::1]"].contains { host.hasPrefix($0) }
        if scheme == "http://", !isLocal {
            configuration.warnings.append("OPENROUTER_BASE_URL uses http: the API key travels unencrypted to \(host)")
        }
    }

    private mutating func readCertificates(into configuration: inout Configuration) {
        guard let path = environment["SSL_CERT_FILE"] else { return }
        guard fileContent(path)?.includes("-----BEGIN ") == true else {
            return fail("SSL_CERT_FILE", path, "a readable file with certificates in PEM form")
        }
        configuration.certificatesPath = path
    }

    private mutating func readEmbeddingModel(into configuration: inout Configuration) {
        guard let model = environment["EMBEDDING_MODEL"] else { return }
        let isID = model.contains("/") && model.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && model.utf8.count <= 200
        guard isID, !configuration.freeMode || model.hasSuffix(":free") else {
            return fail(
                "EMBEDDING_MODEL", model,
                configuration.freeMode
                    ? "the full id of a free model, ending in :free, or FREE_MODE=false" : "the full id of a model")
        }
        configuration.embeddingModel = model
    }

    private mutating func readAliases(into configuration: inout Configuration) {
        guard let value = environment["MODEL_ALIASES"] else { return }
        var text = value
        let isFile = !value.contains("=")
        if isFile {
            guard let content = fileContent(value) else {
                return fail("MODEL_ALIASES", value, "name=model,name=model or a readable file of such lines")
            }
            text = content
        }
        do {
            configuration.aliases = try ConfiguredAliases(text: text)
        } catch {
            // A file that was named by mistake may hold a secret.
            let piece = isFile ? "an entry of \(value)" : "\"\(error.piece)\""
            errors.append(ConfigurationError("MODEL_ALIASES: \(piece) \(error.reason)"))
        }
    }

    private static func isModelName(_ name: String) -> Bool {
        name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "-")...UInt8(ascii: ":"), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "@"):
                true
            default: false
            }
        }
    }

    private mutating func readPrices(into configuration: inout Configuration) {
        if let text = environment["MAX_PRICE_PER_MILLION"] {
            if let price = Double(text), price.isFinite, price >= 0 {
                configuration.maxPricePerMillion = price
            } else {
                fail("MAX_PRICE_PER_MILLION", text, "an amount in dollars, such as 0.5")
            }
        }
        if let text = environment["FALLBACK_MODELS"] {
            let names = text.split(separator: ",").map { String($0).trimmingSpaces }.filter { !$0.isEmpty }
            guard names.allSatisfy(Self.isModelName) else {
                return fail("FALLBACK_MODELS", text, "the names of models, with commas between them")
            }
            configuration.fallbackModels = names
        }
        guard configuration.freeMode else { return }
        if configuration.limits.hedge > .zero, !configuration.limits.hedgesFree {
            configuration.warnings.append(
                "HEDGE_AFTER_SECONDS means nothing in free mode: set HEDGE_IN_FREE_MODE=true as well, or remove it")
        }
        for name in ["MAX_PRICE_PER_MILLION", "FALLBACK_MODELS"] where environment[name] != nil {
            configuration.warnings.append(
                "\(name) means nothing in free mode: set FREE_MODE=false as well, or remove it")
        }
    }

    private mutating func readOrigins(into configuration: inout Configuration) {
        guard let text = environment["OLLAMA_ORIGINS"] else { return }
        let origins = text.split(separator: ",").map { String($0).trimmingSpaces }.filter { !$0.isEmpty }
        guard origins.allSatisfy({ ($0 == "*" || $0.cut(at: "://") != nil) && $0.count(where: { $0 == "*" }) <= 1 })
        else {
            return fail(
                "OLLAMA_ORIGINS", text, "origins such as https://example.com or http://192.168.*, or *, with commas")
        }
        configuration.origins = origins
    }

    private mutating func readAddress(into configuration: inout Configuration) {
        if let text = environment["OLLAMA_HOST"] {
            if let address = OllamaHost.address(text) {
                configuration.address = address
            } else {
                fail("OLLAMA_HOST", text, "an address as Ollama takes it, such as 0.0.0.0, :8080 or 127.0.0.1:11434")
            }
        }
        if environment["PORT"] != nil {
            configuration.address.port = UInt16(integer("PORT", 0...65535, default: 11434))
        }
        configuration.address.isShared = bool("SHARED_PORT", default: false)
    }

    private var standardDataDirectory: String {
        if let state = environment["XDG_STATE_HOME"] { return state + "/ollama-proxy" }
        if let home = environment["HOME"] { return home + "/.local/state/ollama-proxy" }
        return "data"
    }
}
