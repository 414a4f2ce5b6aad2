import OllamaProxy
import Testing

/// How exchanges keep to the account's free requests.
struct BudgetedExchangeTests {
    private static func ledgers(perMinute: Int? = nil, perDay: Int? = nil, places: Int = 500) -> Ledgers {
        Ledgers(
            budget: BudgetLedger(policy: .init(perMinute: perMinute, perDay: perDay)), turns: TurnQueue(most: places))
    }

    private func answer(_ stage: inout ExchangeStage) {
        stage.head()
        stage.bytes(Events.content("hi") + Events.finish() + Events.done)
    }

    @Test func everyAttemptIsCounted() throws {
        let ledgers = Self.ledgers()
        var stage = try ExchangeStage(.ollamaChat(stream: true), ledgers: ledgers)
        stage.begin()
        stage.fails(503, "")
        answer(&stage)
        #expect(ledgers.budget.countToday(now: .at(0)) == 2)
        #expect(stage.heads[0].budgetRemaining == 998)
        #expect(stage.heads[0].attempts == 2)
    }

    @Test func aFullMinuteIsWaitedFor() throws {
        let ledgers = Self.ledgers(perMinute: 1)
        ledgers.budget.count(now: .at(-40))
        var stage = try ExchangeStage(.ollamaChat(stream: true), ledgers: ledgers)
        stage.begin()
        #expect(stage.actions == ["wait"])
        #expect(stage.steps == [.queued(for: .seconds(21))])
        #expect(ledgers.turns.first == stage.machine.arrival)
        stage.now = 21
        stage.turnComes()
        #expect(stage.actions == ["wait", "start v/first:free"])
        #expect(ledgers.turns.count == 0)
        answer(&stage)
        #expect(stage.actions.last == "finish answered")
        #expect(stage.ends[0].waited == .seconds(21))
    }

    @Test func whoComesLaterWaitsBehind() throws {
        let ledgers = Self.ledgers(perMinute: 2)
        for time in [-50.0, -45] { ledgers.budget.count(now: .at(time)) }
        var first = try ExchangeStage(.ollamaChat(stream: true), ledgers: ledgers)
        first.begin()
        var second = try ExchangeStage(.ollamaChat(stream: true), ledgers: ledgers)
        // A request is allowed again, and yet it is not this one's turn.
        second.now = 12
        second.begin()
        #expect(second.actions == ["wait"])
        first.now = 12
        first.turnComes()
        #expect(first.actions.last == "start v/first:free")
        second.now = 16
        second.turnComes()
        #expect(second.actions.last == "start v/first:free")
    }

    @Test func whoseTurnWouldComeTooLateIsToldAtOnce() throws {
        let ledgers = Self.ledgers(perMinute: 1)
        ledgers.budget.count(now: .at(-10))
        var stage = try ExchangeStage(.ollamaChat(stream: true), ledgers: ledgers)
        stage.begin()
        #expect(stage.actions == ["whole 429", "finish failed"])
        #expect(stage.heads[0].retryAfter == .seconds(51))
        #expect(stage.output.contains("the next turn is in 51 s, and requests queue for at most 30 s"))
        #expect(ledgers.turns.count == 0)
    }

    @Test func aFullQueueTakesNobody() throws {
        let ledgers = Self.ledgers(perMinute: 1, places: 1)
        ledgers.budget.count(now: .at(-55))
        var waiting = try ExchangeStage(.ollamaChat(stream: true), ledgers: ledgers)
        waiting.begin()
        var late = try ExchangeStage(
            .openAIChat(stream: false), limits: .init(heartbeat: .zero, queue: .seconds(600)), ledgers: ledgers)
        late.begin()
        #expect(late.actions == ["whole 429", "finish failed"])
        #expect(late.output.contains("the queue is full"))
    }

    @Test func aClientThatLeavesGivesItsPlaceUp() throws {
        let ledgers = Self.ledgers(perMinute: 1)
        ledgers.budget.count(now: .at(-55))
        var stage = try ExchangeStage(.ollamaChat(stream: true), ledgers: ledgers)
        stage.begin()
        stage.clientLeaves()
        #expect(stage.actions == ["wait", "finish client_left"])
        #expect(ledgers.turns.count == 0)
        stage.turnComes()
        #expect(ledgers.budget.countToday(now: .at(0)) == 1)
    }

    @Test func aFullDayIsRefusedWithTheTimeOfTheReset() throws {
        let ledgers = Self.ledgers(perDay: 1)
        ledgers.budget.count(now: .at(0))
        for door in [Door.ollamaChat(stream: true), .openAIChat(stream: false)] {
            var stage = try ExchangeStage(door, ledgers: ledgers)
            stage.begin()
            #expect(stage.actions == ["whole 429", "finish failed"])
            let wait = Moment.at(0).wall.startOfDay + .days(1) - Moment.at(0).wall
            #expect(stage.heads[0].retryAfter == wait)
            #expect(stage.output.contains("(1 made here, 1 allowed)"))
            #expect(stage.output.contains("T00:00:00Z, in \(wait / .hours(1)) h "))
            #expect(stage.heads[0].budgetRemaining == 0)
        }
    }

    @Test func withLittleLeftFewerModelsAreTried() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true), ledgers: Self.ledgers(perDay: 14))
        stage.begin()
        stage.fails(503, "")
        stage.fails(503, "")
        #expect(stage.actions.suffix(2) == ["whole 502", "finish failed"])
        #expect(stage.ends[0].attemptCount == 2)
        #expect(stage.output.contains("only 12 free requests left today"))
    }

    @Test func aMinuteThatTheUpstreamFindsFullIsWaitedForByTheSameModel() throws {
        let ledgers = Self.ledgers()
        var stage = try ExchangeStage(.ollamaChat(stream: true), ledgers: ledgers)
        stage.begin()
        let reset = (Moment.at(0).wall.seconds + 20) * 1000
        let body =
            #"{"error":{"message":"Rate limit exceeded: free-models-per-min. ","code":429,"metadata":{"headers":"#
            + #"{"X-RateLimit-Limit":"16","X-RateLimit-Reset":"\#(reset)"}}}}"#
        stage.fails(429, body)
        #expect(stage.actions == ["start v/first:free", "failed account_limited", "wait"])
        #expect(ledgers.budget.minuteLimit == 16)
        stage.now = 20
        stage.turnComes()
        #expect(stage.actions.last == "start v/first:free")
        // Once, not for ever.
        stage.fails(429, body)
        #expect(stage.actions.last == "finish failed")
        #expect(stage.heads[0].status == 429)
        #expect(stage.heads[0].retryAfter != nil)
        #expect(ledgers.failures.cooldown(of: "v/first:free", now: .at(20)) == nil)
    }

    @Test func whatNeverReachedTheUpstreamIsNotCounted() throws {
        let ledgers = Self.ledgers()
        var stage = try ExchangeStage(.ollamaChat(stream: true), ledgers: ledgers)
        stage.begin()
        stage.end(.unreachable("refused"))
        stage.end(.unreachable("refused"))
        // Every model lies behind the same connection: another would fare no better.
        #expect(
            stage.actions == [
                "start v/first:free", "failed network", "start v/first:free", "failed network", "whole 502",
                "finish failed",
            ])
        #expect(ledgers.budget.countToday(now: .at(0)) == 0)
    }

    @Test func paidModelsAreNotCounted() throws {
        let ledgers = Self.ledgers(perDay: 1)
        let models = [model("p/paid", price: "0.1"), model("v/free:free")]
        var stage = try ExchangeStage(
            .ollamaChat(stream: true), asking: "paid", models: models, freeOnly: false, ledgers: ledgers)
        stage.begin()
        answer(&stage)
        #expect(ledgers.budget.countToday(now: .at(0)) == 0)
        #expect(stage.heads[0].budgetRemaining == nil)
        ledgers.budget.count(now: .at(0))
        // A free one that is not to be had leads on to the next.
        var mixed = try ExchangeStage(
            .ollamaChat(stream: true), asking: "v/free:free", models: models, freeOnly: false, ledgers: ledgers
        ) { $0.fallbackModels = ["p/paid"] }
        mixed.begin()
        #expect(mixed.actions == ["start p/paid"])
    }

    /// No credits says nothing of free models, and no free requests nothing of those that are paid for.
    @Test func outsideFreeModeTheAccountsLimitsLeadToTheNextModel() throws {
        let models = [model("p/paid", price: "0.1"), model("v/free:free")]
        let refusals = [
            ("p/paid", 402, #"{"error":{"message":"Insufficient credits","code":402}}"#, "v/free:free"),
            ("v/free:free", 429, #"{"error":{"message":"Rate limit exceeded: free-models-per-day. "}}"#, "p/paid"),
        ]
        for (asked, status, body, next) in refusals {
            let ledgers = Self.ledgers()
            var stage = try ExchangeStage(
                .ollamaChat(stream: true), asking: asked, models: models, freeOnly: false, ledgers: ledgers
            ) { $0.fallbackModels = [next] }
            stage.begin()
            stage.fails(status, body)
            #expect(stage.actions.last == "start \(next)")
            #expect(ledgers.failures.accountCooldown(now: .at(0)) == nil)
        }
        let ledgers = Self.ledgers(perMinute: 1)
        ledgers.budget.count(now: .at(-1))
        var stage = try ExchangeStage(
            .ollamaChat(stream: true), asking: "v/free:free", models: models, freeOnly: false, ledgers: ledgers
        ) { $0.fallbackModels = ["p/paid"] }
        stage.begin()
        #expect(stage.actions == ["start p/paid"])
    }

    @Test func askingTheSameModelAgainIsNotRefusedForWantOfBudget() throws {
        var stage = try ExchangeStage(.ollamaChat(stream: true), ledgers: Self.ledgers(perDay: 4))
        stage.begin()
        stage.end(.unreachable("refused"))
        #expect(stage.actions.last == "start v/first:free")
    }

    @Test func theAccountsRestStopsFreeModelsOnly() throws {
        let ledgers = Self.ledgers()
        var stage = try ExchangeStage(.ollamaChat(stream: true), ledgers: ledgers)
        stage.begin()
        stage.fails(402, #"{"error":{"message":"Insufficient credits","code":402}}"#)
        #expect(stage.heads[0].status == 402)
        var next = try ExchangeStage(.ollamaChat(stream: true), ledgers: ledgers)
        next.begin()
        #expect(next.actions == ["whole 402", "finish failed"])
    }
}
