import OllamaProxy

/// A day's requests: people, who come by the time of the day, and agents, who come in bursts.
package struct Traffic {
    /// Requests by people.
    package var people: Int
    package var bursts = 0
    /// Requests in each burst, and the seconds between them at the most.
    package var burstLength = 10...30
    package var burstGap = 4.0

    package init(people: Int, bursts: Int = 0) {
        self.people = people
        self.bursts = bursts
    }

    /// How busy each hour is, compared with the others.
    private static let profile: [Double] = [
        2, 1, 1, 1, 1, 2, 3, 5, 8, 10, 11, 10, 8, 9, 10, 10, 9, 8, 8, 9, 9, 8, 6, 4,
    ]

    func requests(seed: UInt64, models: [SimulatedModel]) -> [SimulatedRequest] {
        var random = SplitMix64(seed, 0x7AFF1C)
        var requests: [SimulatedRequest] = []
        for _ in 0..<people {
            requests.append(Self.request(at: Self.time(&random), models, isAgent: false, &random))
        }
        for _ in 0..<bursts {
            var time = Self.time(&random)
            for _ in 0..<random.integer(burstLength) {
                requests.append(Self.request(at: time, models, isAgent: true, &random))
                time += random.double(0.2...burstGap)
            }
        }
        requests.sort { $0.time < $1.time }
        for index in requests.indices { requests[index].index = index }
        return requests
    }

    /// A time of the day, likelier in busy hours.
    private static func time(_ random: inout SplitMix64) -> Double {
        var left = random.fraction() * profile.reduce(0, +)
        var hour = 0
        while left >= profile[hour], hour < profile.count - 1 {
            left -= profile[hour]
            hour += 1
        }
        return (Double(hour) + random.fraction()) * 3600
    }

    private static func request(
        at time: Double, _ models: [SimulatedModel], isAgent: Bool, _ random: inout SplitMix64
    ) -> SimulatedRequest {
        var needs = RequestNeeds()
        needs.usesTools = random.chance(isAgent ? 0.9 : 0.2)
        if random.chance(isAgent ? 0.02 : 0.08) {
            needs.inputs.insert(.image)
            needs.attachments = 1
        }
        needs.textBytes = random.chance(0.07) ? random.integer(500_000...1_200_000) : random.integer(100...30_000)
        let doors: [Door] = [
            .ollamaChat(stream: true), .ollamaChat(stream: true), .openAIChat(stream: true),
            .ollamaChat(stream: false), .openAIChat(stream: false), .ollamaGenerate(stream: true),
        ]
        return SimulatedRequest(
            time: time, door: random.element(of: doors), name: name(models, &random), needs: needs,
            answerTokens: random.integer(isAgent ? 30...300 : 80...700))
    }

    /// Many ask for one popular model, some for whatever is best, some by a name from elsewhere, the rest for any.
    private static func name(_ models: [SimulatedModel], _ random: inout SplitMix64) -> String {
        switch random.fraction() {
        case ..<0.35: models[0].model.id
        case ..<0.5: "auto"
        case ..<0.7: "llama3.2"
        default: random.element(of: models).model.id
        }
    }
}
