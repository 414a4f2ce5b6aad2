import Testing

/// Whatever the upstream, the client and the clock do, some things hold.
@Suite struct RandomScriptTests {
    private static let seedsPerPart = 400

    @Test(arguments: 0..<8)
    func eachClientGetsOneAnswerOrOneErrorAndNoLimitIsPassed(part: Int) {
        var events: [ScriptedRun.Event: Int] = [:]
        for seed in part * Self.seedsPerPart..<(part + 1) * Self.seedsPerPart {
            let run = ScriptedRun(seed: UInt64(seed))
            #expect(run.violations.isEmpty, "seed \(seed): \(run.violations.prefix(3).joined(separator: " | "))")
            events.merge(run.events) { $0 + $1 }
        }
        // What never happens proves nothing.
        for event in ScriptedRun.Event.allCases {
            #expect(events[event, default: 0] > 0, "\(event) happened \(events[event, default: 0]) times")
        }
    }
}
