extension ExchangeMachine {
    /// What does not hold although it must; nil when all does. Looked at after each input in debug builds.
    var violation: String? {
        let attemptsUnderWay: [Attempt]
        switch state {
        case .ready:
            if attempts.count > 0 { return "attempts before the beginning" }
            attemptsUnderWay = []
        case .queued:
            if admission.deadline == .never { return "a wait for a turn without an end" }
            attemptsUnderWay = []
        case .running(let running, _):
            if running.isEmpty { return "running without an attempt" }
            if running.count > 2 { return "\(running.count) attempts at once" }
            if running.count > 1, running.contains(where: \.isTrusted) { return "a trusted attempt beside another" }
            attemptsUnderWay = running
        case .finished:
            if deadline != nil { return "a deadline behind the end" }
            attemptsUnderWay = []
        }
        if attemptsUnderWay.contains(where: { !$0.isRunning }) { return "an attempt that has ended is under way" }
        if attempts.records.count + attemptsUnderWay.count != attempts.count { return "an attempt without a record" }
        if attempts.count > terms.limits.attempts { return "\(attempts.count) attempts" }
        if reply.isCommitted, !door.streams { return "a commitment where nothing is streamed" }
        if !isQueued, admission.deadline != .never { return "a wait for a turn that nobody waits for" }
        if !isFinishedOrStreaming, !output.isEmpty { return "output of a reply that has not begun" }
        return nil
    }

    private var isQueued: Bool { if case .queued = state { true } else { false } }

    private var isFinishedOrStreaming: Bool {
        if case .finished = state { return true }
        return reply.isBegun
    }
}
