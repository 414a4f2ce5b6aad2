import OllamaProxy

/// Asks the upstream what the key allows, at the start and every few hours, for the budget to go by.
final class AccountKeeper: TimerTarget {
    /// Credits may be bought at any time, which lifts the daily limit.
    private static let interval = Span.hours(4)

    private let loop: EventLoop
    private let budget: BudgetLedger
    private let log: Log
    private var fetch: Fetch!
    private var timer: TimerHandle!
    private(set) var deadline: Instant?
    private var patience = Patience(seconds: 10, 60, 300, 1800)

    init(loop: EventLoop, upstream: Upstream, budget: BudgetLedger, log: Log) {
        self.loop = loop
        self.budget = budget
        self.log = log
        timer = loop.timers.register(self)
        fetch = Fetch(
            OpenRouter.keyPath, loop: loop, upstream: upstream, timeAllowed: .seconds(30), bodyLimit: 64 << 10
        ) {
            [unowned self] in ended($0)
        }
    }

    /// Asks now.
    func refresh() {
        deadline = nil
        fetch.begin()
    }

    /// Ends what is under way, for the shutdown.
    func cancel() {
        fetch.cancel()
        deadline = nil
    }

    func deadlineReached() { refresh() }

    private func ended(_ outcome: Fetch.Outcome) {
        switch outcome {
        case .failed(let reason): failed(reason)
        case .reply(status: 200, let body):
            guard let key = body.withBytes({ try? KeyStatus($0.trimmed) }) else { return failed("it cannot be read") }
            take(key)
        case .reply(let status, _):
            if status == 401 {
                log.error("key_rejected", ["consequence": "every request will fail: check OPENROUTER_API_KEY"])
            }
            failed("status \(status)")
        }
    }

    private func take(_ key: KeyStatus) {
        patience.succeeded()
        if let isFreeTier = key.isFreeTier { budget.recordTier(isFree: isFreeTier, now: loop.now) }
        log.info(
            "account",
            [
                "free_tier": key.isFreeTier, "free_requests_per_minute": budget.minuteLimit,
                "free_requests_per_day": budget.dayLimit, "made_today": budget.countToday(now: loop.now),
            ])
        schedule(after: Self.interval)
    }

    private func failed(_ reason: String) {
        let delay = patience.failed()
        log.warn("account_unknown", ["reason": reason, "retry_seconds": delay.secondsRoundedUp])
        schedule(after: delay)
    }

    private func schedule(after delay: Span) {
        deadline = loop.now.monotonic + delay
        loop.timers.update(timer, deadline: deadline)
    }
}
