import OllamaProxy

/// Asks the upstream what the key allows, at the start and every few hours, for the budget to go by.
final class AccountKeeper: TransferOwner, TimerTarget, DeferredWork {
    /// Credits may be bought at any time, which lifts the daily limit. In seconds.
    private static let interval: Int64 = 4 * 3600
    private static let retryDelays: [Int64] = [10, 60, 300, 1800]
    private static let timeLimit: Int64 = 30
    private static let bodyLimit = 64 << 10

    private let loop: EventLoop
    private let upstream: Upstream
    private let budget: BudgetLedger
    private let log: Log
    private var timer: TimerHandle!
    private(set) var deadline: Int64?
    private var transfer: Transfer?
    private let body = ByteBuffer()
    private var status = 0
    private var failureCount = 0

    init(loop: EventLoop, upstream: Upstream, budget: BudgetLedger, log: Log) {
        self.loop = loop
        self.upstream = upstream
        self.budget = budget
        self.log = log
        timer = loop.timers.register(self)
    }

    func start() {
        schedule(after: 0)
    }

    /// Someone wants it known now.
    func refreshSoon() {
        if transfer == nil { schedule(after: 0) }
    }

    /// Ends what is under way, for the shutdown.
    func cancel() {
        if let transfer { upstream.cancel(transfer) }
        transfer = nil
        deadline = nil
    }

    func deadlineReached() {
        if transfer != nil {
            cancel()
            return failed("no answer within \(Self.timeLimit) s")
        }
        deadline = nil
        loop.later(self)
    }

    func performDeferredWork() {
        guard transfer == nil else { return }
        body.removeAll()
        status = 0
        transfer = upstream.start(path: "/key", body: nil, owner: self)
        guard transfer != nil else { return failed("out of memory") }
        schedule(after: Self.timeLimit)
    }

    func transferHead(status: Int, contentType: String, hints: Classification.RetryHints) {
        self.status = status
    }

    func takesBytes() -> Bool { true }

    func transferBytes(_ bytes: Bytes) {
        if body.count + bytes.count <= Self.bodyLimit { body.append(bytes) }
    }

    func transferEnded(_ end: AttemptReader.TransferEnd) {
        transfer = nil
        defer { body.removeAll(keepingAtMost: 0) }
        switch end {
        case .failed(let reason), .unreachable(let reason): return failed(reason)
        case .complete: break
        }
        guard status == 200 else {
            if status == 401 {
                log.error("key_rejected", ["consequence": "every request will fail: check OPENROUTER_API_KEY"])
            }
            return failed("status \(status)")
        }
        guard let key = body.withBytes({ try? KeyStatus($0.trimmed) }) else { return failed("it cannot be read") }
        failureCount = 0
        if let isFreeTier = key.isFreeTier { budget.noteTier(isFree: isFreeTier, now: loop.now) }
        log.info(
            "account",
            [
                "free_tier": key.isFreeTier, "free_requests_per_minute": budget.minuteLimit,
                "free_requests_per_day": budget.dayLimit, "made_today": budget.countToday(now: loop.now),
            ])
        schedule(after: Self.interval)
    }

    private func failed(_ reason: String) {
        let delay = Self.retryDelays[min(failureCount, Self.retryDelays.count - 1)]
        failureCount += 1
        log.warn("account_unknown", ["reason": reason, "retry_seconds": Int(delay)])
        schedule(after: delay)
    }

    private func schedule(after seconds: Int64) {
        deadline = loop.now.monotonic + seconds * Nanoseconds.perSecond
        loop.timers.update(timer, deadline: deadline)
    }
}
