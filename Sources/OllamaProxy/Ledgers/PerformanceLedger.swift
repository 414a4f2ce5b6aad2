/// How well each model has answered so far: how often, how soon, how fast. Recent answers weigh more.
///
/// Kept in memory; the names of changed records are left in `unsaved`, for the runtime to persist.
package final class PerformanceLedger {
    /// What was seen of one model.
    package struct Record: Equatable {
        /// Attempts and successes, each attempt weighing a little less with every one that follows.
        package var attempts: Double
        package var successes: Double
        /// Running means, the first in seconds; 0 while unknown.
        package var firstTokenSeconds: Double
        package var tokensPerSecond: Double
        /// When the last attempt was, in whole seconds.
        package var updatedAt: UnixTime

        package init(
            attempts: Double = 0, successes: Double = 0, firstTokenSeconds: Double = 0, tokensPerSecond: Double = 0,
            updatedAt: UnixTime = .epoch
        ) {
            self.attempts = attempts
            self.successes = successes
            self.firstTokenSeconds = firstTokenSeconds
            self.tokensPerSecond = tokensPerSecond
            self.updatedAt = updatedAt
        }
    }

    /// What an attempt weighs after the next one, compared with before.
    private static let fading = 0.95
    /// What a new measurement weighs in a running mean.
    private static let share = 0.2
    /// After so long, what was seen counts half: free models have bad hours, not bad characters.
    private static let halfLife = Span.hours(6)
    /// What is taken for granted of a model never seen, as if two attempts had shown it.
    private static let prior = (attempts: 2.0, successes: 1.4, firstTokenSeconds: 3.0, tokensPerSecond: 30.0)
    /// The answer by whose time models are compared, in tokens, and the time that a failed attempt costs, in seconds.
    private static let typicalAnswer = 300.0
    private static let failureSeconds = 10.0

    private var records: [String: Record] = [:]
    package private(set) var unsaved = Set<String>()

    package init() {}

    package func load(_ rows: [(model: String, record: Record)]) {
        for row in rows { records[row.model] = row.record }
    }

    package func record(of model: String) -> Record? { records[model] }

    package var all: [String: Record] { records }

    /// The models whose records have changed since the last call; nil for one that is to be forgotten.
    package func takeUnsaved() -> [(model: String, record: Record)] {
        defer { unsaved.removeAll() }
        return unsaved.compactMap { model in records[model].map { (model, $0) } }
    }

    /// An attempt failed, and the model or its provider is to blame.
    package func recordFailure(of model: String, now: Moment) {
        change(model, now: now) { _ in }
    }

    /// An answer came to its end.
    /// - Parameters:
    ///   - firstToken: from the attempt's start to its first word; nil where the answer came in one piece.
    ///   - answer: from there to the end.
    ///   - tokens: how long the answer was; 0 when that is unknown.
    package func recordSuccess(of model: String, firstToken: Span?, answer: Span, tokens: Int, now: Moment) {
        change(model, now: now) { record in
            record.successes += 1
            guard let firstToken else { return }
            Self.move(&record.firstTokenSeconds, to: max(.zero, firstToken).seconds)
            // A few words say nothing about the pace.
            if tokens >= 10, answer > .zero {
                Self.move(&record.tokensPerSecond, to: Double(tokens) / answer.seconds)
            }
        }
    }

    private func change(_ model: String, now: Moment, _ apply: (inout Record) -> Void) {
        var record = records[model] ?? Record()
        let weight = weight(of: model, now: now) * Self.fading
        record.attempts = record.attempts * weight + 1
        record.successes *= weight
        apply(&record)
        record.updatedAt = now.wall.wholeSecond
        records[model] = record
        unsaved.insert(model)
    }

    private static func move(_ mean: inout Double, to value: Double) {
        mean = mean == 0 ? value : mean + share * (value - mean)
    }

    /// The share of attempts that succeed, as far as it is known.
    package func successRate(of model: String, now: Moment) -> Double {
        let weight = weight(of: model, now: now)
        guard let record = records[model] else { return Self.prior.successes / Self.prior.attempts }
        return (Self.prior.successes + weight * record.successes) / (Self.prior.attempts + weight * record.attempts)
    }

    /// The seconds that an answer of ordinary length is expected to take, with the time lost when the attempt fails.
    /// The less the better.
    package func expectedSeconds(of model: String, now: Moment) -> Double {
        let rate = successRate(of: model, now: now)
        let record = records[model]
        let firstToken = record.map(\.firstTokenSeconds).flatMap { $0 > 0 ? $0 : nil } ?? Self.prior.firstTokenSeconds
        let pace = record.map(\.tokensPerSecond).flatMap { $0 > 0 ? $0 : nil } ?? Self.prior.tokensPerSecond
        return firstToken + Self.typicalAnswer / max(0.1, pace) + (1 - rate) / rate * Self.failureSeconds
    }

    /// How much older results still weigh: a half after each half-life, in straight lines between.
    private func weight(of model: String, now: Moment) -> Double {
        guard let record = records[model] else { return 0 }
        var age = max(.zero, now.wall.wholeSecond - record.updatedAt).seconds / Self.halfLife.seconds
        var weight = 1.0
        while age >= 1, weight > 0.001 {
            weight /= 2
            age -= 1
        }
        return weight * (1 - min(1, age) / 2)
    }
}
