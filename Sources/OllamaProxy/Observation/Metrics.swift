/// Everything that is counted or measured, for Prometheus. docs/monitoring/README.md lists it.
package enum Metrics {
    /// - Parameter catalog: nil while there is no models list.
    package static func text(
        version: String, _ activity: Activity, _ traffic: Traffic, _ load: Load, _ catalog: Catalog?,
        _ ledgers: Ledgers, now: Moment
    ) -> ByteBuffer {
        let text = MetricsText()
        text.family("ollama_proxy_build_info", .gauge, "The version that runs; always 1.")
        text.sample("ollama_proxy_build_info", [("version", version)], 1)
        write(activity, to: text)
        write(traffic, to: text)
        write(load, to: text)
        write(BudgetReport(ledgers.budget, now: now), to: text)
        write(catalog, ledgers, load, now: now, to: text)
        return text.output
    }

    private static func write(_ activity: Activity, to text: MetricsText) {
        text.family("ollama_proxy_requests_total", .counter, "HTTP requests answered, by route and status.")
        let replies = activity.replies.map { (route: $0.route?.rawValue ?? "other", status: $0.status, count: $1) }
        for reply in replies.sorted(by: { ($0.route, $0.status) < ($1.route, $1.status) }) {
            text.sample(
                "ollama_proxy_requests_total", [("route", reply.route), ("status", String(reply.status))], reply.count)
        }
        text.family("ollama_proxy_exchanges_total", .counter, "Requests for a model's answer, by outcome.")
        for outcome in ExchangeRecord.Outcome.allCases {
            text.sample(
                "ollama_proxy_exchanges_total", [("outcome", outcome.rawValue)], activity.exchanges[outcome, default: 0]
            )
        }
        text.family("ollama_proxy_attempts_total", .counter, "Attempts at a model, by outcome.")
        let attempts = activity.attempts.sorted { ($0.key.model, $0.key.outcome) < ($1.key.model, $1.key.outcome) }
        for (key, count) in attempts {
            text.sample("ollama_proxy_attempts_total", [("model", key.model), ("outcome", key.outcome)], count)
        }
        text.single(
            "ollama_proxy_fallbacks_total", .counter, "Attempts after the first of a request.", activity.fallbacks)
        text.histogram(
            "ollama_proxy_time_to_first_token_seconds", "Time from a request to the first token of its answer.",
            activity.firstTokens)
        text.histogram(
            "ollama_proxy_exchange_duration_seconds", "Time from a request to the last byte of its answer.",
            activity.durations)
        text.single(
            "ollama_proxy_upstream_events_total", .counter, "Events of the upstream's streams.", activity.events)
        text.family("ollama_proxy_tokens_total", .counter, "Tokens, as the upstream counts them.")
        text.sample("ollama_proxy_tokens_total", [("direction", "prompt")], activity.promptTokens)
        text.sample("ollama_proxy_tokens_total", [("direction", "completion")], activity.completionTokens)
    }

    private static func write(_ traffic: Traffic, to text: MetricsText) {
        text.family(
            "ollama_proxy_upstream_connections_total", .counter,
            "Requests to the upstream, by whether they reused a connection.")
        text.sample("ollama_proxy_upstream_connections_total", [("reused", "true")], traffic.reusedConnections)
        text.sample("ollama_proxy_upstream_connections_total", [("reused", "false")], traffic.openedConnections)
        text.single(
            "ollama_proxy_upstream_received_bytes_total", .counter, "Bytes of the upstream's replies, without heads.",
            traffic.receivedBytes)
        text.single(
            "ollama_proxy_client_sent_bytes_total", .counter, "Bytes of replies to clients, without heads.",
            traffic.sentBytes)
    }

    private static func write(_ load: Load, to text: MetricsText) {
        text.single(
            "ollama_proxy_exchanges_open", .gauge, "Requests for a model's answer in progress.", load.exchanges)
        text.single(
            "ollama_proxy_queue_length", .gauge, "Requests that wait for the minute's quota.", load.waiting)
        text.single("ollama_proxy_client_connections", .gauge, "Client connections.", load.connections)
        text.family("process_cpu_seconds_total", .counter, "CPU time, user and system.")
        text.sample("process_cpu_seconds_total", [], load.cpuSeconds)
        text.single("process_resident_memory_bytes", .gauge, "Memory in use.", load.residentBytes)
        text.single("process_virtual_memory_bytes", .gauge, "Address space in use.", load.virtualBytes)
        text.single("process_open_fds", .gauge, "Open descriptors.", load.openDescriptors)
        text.single("process_max_fds", .gauge, "Maximum number of open descriptors.", load.mostDescriptors)
        text.single(
            "process_start_time_seconds", .gauge, "When the process started, in seconds since 1970.",
            load.startedAt.seconds)
    }

    private static func write(_ budget: BudgetReport, to text: MetricsText) {
        let windows = [("minute", budget.minute), ("day", budget.day)]
        text.family("ollama_proxy_budget_limit", .gauge, "Free requests allowed per window.")
        for (name, window) in windows {
            if let limit = window.limit { text.sample("ollama_proxy_budget_limit", [("window", name)], limit) }
        }
        text.family("ollama_proxy_budget_remaining", .gauge, "Free requests left in the window.")
        for (name, window) in windows {
            if let left = window.remaining { text.sample("ollama_proxy_budget_remaining", [("window", name)], left) }
        }
        text.single(
            "ollama_proxy_budget_reset_timestamp_seconds", .gauge,
            "When the day's quota resets, in seconds since 1970.", budget.reset.seconds)
    }

    private static func write(
        _ catalog: Catalog?, _ ledgers: Ledgers, _ load: Load, now: Moment, to text: MetricsText
    ) {
        let states = catalog.map { ModelsReport($0, ledgers, now: now) }
        text.single("ollama_proxy_models", .gauge, "Models that may be used.", states?.count ?? 0)
        text.single(
            "ollama_proxy_models_in_cooldown", .gauge, "Models in cooldown after a failure.",
            states?.countInCooldown ?? 0)
        guard let fetched = load.modelsFetchedAt else { return }
        text.single(
            "ollama_proxy_models_list_timestamp_seconds", .gauge,
            "When the models list was last fetched, in seconds since 1970.", fetched.seconds)
    }
}
