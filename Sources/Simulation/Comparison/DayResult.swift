/// How one request fared.
struct RequestOutcome {
    var isServed = false
    var attempts = 0
    /// Seconds from the request to the first word, waiting included; nil where no stream was asked for, as the first
    /// word is the last there.
    var firstWord: Double?
    /// Why it was not served.
    var loss: Loss?
}

/// Why a request was not served.
package enum Loss: CaseIterable {
    case dayUsedUp, tooLateForTheQueue, fewerFallbacks, attemptsUsedUp, noCandidateLeft, brokeMidway, clientLeft,
        accountLimit, refused

    /// For the report, one sentence.
    package var text: String {
        switch self {
        case .dayUsedUp:
            "the day's requests were used up, some by attempts that failed, which only the oracle sees coming"
        case .tooLateForTheQueue:
            "its turn would have come later than QUEUE_SECONDS (30 s), so it was told when to try again"
        case .fewerFallbacks:
            "little of the day's budget was left, so fewer fallbacks were allowed to it, to leave some to the others"
        case .attemptsUsedUp: "each of MAX_ATTEMPTS (5) attempts failed"
        case .noCandidateLeft: "every candidate had failed or was in cooldown after a failure"
        case .brokeMidway: "the stream broke after its first words, which nothing takes back"
        case .clientLeft: "the client gave up after two minutes without a word"
        case .accountLimit: "the account's limit was met, and nothing waits for it"
        case .refused: "the last error was taken for final"
        }
    }
}

/// One scenario lived through by one strategy.
package struct DayResult {
    package let scenario: Scenario
    package let strategy: Strategy
    var outcomes: [RequestOutcome]
    /// By request: whether some candidate could have served it, at some moment within its deadline and the budget.
    let servable: [Bool]
    /// Requests that count against the account's limits.
    package let spent: Int
    /// Refusals because of the account's limits.
    package let refusedByAccount: Int

    package var requests: Int { outcomes.count }

    package var served: Int { outcomes.count(where: \.isServed) }

    package var successRate: Double { requests == 0 ? 1 : Double(served) / Double(requests) }

    package var servableCount: Int { servable.count { $0 } }

    /// Requests that could have been served and were not.
    package var lost: Int { zip(outcomes, servable).count { !$0.isServed && $1 } }

    /// How many were lost for each reason, in the order of the reasons.
    package var losses: [(loss: Loss, count: Int)] {
        let found = zip(outcomes, servable).compactMap { $1 ? $0.loss : nil }
        return Loss.allCases.map { loss in (loss, found.count { $0 == loss }) }.filter { $0.1 > 0 }
    }

    /// Mean attempts of the requests that were served.
    package var attemptsPerSuccess: Double {
        let attempts = outcomes.filter(\.isServed).map(\.attempts)
        return attempts.isEmpty ? 0 : Double(attempts.reduce(0, +)) / Double(attempts.count)
    }

    /// Requests spent on attempts that led to nothing.
    package var burnt: Int { max(0, spent - served) }

    /// Seconds to the first word that so many of the streams did not exceed.
    package func firstWord(quantile: Double) -> Double {
        let times = outcomes.filter(\.isServed).compactMap(\.firstWord).sorted()
        return times.isEmpty ? 0 : times[min(times.count - 1, Int(quantile * Double(times.count)))]
    }
}
