/// What is remembered of failures: which model is in cooldown, why and until when.
///
/// Kept in memory; every change leaves a row in `unsaved`, for the runtime to persist.
package final class FailureLedger {
    package struct Policy: Equatable {
        /// The cooldown after a model's first failure.
        package var cooldown: Span
        /// The shortest cooldown after a rate limit.
        package var rateLimitCooldown: Span

        package init(cooldown: Span = .minutes(5), rateLimitCooldown: Span = .minutes(1)) {
            self.cooldown = cooldown
            self.rateLimitCooldown = rateLimitCooldown
        }

        /// However often a model fails, it is tried again after this many times the base.
        static let mostTimes = 3
        /// No limit lasts longer.
        static let longest = Span.days(1)
    }

    /// What is known of one model's failures. Its times are whole seconds.
    package struct Record: Equatable {
        package var kind: Failure.Kind
        /// When the last failure was.
        package var failedAt: UnixTime
        /// Failures in a row that count against the model.
        package var consecutive: Int
        /// When the model may be tried again.
        package var until: UnixTime

        package init(kind: Failure.Kind, failedAt: UnixTime, consecutive: Int, until: UnixTime) {
            self.kind = kind
            self.failedAt = failedAt
            self.consecutive = consecutive
            self.until = until
        }

        /// Whether only a new list, or a new place on earth, is likely to change anything.
        var isUnlikelyToPass: Bool { kind == .gone || kind == .notOffered }

        /// Whether the model is in cooldown now. A failure in the future was recorded by a wrong clock; with the clock
        /// corrected, the cooldown would last for as long as it was wrong.
        package func holds(_ now: Moment) -> Bool {
            until > now.wall && failedAt <= now.wall + Self.clockTolerance
        }

        /// Clocks are corrected by a little all the time.
        private static let clockTolerance = Span.minutes(1)
    }

    /// One change to persist: a record to write, or nil to delete the model's.
    package struct Change: Equatable {
        package let model: String
        package let record: Record?

        package init(model: String, record: Record?) {
            self.model = model
            self.record = record
        }
    }

    /// The name that stands for all free models at once.
    package static let account = "*"

    package let policy: Policy
    private var records: [String: Record] = [:]
    package private(set) var unsaved: [Change] = []

    package init(policy: Policy = Policy()) {
        self.policy = policy
    }

    /// Takes over what was remembered before a restart, or is known by now to another process, in place of what is known
    /// here.
    package func replaceAll(with rows: [(model: String, record: Record)], now: Moment) {
        records.removeAll(keepingCapacity: true)
        load(rows, now: now)
    }

    /// Adds what was remembered. What a wrong clock has written is cut to what can be meant.
    package func load(_ rows: [(model: String, record: Record)], now: Moment) {
        for row in rows {
            var record = row.record
            // The wrong clock may also be the one that is read now, behind the time at which the model failed.
            let since = max(now.wall.wholeSecond, record.failedAt)
            record.until = min(record.until, since + Policy.longest)
            record.consecutive = min(max(0, record.consecutive), Policy.mostTimes)
            records[row.model] = record
        }
    }

    /// The changes since the last call, which are from now on the caller's to persist.
    package func takeUnsaved() -> [Change] {
        defer { unsaved.removeAll(keepingCapacity: true) }
        return unsaved
    }

    package func record(of model: String) -> Record? { records[model] }

    /// The record that keeps a model from being tried now.
    package func cooldown(of model: String, now: Moment) -> Record? {
        guard let record = records[model], record.holds(now) else { return nil }
        return record
    }

    /// The record that keeps every free model from being tried now.
    package func accountCooldown(now: Moment) -> Record? {
        cooldown(of: Self.account, now: now)
    }

    /// How many models are in cooldown now.
    package func countInCooldown(now: Moment) -> Int {
        records.count { $0.key != Self.account && $0.value.holds(now) }
    }

    /// Every record, the one that lasts longest first.
    package var all: [(model: String, record: Record)] {
        records.map { ($0.key, $0.value) }.sorted { ($1.record.until, $0.model) < ($0.record.until, $1.model) }
    }

    /// Forgets the failures of a model, or of all, on request.
    /// - Parameter model: nil for all.
    /// - Returns: how many records there were.
    package func forget(_ model: String?) -> Int {
        let names = records.keys.filter { model == nil || $0 == model }
        for name in names {
            records[name] = nil
            unsaved.append(Change(model: name, record: nil))
        }
        return names.count
    }

    package func record(_ failure: Failure, of model: String, now: Moment) {
        let earlier = min(records[model]?.consecutive ?? 0, 1_000_000)
        let consecutive = failure.counts ? earlier + 1 : earlier
        let second = now.wall.wholeSecond
        switch failure.cooldown {
        case .none: return
        case .usual:
            let length = policy.cooldown * min(max(1, consecutive), Policy.mostTimes)
            keep(failure, for: model, consecutive: consecutive, until: second + length, now: now)
        case .rateLimit(let until):
            let earliest = second + policy.rateLimitCooldown
            keep(failure, for: model, consecutive: consecutive, until: max(earliest, until ?? earliest), now: now)
        case .untilListChanges:
            keep(failure, for: model, consecutive: consecutive, until: second + Policy.longest, now: now)
        case .fixed(let length):
            keep(failure, for: model, consecutive: consecutive, until: second + length, now: now)
        case .account(let until):
            let earliest = second + (until == nil ? policy.rateLimitCooldown : .seconds(1))
            keep(failure, for: Self.account, consecutive: 0, until: max(earliest, until ?? earliest), now: now)
        }
    }

    /// A model that answers is forgiven everything.
    package func recordSuccess(of model: String) {
        guard records.removeValue(forKey: model) != nil else { return }
        unsaved.append(Change(model: model, record: nil))
    }

    /// The models list has changed: what was gone, or not on offer, may be again.
    package func listHasChanged() {
        for (model, record) in records where record.isUnlikelyToPass {
            records[model] = nil
            unsaved.append(Change(model: model, record: nil))
        }
    }

    private func keep(_ failure: Failure, for model: String, consecutive: Int, until: UnixTime, now: Moment) {
        var record = Record(kind: failure.kind, failedAt: now.wall.wholeSecond, consecutive: consecutive, until: until)
        // Of two limits, the later counts: a short one reported last does not lift a long one. What was gone and fails
        // in another way is not gone any more.
        if let earlier = cooldown(of: model, now: now), earlier.until > until, !earlier.isUnlikelyToPass {
            (record.kind, record.until) = (earlier.kind, earlier.until)
        }
        records[model] = record
        unsaved.append(Change(model: model, record: record))
    }
}
