import Glibc
import OllamaProxy

/// Keeps the catalog: from the cache at the start, from the upstream afterwards, swapped in whole each time.
final class ModelsKeeper: TimerTarget {
    /// The bodies of the replies that list the models, made once for each catalog.
    struct Listings {
        let tags: ByteBuffer
        let openAI: ByteBuffer
    }

    /// However many models turn out to be gone, the list is not fetched more often than this.
    private static let shortestInterval = Span.minutes(1)
    private static let listLimit = 32 << 20

    private let configuration: Configuration
    private let loop: EventLoop
    private let filter: FilterFile
    private let aliases: AliasFile
    private let ledgers: Ledgers
    private let log: Log
    private let cache: KeptFile
    private var timer: TimerHandle!

    /// nil until there is a list.
    private var served: (catalog: Catalog, listings: Listings)?
    /// Why there is no list yet; nil when none is missing.
    private(set) var missingReason: String?

    /// The list, and when it was last fetched, by whichever process; nil until there is one.
    private var list: (models: [Model], fetchedAt: UnixTime?)?
    private var fetch: Fetch!
    /// Between attempts while the list cannot be had.
    private var patience = Patience(seconds: 2, 5, 10, 30, 60, 120, 300)
    /// When the list was last fetched, or is to be, because someone asked for it.
    private var lastRefresh: Instant?
    private(set) var deadline: Instant?

    init(
        configuration: Configuration, loop: EventLoop, upstream: Upstream, filter: FilterFile, ledgers: Ledgers,
        log: Log
    ) {
        self.configuration = configuration
        self.ledgers = ledgers
        self.loop = loop
        self.filter = filter
        aliases = AliasFile(path: configuration.dataDirectory + "/aliases", loop: loop, log: log)
        self.log = log
        cache = KeptFile(
            configuration.modelsCachePath, warning: "models_not_cached", relief: "models_cached_again", loop: loop,
            log: log)
        missingReason = "it is being fetched"
        timer = loop.timers.register(self)
        fetch = Fetch(
            OpenRouter.modelsPath, loop: loop, upstream: upstream, timeAllowed: .seconds(60), bodyLimit: Self.listLimit
        ) {
            [unowned self] in ended($0)
        }
        filter.changed = { [unowned self] in rebuild(from: "filter") }
    }

    /// nil until there is a list.
    var catalog: Catalog? { served?.catalog }
    var listings: Listings? { served?.listings }
    var fetchedAt: UnixTime? { list?.fetchedAt }

    /// Reads the cache and has the list fetched.
    func start() {
        if let content = Files.read(cache.path) {
            let models = content.withBytes { CatalogCache.models(in: $0) }
            if !models.isEmpty {
                list = (models, Files.modified(cache.path))
                rebuild(from: "cache")
            }
        }
        schedule(after: .zero)
    }

    /// A listed model turned out to be gone, or someone asked for it: fetch the list soon.
    func refreshSoon() {
        guard !fetch.isRunning else { return }
        let earliest = lastRefresh.map { $0 + Self.shortestInterval } ?? loop.now.monotonic
        let next = max(earliest, loop.now.monotonic)
        guard deadline.map({ next < $0 }) ?? true else { return }
        lastRefresh = next
        deadline = next
        loop.timers.update(timer, deadline: deadline)
    }

    // MARK: Aliases

    /// Gives a model another name, which persists.
    func addAlias(_ name: String, for model: String) {
        var changed = aliases.aliases
        changed.add(name, for: model)
        aliases.replace(with: changed)
        rebuild(from: "alias")
    }

    /// - Returns: whether there was an alias of that name.
    func removeAlias(_ name: String) -> Bool {
        var changed = aliases.aliases
        guard changed.remove(name) else { return false }
        aliases.replace(with: changed)
        rebuild(from: "alias")
        return true
    }

    var aliasCount: Int { aliases.aliases.models.count }

    // MARK: Fetching

    func deadlineReached() {
        deadline = nil
        fetch.begin()
    }

    private func ended(_ outcome: Fetch.Outcome) {
        switch outcome {
        case .failed(let reason): failed(reason)
        case .reply(status: 200, let body):
            do throws(JSONError) {
                let models = try body.withBytes { bytes throws(JSONError) in try ModelsList.models(in: bytes) }
                guard !models.isEmpty else { return failed("the list is empty") }
                take(models)
            } catch {
                failed("the list cannot be read: \(error)")
            }
        case .reply(let status, let body):
            let detail = body.withBytes { UpstreamError.inBody($0) }?.explanation
            failed("status \(status)" + (detail.map { ": \($0)" } ?? ""))
        }
    }

    /// Ends what is under way, for the shutdown.
    func cancel() {
        fetch.cancel()
        deadline = nil
        cache.close()
        aliases.close()
    }

    private func take(_ models: [Model]) {
        // What the mode rules out is not even kept.
        let usable = configuration.freeMode ? models.filter(\.isFreeChat) : models
        if usable.isEmpty, list.map({ !$0.models.isEmpty }) ?? false { return failed("the list holds no free model") }
        patience.succeeded()
        if let list, list.models != usable { ledgers.failures.listHasChanged() }
        list = (usable, loop.now.wall)
        rebuild(from: "upstream")
        cache.replace(with: CatalogCache.text(of: usable))
        schedule(after: configuration.models.refreshInterval)
    }

    private func failed(_ reason: String) {
        let reason = configuration.secret.removed(from: reason)
        let delay = patience.failed()
        if catalog == nil {
            missingReason = "fetching it from \(configuration.upstream.baseURL)/models failed: \(reason)"
        }
        log.warn(
            "models_refresh_failed",
            ["reason": reason, "retry_seconds": delay.secondsRoundedUp, "kept": catalog?.models.count])
        schedule(after: delay)
    }

    private func schedule(after delay: Span) {
        deadline = loop.now.monotonic + delay
        loop.timers.update(timer, deadline: deadline)
    }

    // MARK: The catalog

    private func rebuild(from source: String) {
        guard let upstreamModels = list?.models else { return }
        let selection = configuration.selection(filter: filter.filter, aliases: aliases.aliases)
        let new = Catalog(upstreamModels, selection: selection)
        let listings = Listings(
            tags: OllamaReplies.tags(of: new, remoteHost: configuration.remoteHost),
            openAI: OpenAIReplies.models(of: new))
        served = (new, listings)
        missingReason = nil
        log.info("models_ready", ["source": source, "models": new.models.count, "known": upstreamModels.count])
        for (name, model) in new.missingNames {
            log.warn("configured_model_missing", ["setting": name, "model": model])
        }
        if new.models.isEmpty {
            log.warn("no_models", ["reason": "the filters leave none of the \(upstreamModels.count) models"])
        }
    }
}
