/// One environment variable, as the documentation lists it.
package struct ConfigurationVariable {
    package let name: String
    /// What holds when it is not set, in words.
    package let standard: String
    package let meaning: String
}

extension Configuration {
    /// Every variable there is. What reads them, `--help` and the README all go by this list.
    package static let variables: [ConfigurationVariable] = [
        .init(
            name: "OPENROUTER_API_KEY", standard: "required",
            meaning: "your key from openrouter.ai/keys"),
        .init(
            name: "OPENROUTER_API_KEY_FILE", standard: "none",
            meaning: "a file that holds the key, instead of the variable"),
        .init(
            name: "OPENAI_API_KEY", standard: "none",
            meaning: "accepted in place of OPENROUTER_API_KEY, with a warning"),
        .init(
            name: "OPENROUTER_BASE_URL", standard: "https://openrouter.ai/api/v1",
            meaning: "the upstream API"),
        .init(
            name: "SSL_CERT_FILE", standard: "the system's",
            meaning: "a file with the certificate authorities to believe the upstream by"),
        .init(
            name: "PROXY_API_KEYS", standard: "none",
            meaning: "keys, with commas between them, one of which clients must show; without any, nobody is asked"),
        .init(
            name: "PROXY_API_KEYS_FILE", standard: "none",
            meaning: "a file that holds such keys, one a line"),
        .init(
            name: "FREE_MODE", standard: "true",
            meaning: "list and use free models only, with fallback among them; false: all models, as they are asked for"
        ),
        .init(
            name: "MODEL_ORDER", standard: "context",
            meaning: "which of the models that fit comes first: context (the largest) or reliability (by what was seen)"
        ),
        .init(
            name: "STRICT_MODELS", standard: "false",
            meaning: "an unknown name is answered with 404, a model that cannot do what is asked with 400"),
        .init(
            name: "MODEL_ALIASES", standard: "none",
            meaning:
                "names for models, name=model,name=model; several models after one name are tried in order; or a file"),
        .init(
            name: "FALLBACK_MODELS", standard: "none",
            meaning: "with FREE_MODE=false: models to try when the one asked for fails, with commas between them"),
        .init(
            name: "MAX_PRICE_PER_MILLION", standard: "none",
            meaning: "with FREE_MODE=false: dollars for a million tokens; dearer models are left out"),
        .init(
            name: "FREE_REQUESTS_PER_MINUTE", standard: "20, or as the upstream says",
            meaning: "free requests to make within any minute; 0: none are held back"),
        .init(
            name: "FREE_REQUESTS_PER_DAY", standard: "50 or 1000, as the upstream says",
            meaning: "free requests to make within a UTC day; 0: none are held back"),
        .init(
            name: "QUEUE_SECONDS", standard: "30",
            meaning: "how long a request may wait for its turn when the minute's free requests are used up, 0 to 3600"),
        .init(
            name: "TOOL_USE_ONLY", standard: "false",
            meaning: "only models that can call tools"),
        .init(
            name: "MODEL_NAMES", standard: "full",
            meaning: "how models are listed: full (vendor/name:free) or short (name:free)"),
        .init(
            name: "MODEL_FILTER_PATH", standard: "models-filter/filter, then /models-filter/filter",
            meaning: "the filter file; read again whenever it changes"),
        .init(
            name: "EMBEDDING_MODEL", standard: "none",
            meaning: "the model for /api/embed, such as vendor/name:free; in free mode its id must end in :free"),
        .init(
            name: "OLLAMA_ORIGINS", standard: "none",
            meaning: "further web origins that may use the server, with commas between them; * stands for anything"),
        .init(
            name: "HEARTBEAT_SECONDS", standard: "15",
            meaning: "how often a stream that waits for its first word shows that it is alive, 0 to 3600; 0: never"),
        .init(name: "OLLAMA_HOST", standard: "127.0.0.1:11434", meaning: "where to listen, written as for Ollama"),
        .init(
            name: "PORT", standard: "11434",
            meaning: "the port to listen on, also instead of the one in OLLAMA_HOST; 0: any free one"),
        .init(
            name: "SHARED_PORT", standard: "false",
            meaning: "several servers listen on the same port and share one data folder, each of them set so"),
        .init(
            name: "DATA_DIR", standard: "$XDG_STATE_HOME/ollama-proxy or ~/.local/state/ollama-proxy",
            meaning: "where the models cache and the failure memory are kept"),
        .init(name: "LOG_LEVEL", standard: "INFO", meaning: "DEBUG, INFO, WARN or ERROR"),
        .init(
            name: "LOG_FORMAT", standard: "text",
            meaning: "how a line of the log is written: text (name=value) or json"),
        .init(
            name: "STATUS_PAGE", standard: "true",
            meaning: "a page for browsers at /status, and what it shows at /api/proxy/status and /api/proxy/history"),
        .init(
            name: "METRICS", standard: "true",
            meaning: "counters and measurements for Prometheus at /metrics"),
        .init(
            name: "HISTORY_DAYS", standard: "14",
            meaning: "how long the past is kept that the status page shows, 0 to 3650; 0: not at all"),
        .init(
            name: "MAX_ATTEMPTS", standard: "5",
            meaning: "models to try for one request, 1 to 100"),
        .init(
            name: "CONNECT_TIMEOUT_SECONDS", standard: "10",
            meaning: "time to connect to the upstream, 1 to 300"),
        .init(
            name: "FIRST_TOKEN_TIMEOUT_SECONDS", standard: "30",
            meaning: "time until a model's first word, after which the next is tried, 1 to 3600"),
        .init(
            name: "IDLE_TIMEOUT_SECONDS", standard: "120",
            meaning: "silence in the middle of an answer after which it counts as broken, 1 to 3600"),
        .init(
            name: "TOTAL_TIMEOUT_SECONDS", standard: "0",
            meaning: "time for a whole request, 0 to 86400; 0: as long as it takes"),
        .init(
            name: "CONTINUE_STREAMS", standard: "false",
            meaning: "an answer that breaks off is taken up by the same or another model"),
        .init(
            name: "HEDGE_AFTER_SECONDS", standard: "0",
            meaning: "with FREE_MODE=false: silence after which a second model is asked too, 0 to 3600; 0: never"),
        .init(
            name: "HEDGE_IN_FREE_MODE", standard: "false",
            meaning: "HEDGE_AFTER_SECONDS also counts in free mode, and for free models, at the cost of more requests"),
        .init(
            name: "FAILURE_COOLDOWN_MINUTES", standard: "5",
            meaning: "how long a model rests after a failure, up to three times as long after several, 0 to 1440"),
        .init(
            name: "RATELIMIT_COOLDOWN_MINUTES", standard: "1",
            meaning: "how long a rate limited model rests at the least, 0 to 1440"),
        .init(
            name: "MODELS_REFRESH_HOURS", standard: "24",
            meaning: "how often the models list is fetched, 1 to 8760"),
        .init(
            name: "SHUTDOWN_GRACE_SECONDS", standard: "10",
            meaning: "time that running answers get to finish when the server is told to stop, 0 to 3600"),
        .init(
            name: "MAX_BODY_MEGABYTES", standard: "32",
            meaning: "the largest request body, 1 to 100"),
        .init(
            name: "MAX_HEADER_KILOBYTES", standard: "8",
            meaning: "room for a request's line and headers, 4 to 256, kept for each connection"),
        .init(
            name: "MAX_CONNECTIONS", standard: "10000, or half of the descriptors",
            meaning: "connections of clients at once"),
        .init(
            name: "MAX_CONNECTIONS_PER_ADDRESS", standard: "256",
            meaning: "connections at once from one address, other than this machine's; 0: any number"),
        .init(
            name: "HEADER_TIMEOUT_SECONDS", standard: "30",
            meaning: "time for a new connection's first request to name what it wants, 1 to 3600"),
        .init(
            name: "BODY_TIMEOUT_SECONDS", standard: "60",
            meaning: "time for a request's body, 1 to 3600, and a second more for each 4 kB that have come"),
        .init(
            name: "MAX_CONCURRENT_REQUESTS", standard: "512",
            meaning: "requests at models at once, those that wait for their turn included; more are answered with 503"),
    ]
}
