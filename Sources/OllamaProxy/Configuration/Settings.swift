extension Configuration {
    /// Every setting there is, in the order in which they are read and `--help` lists them.
    package static let settings: [Setting] = [
        .init("OPENROUTER_API_KEY", read: { $0.readKey() }, standard: "required", "your key from openrouter.ai/keys"),
        .init("OPENROUTER_API_KEY_FILE", "a file that holds the key, instead of the variable"),
        .init("OPENAI_API_KEY", "accepted in place of OPENROUTER_API_KEY, with a warning"),
        .init(
            "OPENROUTER_BASE_URL", \.upstream.baseURL, as: ConfigurationReader.baseURL,
            standard: "https://openrouter.ai/api/v1",
            "the upstream API"),
        .init(
            "SSL_CERT_FILE", \.upstream.certificatesPath, as: ConfigurationReader.certificatesPath,
            standard: "the system's",
            "a file with the certificate authorities to believe the upstream by"),
        .init(
            "PROXY_API_KEYS", read: { $0.readClientKeys() },
            "keys, with commas between them, one of which clients must show; without any, nobody is asked"),
        .init("PROXY_API_KEYS_FILE", "a file that holds such keys, one a line"),
        .flag(
            "FREE_MODE", \.freeMode,
            "list and use free models only, with fallback among them; false: all models, as they are asked for"),
        .choice(
            "MODEL_ORDER", \.models.order, \.rawValue,
            "which of the models that fit comes first: context (the largest) or reliability (by what was seen)"),
        .flag(
            "STRICT_MODELS", \.models.isStrict,
            "an unknown name is answered with 404, a model that cannot do what is asked with 400"),
        .init(
            "MODEL_ALIASES", \.models.aliases, as: ConfigurationReader.aliases,
            "names for models, name=model,name=model; several models after one name are tried in order; or a file"),
        .init(
            "FALLBACK_MODELS", \.models.fallbacks, as: ConfigurationReader.modelNames,
            "with FREE_MODE=false: models to try when the one asked for fails, with commas between them"),
        .init(
            "MAX_PRICE_PER_MILLION", \.models.maxPricePerMillion, as: ConfigurationReader.price,
            "with FREE_MODE=false: dollars for a million tokens; dearer models are left out"),
        .number(
            "FREE_REQUESTS_PER_MINUTE", 0...1_000_000, \.ledgers.budget.perMinute,
            standard: "20, or as the upstream says",
            "free requests to make within any minute; 0: none are held back"),
        .number(
            "FREE_REQUESTS_PER_DAY", 0...1_000_000, \.ledgers.budget.perDay,
            standard: "50 or 1000, as the upstream says",
            "free requests to make within a UTC day; 0: none are held back"),
        .time(
            "QUEUE_SECONDS", 0...3600, \.limits.queue,
            "how long a request may wait for its turn when the minute's free requests are used up, {range}"),
        .flag("TOOL_USE_ONLY", \.models.toolUseOnly, "only models that can call tools"),
        .choice(
            "MODEL_NAMES", \.models.names, \.rawValue,
            "how models are listed: full (vendor/name:free) or short (name:free)"),
        .init(
            "MODEL_FILTER_PATH", \.models.filterPaths, as: { _ in { [$0] } },
            standard: "models-filter/filter, then /models-filter/filter",
            "the filter file; read again whenever it changes"),
        .init(
            "EMBEDDING_MODEL", \.models.embeddingModel, as: ConfigurationReader.embeddingModel,
            "the model for /api/embed, such as vendor/name:free; in free mode its id must end in :free"),
        .init(
            "OLLAMA_ORIGINS", \.origins, as: ConfigurationReader.origins,
            "further web origins that may use the server, with commas between them; * stands for anything"),
        .time(
            "HEARTBEAT_SECONDS", 0...3600, \.limits.heartbeat,
            "how often a stream that waits for its first word shows that it is alive, {range}; 0: never"),
        .init(
            "OLLAMA_HOST", \.address, as: ConfigurationReader.address, standard: "127.0.0.1:11434",
            "where to listen, written as for Ollama"),
        .number(
            "PORT", 0...65535, \.address.port,
            "the port to listen on, also instead of the one in OLLAMA_HOST; 0: any free one"),
        .flag(
            "SHARED_PORT", \.address.isShared,
            "several servers listen on the same port and share one data folder, each of them set so"),
        .init(
            "DATA_DIR", read: { $0.readDataDirectory() },
            standard: "$XDG_STATE_HOME/ollama-proxy or ~/.local/state/ollama-proxy",
            "where the models cache and the failure memory are kept"),
        .choice("LOG_LEVEL", \.log.level, \.name, standard: "INFO", "DEBUG, INFO, WARN or ERROR"),
        .choice("LOG_FORMAT", \.log.format, \.rawValue, "how a line of the log is written: text (name=value) or json"),
        .flag(
            "STATUS_PAGE", \.hasStatusPage,
            "a page for browsers at /status, and what it shows at /api/proxy/status and /api/proxy/history"),
        .flag("METRICS", \.hasMetrics, "counters and measurements for Prometheus at /metrics"),
        .number(
            "HISTORY_DAYS", 0...3650, \.ledgers.historyDays,
            "how long the history on the status page is kept, {range}; 0: not at all"),
        .number("MAX_ATTEMPTS", 1...100, \.limits.attempts, "models to try for one request, {range}"),
        .time(
            "CONNECT_TIMEOUT_SECONDS", 1...300, \.upstream.connectTimeout,
            "time to connect to the upstream, {range}"),
        .time(
            "FIRST_TOKEN_TIMEOUT_SECONDS", 1...3600, \.limits.firstToken,
            "time until a model's first word, after which the next is tried, {range}"),
        .time(
            "IDLE_TIMEOUT_SECONDS", 1...3600, \.limits.idle,
            "silence in the middle of an answer after which it counts as broken, {range}"),
        .time(
            "TOTAL_TIMEOUT_SECONDS", 0...86_400, \.limits.total,
            "time for a whole request, {range}; 0: as long as it takes"),
        .flag(
            "CONTINUE_STREAMS", \.limits.continuesStreams,
            "an answer that breaks off is resumed by the same or another model"),
        .time(
            "HEDGE_AFTER_SECONDS", 0...3600, \.limits.hedge,
            "with FREE_MODE=false: silence after which a second model is asked too, {range}; 0: never"),
        .flag(
            "HEDGE_IN_FREE_MODE", \.limits.hedgesFree,
            "HEDGE_AFTER_SECONDS also counts in free mode, and for free models, at the cost of more requests"),
        .time(
            "FAILURE_COOLDOWN_MINUTES", 0...1440, in: .minutes(1), \.ledgers.failures.cooldown,
            "how long a model is in cooldown after a failure, up to three times as long after several, {range}"),
        .time(
            "RATELIMIT_COOLDOWN_MINUTES", 0...1440, in: .minutes(1), \.ledgers.failures.rateLimitCooldown,
            "the shortest cooldown of a rate limited model, {range}"),
        .time(
            "MODELS_REFRESH_HOURS", 1...8760, in: .hours(1), \.models.refreshInterval,
            "how often the models list is fetched, {range}"),
        .time(
            "SHUTDOWN_GRACE_SECONDS", 0...3600, \.shutdownGrace,
            "time that running answers get to finish when the server is told to stop, {range}"),
        .number("MAX_BODY_MEGABYTES", 1...100, unit: 1 << 20, \.serverLimits.body, "the largest request body, {range}"),
        .number(
            "MAX_HEADER_KILOBYTES", 4...256, unit: 1 << 10, \.serverLimits.header,
            "room for a request's line and headers, {range}, kept for each connection"),
        .number(
            "MAX_CONNECTIONS", 1...1_000_000, \.serverLimits.connections, standard: "10000, or half of the descriptors",
            "connections of clients at once"),
        .number(
            "MAX_CONNECTIONS_PER_ADDRESS", 0...1_000_000, \.serverLimits.connectionsPerAddress,
            "connections at once from one address, other than this machine's; 0: any number"),
        .time(
            "HEADER_TIMEOUT_SECONDS", 1...3600, \.serverLimits.headerTimeout,
            "time for a new connection's first request to name what it wants, {range}"),
        .time(
            "BODY_TIMEOUT_SECONDS", 1...3600, \.serverLimits.bodyTimeout,
            "time for a request's body, {range}, and as long again while it comes at 4 kB a second or faster"),
        .number(
            "MAX_CONCURRENT_REQUESTS", 1...1_000_000, \.serverLimits.concurrentRequests,
            "requests at models at once, those that wait for their turn included; more are answered with 503"),
    ]
}
