import Testing

@testable import OllamaProxy

/// Every invariant is seen, once it is broken on purpose.
struct ExchangeInvariantTests {
    static let breaches: [(String, @Sendable (ExchangeMachine) -> Void)] = [
        ("attempts before the beginning", { $0.state = .ready }),
        ("a wait for a turn without an end", { $0.state = .queued(next($0)) }),
        ("running without an attempt", { $0.state = .running([], hedge: .never) }),
        ("3 attempts at once", { $0.state = .running(Array(repeating: first($0), count: 3), hedge: .never) }),
        (
            "a trusted attempt beside another",
            {
                first($0).isTrusted = true
                $0.state = .running([first($0), first($0)], hedge: .never)
            }
        ),
        (
            "a deadline behind the end",
            {
                $0.state = .finished; $0.reply.expectHeartbeats(every: .seconds(1), now: .at(0))
            }
        ),
        ("an attempt that has ended is under way", { first($0).isRunning = false }),
        ("an attempt without a record", { $0.attempts.begin(isFree: true) }),
        (
            "6 attempts",
            { machine in
                for _ in 0..<5 {
                    machine.attempts.begin(isFree: true)
                    machine.attempts.end(first(machine), .givenUp, now: .at(0))
                }
            }
        ),
        (
            "a wait for a turn that nobody waits for",
            { $0.admission.enter($0.ledgers.turns, limit: .seconds(1), now: .at(0)) }
        ),
        ("output of a reply that has not begun", { $0.reply.become(ByteBuffer("x")) }),
    ]

    private static func first(_ machine: ExchangeMachine) -> Attempt {
        guard case .running(let attempts, _) = machine.state else { fatalError("nothing runs") }
        return attempts[0]
    }

    private static func next(_ machine: ExchangeMachine) -> ExchangeMachine.Next {
        ExchangeMachine.Next(model: first(machine).model, isRequested: true)
    }

    @Test(arguments: breaches.indices) func isSeen(_ index: Int) throws {
        let (violation, breach) = Self.breaches[index]
        var limits = ExchangeMachine.Limits(heartbeat: .zero)
        limits.attempts = 5
        var stage = try ExchangeStage(.ollamaChat(stream: true), limits: limits)
        stage.begin()
        #expect(stage.machine.violation == nil)
        breach(stage.machine)
        #expect(stage.machine.violation == violation)
    }

    @Test func nothingIsCommittedWhereNothingIsStreamed() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: false))
        stage.begin()
        stage.machine.reply.commit(Self.first(stage.machine))
        #expect(stage.machine.violation == "a commitment where nothing is streamed")
    }
}
