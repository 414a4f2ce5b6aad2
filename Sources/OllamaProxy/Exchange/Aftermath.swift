/// What follows a failed attempt.
enum Aftermath: Equatable {
    /// Another attempt still runs, and may answer.
    case wait
    /// The same model is asked again.
    /// - blamesNobody: it is not held against the number of attempts that the account allows.
    case again(blamesNobody: Bool)
    /// Another model is asked, which goes on with the answer where part of one was sent.
    case next
    /// Part of an answer was sent that no other attempt can go on with.
    case breakOff
    /// Whatever model is asked, the outcome is the same.
    case stop

    /// All that decides, besides the failure itself.
    struct Situation: Equatable {
        /// Another attempt of the request still runs.
        var othersRun = false
        /// Part of an answer was sent.
        var isCommitted = false
        /// Another attempt could go on with it.
        var canBeResumed = false
        /// How often this model has failed the request, this time included.
        var failuresOfModel = 1
        /// How many attempts of the request have failed, this one included.
        var failures = 1
        /// Only free models are asked.
        var freeOnly = true
        /// The client asked for this model.
        var isRequested = false
        /// Other candidates are left.
        var hasOthers = true
        /// The account's limit on requests a minute is kept here, so that asking again waits for its turn.
        var keepsMinuteLimit = true
    }

    static func of(_ failure: Failure, in situation: Situation) -> Aftermath {
        if situation.othersRun { return .wait }
        if situation.isCommitted, failure.decision == .stop || !situation.canBeResumed { return .breakOff }
        let isFirstOfModel = situation.failuresOfModel == 1
        switch failure.decision {
        case .nextModel:
            let again = failure.isTransient && isFirstOfModel && deservesAnotherTry(failure, situation)
            return again ? .again(blamesNobody: false) : .next
        case .sameModelOnce:
            // Not at once, where nothing holds it back for the minute.
            let isHeldBack = failure.accountLimit == nil || situation.keepsMinuteLimit
            return isFirstOfModel && isHeldBack ? .again(blamesNobody: true) : .stop
        case .stop: return .stop
        }
    }

    /// Where the client pays for the model it asked for, it is that model it wants; and where no other can serve the
    /// request, the same one is better than none.
    private static func deservesAnotherTry(_ failure: Failure, _ situation: Situation) -> Bool {
        guard situation.freeOnly else { return situation.isRequested }
        return situation.failures == 1 && !situation.hasOthers && failure.kind != .silent
    }
}
