import OllamaProxy

/// One kind of day.
package struct Scenario {
    package let name: String
    /// What makes it hard, for the report.
    package let text: String
    package let models: [SimulatedModel]
    package let traffic: Traffic
    let minuteRule: SimulatedAccount.MinuteRule
    let perMinute: Int
    let perDay: Int

    init(
        _ name: String, _ text: String, traffic: Traffic, minuteRule: SimulatedAccount.MinuteRule = .sliding,
        perMinute: Int = 20, perDay: Int = 1000, troubles: [String: [Trouble]] = [:],
        change: (inout [SimulatedModel]) -> Void = { _ in }
    ) {
        self.name = name
        self.text = text
        self.traffic = traffic
        self.minuteRule = minuteRule
        self.perMinute = perMinute
        self.perDay = perDay
        var models = SimulatedModel.standard
        for index in models.indices {
            models[index].troubles = (troubles[models[index].model.vendor] ?? []) + Self.everyday
        }
        change(&models)
        self.models = models
    }

    /// What happens on the best of days.
    private static let everyday = [
        Trouble(.emptyAnswer, probability: 0.005), Trouble(.breaksBeforeFirstWord, probability: 0.005),
        Trouble(.breaksMidway, probability: 0.003), Trouble(.outage, probability: 0.005),
    ]

    func account() -> SimulatedAccount {
        SimulatedAccount(minuteRule: minuteRule, perMinute: perMinute, perDay: perDay)
    }

    // MARK: The days

    package static let all = [calm, outages, pools, smallBudget, bursts, slowStarts, everything]

    static let calm = Scenario(
        "calm day", "two attempts in a hundred fail", traffic: Traffic(people: 500))

    private static let outageTroubles: [String: [Trouble]] = [
        "cedar": [Trouble(.outage, from: 9, until: 13)],
        "aurora": [Trouble(.outage, from: 11, until: 12.5), Trouble(.silence, from: 18, until: 20, probability: 0.8)],
        "birch": [Trouble(.breaksBeforeFirstWord, from: 8, until: 12, probability: 0.7)],
        "fjord": [Trouble(.outage, from: 10, until: 15)],
        "grove": [Trouble(.emptyAnswer, from: 14, until: 17, probability: 0.6)],
        "heron": [Trouble(.outage, from: 0, until: 24, probability: 0.3, steadySeconds: 600)],
    ]

    static let outages = Scenario(
        "outages", "models are down for hours, some silently, some by empty answers and broken streams",
        traffic: Traffic(people: 500), troubles: outageTroubles)

    private static let poolTroubles: [String: [Trouble]] = [
        "aurora": [Trouble(.poolExhausted, from: 7, until: 23, probability: 0.75, steadySeconds: 40)],
        "birch": [Trouble(.poolExhausted, from: 8, until: 18, probability: 0.5, steadySeconds: 90)],
        "cedar": [Trouble(.poolExhausted, from: 6, until: 22, probability: 0.6, steadySeconds: 20)],
        "delta": [Trouble(.poolExhausted, from: 9, until: 21, probability: 0.3, steadySeconds: 30)],
        "fjord": [Trouble(.poolExhausted, probability: 0.15, steadySeconds: 60)],
        "heron": [Trouble(.poolExhausted, from: 12, until: 20, probability: 0.5, steadySeconds: 30)],
    ]

    static let pools = Scenario(
        "pool exhaustion", "the providers of popular models have no room for free requests most of the day",
        traffic: Traffic(people: 500), troubles: poolTroubles)

    static let smallBudget = Scenario(
        "small budget", "50 requests a day, 45 clients, and pools that are empty by day", traffic: Traffic(people: 45),
        perDay: 50, troubles: poolTroubles)

    static let bursts = Scenario(
        "bursts", "agents ask up to 45 times in two minutes; the upstream counts by minutes of the clock",
        traffic: burstTraffic, minuteRule: .clock)

    private static var burstTraffic: Traffic {
        var traffic = Traffic(people: 200, bursts: 14)
        traffic.burstLength = 15...45
        traffic.burstGap = 4
        return traffic
    }

    private static let slowTroubles: [String: [Trouble]] = [
        "aurora": [
            Trouble(.silence, from: 9, until: 18, probability: 0.3, steadySeconds: 300),
            Trouble(.slowStart(seconds: 15), from: 8, until: 20),
        ],
        "birch": [Trouble(.slowStart(seconds: 8), from: 8, until: 20, probability: 0.7)],
        "cedar": [Trouble(.slowStart(seconds: 22), from: 6, until: 23)],
        "fjord": [Trouble(.silence, from: 10, until: 14, probability: 0.5, steadySeconds: 120)],
        "delta": [Trouble(.slowStart(seconds: 12), from: 8, until: 20, probability: 0.5)],
    ]

    static let slowStarts = Scenario(
        "slow starts", "first words after 10 to 35 seconds by day, and sometimes never", traffic: Traffic(people: 400),
        troubles: slowTroubles)

    static let everything = Scenario(
        "all of it", "all of the above at once, and two models that are gone while the list still names them",
        traffic: burstTraffic,
        troubles: outageTroubles.merging(poolTroubles) { $0 + $1 }.merging(slowTroubles) { $0 + $1 }
    ) { models in
        models[1].troubles.insert(Trouble(.gone, from: 13), at: 0)
        models[1].listedUntil = 13.5
        models[4].troubles.insert(Trouble(.gone, from: 16), at: 0)
        models[4].listedUntil = 20
    }
}
