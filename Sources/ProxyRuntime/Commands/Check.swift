import Glibc
import OllamaProxy

/// `ollama-proxy check`: checks everything the server needs, and says what to do about what is wrong. It asks the upstream
/// for the key's state and the models list; no model is asked.
package struct Check {
    private let configuration: Configuration
    private let now: Moment
    private let folder: DataFolder
    private var report = CheckReport()

    package static func run(_ configuration: Configuration) -> CheckReport {
        var check = Check(configuration: configuration)
        check.checkConfiguration()
        check.checkKey()
        check.checkModels()
        check.checkLimits()
        check.checkDisk()
        check.checkServer()
        return check.report
    }

    private mutating func add(
        _ subject: String, _ verdict: CheckReport.Verdict, _ finding: String, advice: String? = nil
    ) {
        let secret = configuration.secret
        report.lines.append(
            .init(subject, verdict, secret.removed(from: finding), advice: advice.map(secret.removed(from:))))
    }

    private init(configuration: Configuration) {
        self.configuration = configuration
        now = Clock.now()
        folder = DataFolder(configuration, now: now)
    }

    private mutating func checkConfiguration() {
        for warning in configuration.warnings { add("configuration", .warning, warning) }
        if configuration.warnings.isEmpty { add("configuration", .ok, "all settings are valid") }
    }

    // MARK: The upstream

    private func ask(_ path: String, timeout: Span) -> OneShotRequest.Outcome {
        OneShotRequest(
            url: configuration.upstream.baseURL + path,
            headers: ["Authorization: Bearer \(configuration.upstream.apiKey)"],
            timeout: timeout, certificatesPath: configuration.upstream.certificatesPath
        ).perform()
    }

    private mutating func checkKey() {
        switch ask(OpenRouter.keyPath, timeout: .seconds(15)) {
        case .failed(let reason):
            add(
                "key", .failed, "\(configuration.remoteHost) cannot be reached: \(reason)",
                advice: "check the network, HTTPS_PROXY and OPENROUTER_BASE_URL; if a certificate is refused, this "
                    + "machine's clock and SSL_CERT_FILE")
        case .reply(status: 200, let body):
            guard let key = body.withBytes({ try? KeyStatus($0.trimmed) }) else {
                return add(
                    "key", .failed, "the answer of \(configuration.remoteHost) cannot be read",
                    advice: "check OPENROUTER_BASE_URL")
            }
            add(key)
        case .reply(status: 401, _), .reply(status: 403, _):
            add(
                "key", .failed, "\(configuration.remoteHost) rejects it",
                advice: "make a key at https://openrouter.ai/keys and set OPENROUTER_API_KEY to it")
        case .reply(let status, _):
            add(
                "key", .failed, "\(configuration.remoteHost) answers \(status)",
                advice: "try again later, or check OPENROUTER_BASE_URL")
        }
    }

    private mutating func add(_ key: KeyStatus) {
        if let left = key.limitRemaining, left <= 0 {
            return add(
                "key", configuration.freeMode ? .warning : .failed, "accepted, but its own limit is used up",
                advice: "raise it at https://openrouter.ai/keys")
        }
        switch key.isFreeTier {
        case true?: add("key", .ok, "accepted; no credits bought yet")
        case false?: add("key", .ok, "accepted; credits bought")
        case nil: add("key", .ok, "accepted")
        }
    }

    private mutating func checkModels() {
        switch ask(OpenRouter.modelsPath, timeout: .seconds(30)) {
        case .failed(let reason):
            add("models", .failed, "the list cannot be fetched: \(reason)", advice: "as for the key")
        case .reply(status: 200, let body):
            guard let models = body.withBytes({ try? ModelsList.models(in: $0.trimmed) }) else {
                return add("models", .failed, "the list cannot be read", advice: "check OPENROUTER_BASE_URL")
            }
            add(models)
        case .reply(let status, _):
            add("models", .failed, "the list is refused with status \(status)", advice: "as for the key")
        }
    }

    private mutating func add(_ models: [Model]) {
        let catalog = DataFolder.catalog(models, configuration)
        for missing in catalog.missingNames {
            add("models", .warning, "\(missing.setting) names \(missing.model), which is not in the list")
        }
        guard let largest = catalog.models.map(\.servedContextLength).max() else {
            return add(
                "models", .failed, "none of the \(models.count) listed models may be used",
                advice: "check MODEL_FILTER_PATH, TOOL_USE_ONLY and MAX_PRICE_PER_MILLION")
        }
        let withTools = catalog.models.count(where: \.usesTools)
        add(
            "models", .ok,
            "\(catalog.models.count) of \(models.count) may be used, \(withTools) with tools; the largest context is \(largest)"
        )
    }

    // MARK: This machine

    private mutating func checkLimits() {
        let budget = folder.ledgers.budget
        guard let left = budget.remainingToday(now: now), let most = budget.dayLimit else {
            return add("limits", .ok, "free requests are not limited")
        }
        let reset = DurationText.of(budget.reset(now: now) - now.wall)
        let minute = budget.minuteLimit.map { "\($0) per minute" } ?? "no limit per minute"
        guard left > 0 else {
            return add(
                "limits", .warning, "today's quota of \(most) free requests is used up",
                advice: "it resets in \(reset); credits bought at https://openrouter.ai/credits raise the limit")
        }
        add("limits", .ok, "\(left) of \(most) free requests left today, \(minute); resets in \(reset)")
    }

    private mutating func checkDisk() {
        let path = configuration.dataDirectory
        do {
            try Files.makeFolder(path)
        } catch {
            return add(
                "disk", .failed, "\(error)",
                advice: "set DATA_DIR to a folder that this user can write to; without one a restart loses all data")
        }
        if let problem = folder.problem {
            return add("disk", .warning, problem, advice: "the server quarantines a damaged database when it starts")
        }
        guard let free = Files.freeMegabytes(path) else { return add("disk", .ok, path) }
        guard free >= Self.fewestMegabytes else {
            return add(
                "disk", .warning, "\(path): \(free) MB free",
                advice: "free some space: \(Self.fewestMegabytes) MB are enough")
        }
        add("disk", .ok, "\(path): \(free) MB free")
    }

    /// The data folder stays below this for years.
    private static let fewestMegabytes = 50

    private mutating func checkServer() {
        let client = ServerClient(configuration)
        let host = configuration.address.host
        // No host means all interfaces.
        let isReachable = host.isEmpty || !(IPAddress(host)?.isLoopback ?? true)
        if configuration.clientKeys.isEmpty, isReachable {
            add(
                "access", .warning,
                "anyone who can reach port \(configuration.address.port) of this machine can use your key",
                advice: "set PROXY_API_KEYS, or OLLAMA_HOST=127.0.0.1")
        } else {
            add("access", .ok, configuration.clientKeys.isEmpty ? "from this machine only" : "with a key")
        }
        switch client.request("GET", Route.health.rawValue) {
        case .reply(status: 200, _): add("server", .ok, "running at \(client.address)")
        case .reply(let status, _):
            add(
                "server", .warning, "something at \(client.address) answers \(status)",
                advice: "if it is another program, set PORT to a free port")
        case .failed: add("server", .ok, "not running at \(client.address)")
        }
    }
}
