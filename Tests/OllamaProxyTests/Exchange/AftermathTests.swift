import Testing

@testable import OllamaProxy

/// What follows a failure, row by row.
struct AftermathTests {
    typealias Situation = Aftermath.Situation

    static func failure(
        _ decision: Failure.Decision, _ kind: Failure.Kind = .unavailable, isTransient: Bool = false,
        accountLimit: Failure.AccountLimit.Window? = nil
    ) -> Failure {
        Failure(
            kind: kind, scope: .model, decision: decision, cooldown: .none, isTransient: isTransient, status: 502,
            message: "", summary: "",
            accountLimit: accountLimit.map { Failure.AccountLimit(window: $0, limit: nil, reset: nil) })
    }

    static func situation(_ change: (inout Situation) -> Void) -> Situation {
        var situation = Situation()
        change(&situation)
        return situation
    }

    static let lone = situation { $0.hasOthers = false }
    static let paid = situation { $0.freeOnly = false }
    static let asked = situation { ($0.freeOnly, $0.isRequested) = (false, true) }
    static let broken = situation { $0.isCommitted = true }
    static let resumable = situation { ($0.isCommitted, $0.canBeResumed) = (true, true) }

    static let rows: [(Failure, Situation, Aftermath)] = [
        (failure(.nextModel), Situation(), .next),
        (failure(.nextModel, isTransient: true), Situation(), .next),
        // Another attempt still runs: whatever this one's failure, it is waited for.
        (failure(.nextModel), situation { $0.othersRun = true }, .wait),
        (failure(.stop), situation { $0.othersRun = true }, .wait),
        // No other model is left: the same once more, unless it said nothing for the whole time.
        (failure(.nextModel, isTransient: true), lone, .again(blamesNobody: false)),
        (failure(.nextModel, .silent, isTransient: true), lone, .next),
        (failure(.nextModel), lone, .next),
        (failure(.nextModel, isTransient: true), situation { ($0.hasOthers, $0.failures) = (false, 2) }, .next),
        (
            failure(.nextModel, isTransient: true),
            situation { ($0.hasOthers, $0.failures, $0.failuresOfModel) = (false, 2, 2) }, .next
        ),
        // A model that is paid for and was asked for is asked twice; a substitute is not.
        (failure(.nextModel, isTransient: true), asked, .again(blamesNobody: false)),
        (failure(.nextModel, .silent, isTransient: true), asked, .again(blamesNobody: false)),
        (failure(.nextModel), asked, .next),
        (failure(.nextModel, isTransient: true), paid, .next),
        (
            failure(.nextModel, isTransient: true),
            situation { ($0.freeOnly, $0.isRequested, $0.failuresOfModel) = (false, true, 2) }, .next
        ),
        // The account's minute: once more when its turn comes, which only a kept limit says.
        (failure(.sameModelOnce), Situation(), .again(blamesNobody: true)),
        (failure(.sameModelOnce), situation { $0.failuresOfModel = 2 }, .stop),
        (failure(.sameModelOnce, accountLimit: .minute), Situation(), .again(blamesNobody: true)),
        (failure(.sameModelOnce, accountLimit: .minute), situation { $0.keepsMinuteLimit = false }, .stop),
        (failure(.sameModelOnce), situation { $0.keepsMinuteLimit = false }, .again(blamesNobody: true)),
        // Part of an answer was sent.
        (failure(.nextModel), broken, .breakOff),
        (failure(.sameModelOnce), broken, .breakOff),
        (failure(.stop), broken, .breakOff),
        (failure(.nextModel), resumable, .next),
        (failure(.sameModelOnce), resumable, .again(blamesNobody: true)),
        (failure(.stop), resumable, .breakOff),
        (failure(.stop), Situation(), .stop),
        (failure(.stop), lone, .stop),
    ]

    @Test(arguments: rows.indices) func row(_ index: Int) {
        let (failure, situation, expected) = Self.rows[index]
        #expect(Aftermath.of(failure, in: situation) == expected)
    }
}
