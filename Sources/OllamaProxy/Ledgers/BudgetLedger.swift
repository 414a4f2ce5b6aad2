/// The account's free requests: how many were made, how many may still be.
///
/// OpenRouter allows so many free requests a minute and so many a UTC day, over all free models together, and says
/// nothing of them while they last. So every attempt is counted here. What the upstream says of the limits, in its
/// refusals and in `GET /key`, corrects the count.
///
/// The minute is any sixty seconds on the monotonic clock, which keeps to the limit wherever the upstream's minute
/// begins and whatever the wall clock does. A day is named by its beginning.
package final class BudgetLedger {
    package struct Policy: Equatable {
        /// Requests a minute; nil to go by what the upstream says, 0 to hold nothing back.
        package var perMinute: Int?
        /// Requests a UTC day; nil to go by what the upstream says, 0 to hold nothing back.
        package var perDay: Int?

        package init(perMinute: Int? = nil, perDay: Int? = nil) {
            self.perMinute = perMinute
            self.perDay = perDay
        }
    }

    /// Whether one more request may be made now.
    package enum Admission: Equatable {
        case granted
        /// Not before this time.
        case wait(until: Instant)
        /// Not before the next day, which begins at this time.
        case exhausted(until: UnixTime)
    }

    /// Sixty seconds, and one for the time that requests take on their way.
    static let window = Span.seconds(61)

    package let policy: Policy
    /// When the requests of the last minute were made, oldest first.
    private var recent: [Instant] = []
    /// The day it is.
    private var day = UnixTime.epoch
    /// Requests by the day, of the days that were asked for since the start.
    private var counts: [UnixTime: Int] = [:]
    /// The requests of a day that were made before the start. A clock that is put right may change the day to one that
    /// was not known to be today.
    package var recall: (_ day: UnixTime) -> Int = { _ in 0 }
    /// What the upstream said of its limits, which holds for the day it said it on.
    private var learnedPerMinute: Int?
    private var learnedPerDay: Int?
    /// Whether the account never had credits; nil while unknown.
    private var isFreeTier: Bool?
    /// The upstream refused; nil where it did not.
    private var minuteBlockedUntil: Instant?
    private var dayBlockedUntil: UnixTime?

    private var unsaved = Changes()

    package init(policy: Policy = Policy()) {
        self.policy = policy
    }

    // MARK: Limits

    /// Requests a minute; nil when nothing is held back.
    package var minuteLimit: Int? {
        if policy.perMinute == 0 { return nil }
        return policy.perMinute ?? learnedPerMinute ?? OpenRouter.FreeLimits.perMinute
    }

    /// Requests a day; nil when nothing is held back. Unless told otherwise the larger limit is taken for granted: a
    /// refusal teaches better at the price of one request, the smaller would refuse what could be had.
    package var dayLimit: Int? {
        if policy.perDay == 0 { return nil }
        return policy.perDay ?? learnedPerDay
            ?? (isFreeTier == true
                ? OpenRouter.FreeLimits.perDayWithoutCredits : OpenRouter.FreeLimits.perDayWithCredits)
    }

    /// What `GET /key` says of the account.
    package func recordTier(isFree: Bool, now: Moment) {
        turnDay(now)
        guard isFree != isFreeTier else { return }
        if isFreeTier == true {
            // Credits were bought, which lifts what was refused before.
            learnedPerDay = nil
            dayBlockedUntil = nil
        }
        isFreeTier = isFree
        unsaved.limits = limits(now: now)
    }

    /// The upstream refused a request because of a limit of the account's.
    package func record(_ limit: Failure.AccountLimit, now: Moment) {
        turnDay(now)
        let reset = limit.reset
        switch limit.window {
        case .minute:
            if let limit = limit.limit, limit > 0 { learnedPerMinute = limit }
            let wait = reset.map { $0 - now.wall } ?? Self.window
            minuteBlockedUntil = now.monotonic + min(max(wait, .seconds(1)), Self.window)
        case .day:
            if let limit = limit.limit, limit > 0 { learnedPerDay = limit }
            // A refusal that names no time means the day's end.
            dayBlockedUntil = reset.map { max($0, now.wall.wholeSecond + .seconds(1)) } ?? nextDay
        }
        unsaved.limits = limits(now: now)
    }

    // MARK: Requests

    package func admission(now: Moment) -> Admission {
        turnDay(now)
        if let limit = dayLimit {
            if let block = dayBlock(now) { return .exhausted(until: block) }
            if counts[day, default: 0] >= limit { return .exhausted(until: nextDay) }
        }
        let turn = turnTime(ahead: 0, now: now)
        return turn <= now.monotonic ? .granted : .wait(until: turn)
    }

    /// When a request can be made that so many others are made before; now at the soonest.
    package func turnTime(ahead: Int, now: Moment) -> Instant {
        guard let limit = minuteLimit else { return now.monotonic }
        forgetOld(now)
        let earliest = max(now.monotonic, minuteBlockedUntil ?? now.monotonic)
        // The one that has to be a minute old by then; those that wait ahead come a minute behind others themselves.
        let position = recent.count + ahead - limit
        guard position >= 0 else { return earliest }
        if position < recent.count { return max(earliest, recent[position] + Self.window) }
        // Behind one that is itself still to be made, as many places ahead as the minute has.
        return turnTime(ahead: ahead - max(1, limit), now: now) + Self.window
    }

    /// One request is made.
    package func count(now: Moment) {
        turnDay(now)
        forgetOld(now)
        recent.append(now.monotonic)
        // Far beyond any limit the exact times matter no more than the memory they take.
        if recent.count > Self.mostRecent { recent.removeFirst(Self.mostRecent / 2) }
        counts[day, default: 0] += 1
        unsaved.count(at: now.wall.wholeSecond, by: 1)
    }

    private static let mostRecent = 20_000

    /// A request that was counted at `time` never left this machine.
    package func uncount(_ time: Moment, now: Moment) {
        turnDay(now)
        if let index = recent.lastIndex(of: time.monotonic) { recent.remove(at: index) }
        let day = time.wall.startOfDay
        if let count = counts[day], count > 0 { counts[day] = count - 1 }
        unsaved.count(at: time.wall.wholeSecond, by: -1)
    }

    // MARK: What is left

    /// Requests left today; nil when nothing is held back.
    package func remainingToday(now: Moment) -> Int? {
        turnDay(now)
        guard let limit = dayLimit else { return nil }
        return dayBlock(now) != nil ? 0 : max(0, limit - counts[day, default: 0])
    }

    /// Requests made today.
    package func countToday(now: Moment) -> Int {
        turnDay(now)
        return counts[day, default: 0]
    }

    /// Requests made within the last minute.
    package func countOfMinute(now: Moment) -> Int {
        forgetOld(now)
        return recent.count
    }

    /// When the day's quota resets.
    package func reset(now: Moment) -> UnixTime {
        turnDay(now)
        return dayBlock(now) ?? nextDay
    }

    /// How many attempts one request may take: no more than a fifth of what is left of the day, so that the last
    /// requests are not spent on one.
    package func attemptsAllowed(of most: Int, now: Moment) -> Int {
        guard let remaining = remainingToday(now: now) else { return most }
        return max(1, min(most, remaining / 5))
    }

    // MARK: Time

    private var nextDay: UnixTime { day + .days(1) }

    /// Until when the upstream's refusal of the day still holds.
    private func dayBlock(_ now: Moment) -> UnixTime? {
        dayBlockedUntil.flatMap { $0 > now.wall ? $0 : nil }
    }

    private func turnDay(_ now: Moment) {
        let today = now.wall.startOfDay
        guard today != day else { return }
        day = today
        if counts[today] == nil { counts[today] = recall(today) }
        if counts.count > 10 { counts = counts.filter { abs($0.key.day - today.day) < 5 } }
        learnedPerMinute = nil
        learnedPerDay = nil
        dayBlockedUntil = nil
    }

    private func forgetOld(_ now: Moment) {
        let old = recent.prefix { $0 + Self.window <= now.monotonic }.count
        if old > 0 { recent.removeFirst(old) }
    }

    // MARK: Persistence

    /// What the upstream said of the limits on one day. Times are whole seconds.
    package struct Limits: Equatable {
        package var day: UnixTime
        package var perMinute: Int?
        package var perDay: Int?
        /// nil where nothing was refused.
        package var minuteBlockedUntil: UnixTime?
        package var dayBlockedUntil: UnixTime?
        /// Of whichever day; nil while unknown.
        package var isFreeTier: Bool?

        package init(
            day: UnixTime, perMinute: Int?, perDay: Int?, minuteBlockedUntil: UnixTime?, dayBlockedUntil: UnixTime?,
            isFreeTier: Bool?
        ) {
            self.day = day
            self.isFreeTier = isFreeTier
            self.perMinute = perMinute
            self.perDay = perDay
            self.minuteBlockedUntil = minuteBlockedUntil
            self.dayBlockedUntil = dayBlockedUntil
        }
    }

    /// What the upstream has said so far.
    package func limits(now: Moment) -> Limits {
        let wait = minuteBlockedUntil.map { $0 - now.monotonic } ?? .zero
        return Limits(
            day: day, perMinute: learnedPerMinute, perDay: learnedPerDay,
            minuteBlockedUntil: wait > .zero ? (now.wall.wholeSecond + wait).wholeSecond + .seconds(1) : nil,
            dayBlockedUntil: dayBlockedUntil, isFreeTier: isFreeTier)
    }

    /// The changes since the last call, which are from now on the caller's to persist.
    package func takeUnsaved() -> Changes {
        defer { unsaved = Changes() }
        return unsaved
    }

    /// Whether there is anything to persist.
    package var hasUnsaved: Bool { !unsaved.isEmpty }

    /// Takes over what was remembered before a restart.
    /// - Parameters:
    ///   - countToday: the requests made on the day it is now.
    ///   - recent: the requests of the last minutes, by the second they were made in.
    package func load(countToday: Int, recent seconds: [(second: UnixTime, count: Int)], limits: Limits?, now: Moment) {
        turnDay(now)
        counts[day] = max(0, countToday)
        recent = []
        for (second, count) in seconds.sorted(by: { $0.second < $1.second }) {
            // The end of the second: a request that may be later than recorded must count as later.
            let age = max(.zero, now.wall - (second + .seconds(1)))
            // What lies ahead was counted by a wrong clock.
            guard age < Self.window, second <= now.wall, count > 0 else { continue }
            recent += Array(repeating: now.monotonic - age, count: min(count, Self.mostRecent))
        }
        isFreeTier = limits?.isFreeTier
        guard let limits, limits.day == day else { return }
        learnedPerMinute = limits.perMinute
        learnedPerDay = limits.perDay
        let second = now.wall.wholeSecond
        dayBlockedUntil = limits.dayBlockedUntil.map { min($0, second + .days(1)) }
        minuteBlockedUntil = limits.minuteBlockedUntil.map {
            now.monotonic + min(max(.zero, $0 - second), Self.window)
        }
    }
}
