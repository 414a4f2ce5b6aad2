/// The rules that say how models answer. Every rule counts its own requests.
final class Script {
    private struct Rule {
        let model: String
        let endpoint: String
        let answers: [ScriptedAnswer]
        var requests = 0
        var plans: [PlanKey: ResponsePlan] = [:]
    }

    private struct PlanKey: Hashable {
        let answer: Int
        let model: String
        let isStream: Bool
    }

    private var rules: [Rule]
    /// For requests that ask for their answers themselves.
    private var namedAnswers: [String: ScriptedAnswer] = [:]
    /// How often each label has come.
    private var attempts: [String: Int] = [:]

    init() { rules = [] }

    /// Reads `{"rules":[{"model":…,"answers":[…]}],"named":{NAME:ANSWER}}`; a rule's "endpoint" is "chat/completions"
    /// unless it says "responses", "messages" or "embeddings", and "named" may be missing.
    init(parsing bytes: [UInt8]) throws {
        let value = try JSONValue(parsing: bytes)
        for member in value["named"]?.members ?? [] {
            namedAnswers[member.name] = try ScriptedAnswer(script: member.value)
        }
        guard let rules = value["rules"]?.array else { throw ScriptError("a script needs an array \"rules\"") }
        self.rules = try rules.map { rule in
            guard let model = rule["model"]?.string else { throw ScriptError("a rule needs a \"model\"") }
            guard let answers = rule["answers"]?.array, !answers.isEmpty else {
                throw ScriptError("the rule for \"\(model)\" needs at least one answer")
            }
            for member in rule.members ?? [] where !["model", "endpoint", "answers"].contains(member.name) {
                throw ScriptError("unknown member \"\(member.name)\" in the rule for \"\(model)\"")
            }
            return Rule(
                model: model, endpoint: rule["endpoint"]?.string ?? "chat/completions",
                answers: try answers.map(ScriptedAnswer.init(script:)))
        }
    }

    /// The answer that the request asks for itself.
    func plan(for requested: RequestedAnswers, dialect: Dialect, model: String, isStream: Bool) -> ResponsePlan {
        let attempt = attempts[requested.label, default: 0]
        attempts[requested.label] = attempt + 1
        let name = requested.names[min(attempt, requested.names.count - 1)]
        guard let answer = namedAnswers[name] else { return .error(400, "no answer is named \(name)") }
        return answer.labelled("\(requested.label).\(attempt + 1)")
            .plan(model: model, isStream: isStream, as: dialect)
    }

    /// The next answer of the first rule that speaks for the model; nil when none does.
    func nextPlan(endpoint: String, model: String, isStream: Bool) -> ResponsePlan? {
        guard
            let index = rules.firstIndex(where: { $0.endpoint == endpoint && ($0.model == "*" || $0.model == model) })
        else { return nil }
        let position = min(rules[index].requests, rules[index].answers.count - 1)
        rules[index].requests += 1

        let key = PlanKey(answer: position, model: model, isStream: isStream)
        if let plan = rules[index].plans[key] { return plan }
        let answer = rules[index].answers[position]
        let plan = answer.plan(
            model: model, isStream: isStream, as: Dialect(rawValue: endpoint) ?? .chat)
        if answer.isTimeless { rules[index].plans[key] = plan }
        return plan
    }
}
