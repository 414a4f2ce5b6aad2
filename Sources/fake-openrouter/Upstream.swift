import Foundation

/// OpenRouter's side of the fake: decides which plan answers a request. Knows nothing of sockets.
final class Upstream {
    private struct DemoKey: Hashable {
        let model: String
        let reasons: Bool
        let isStream: Bool
        let dialect: Dialect
    }

    var models = ModelCatalogue.builtIn
    var script = Script()
    /// What replaces the answer to GET /key, if a test wants another.
    var keyAnswer: ResponsePlan?
    private(set) var log = RequestLog()
    private let demo: DemoAnswer
    private var demoPlans: [DemoKey: ResponsePlan] = [:]

    init(demo: DemoAnswer) { self.demo = demo }

    func forgetRequests() { log.removeAll() }

    /// The answer to a request under /api/v1, and the model it was for.
    func answer(_ request: HTTPRequest) -> (plan: ResponsePlan, model: String?) {
        let body = request.method == "POST" ? try? JSONValue(parsing: request.body) : nil
        let model = body.flatMap { ChatRequest(body: $0, isReasoningMandatory: false).model }
        log.record(request, model: model)
        return (plan(for: request, body: body, model: model), model)
    }

    private func plan(for request: HTTPRequest, body: JSONValue?, model: String?) -> ResponsePlan {
        switch (request.method, request.path) {
        case ("GET", "/api/v1/models"): return .sized(status: models.status, body: models.body)
        case ("GET", "/api/v1/key"): return refusal(of: request) ?? keyAnswer ?? Self.key
        case ("POST", "/api/v1/chat/completions"): return refusal(of: request) ?? chat(request, body, model, .chat)
        case ("POST", "/api/v1/responses"): return refusal(of: request) ?? chat(request, body, model, .responses)
        case ("POST", "/api/v1/messages"): return refusal(of: request) ?? chat(request, body, model, .messages)
        case ("POST", "/api/v1/embeddings"): return refusal(of: request) ?? embeddings(body, model)
        default: return .error(404, "Not Found")
        }
    }

    private func refusal(of request: HTTPRequest) -> ResponsePlan? {
        guard let key = request.bearerKey else { return .error(401, "No auth credentials found") }
        return key == "bad-key" ? .error(401, "User not found.") : nil
    }

    private func chat(
        _ received: HTTPRequest, _ body: JSONValue?, _ model: String?, _ dialect: Dialect
    ) -> ResponsePlan {
        guard let body else { return .error(400, "Request body is not valid JSON") }
        guard let model else { return .error(400, "No models provided") }
        let request = ChatRequest(
            body: dialect.chatBody(of: body), isReasoningMandatory: models.requiresReasoning(model))
        if let requested = RequestedAnswers(in: received.body) {
            return script.plan(for: requested, dialect: dialect, model: model, isStream: request.isStream)
        }
        if let plan = script.nextPlan(endpoint: dialect.rawValue, model: model, isStream: request.isStream) {
            return plan
        }
        if let failure = Failure(model: model) {
            return failure.plan(model: model, isStream: request.isStream, as: dialect)
        }
        guard models.contains(model) else { return .error(400, "\(model) is not a valid model ID") }
        return demoPlan(for: request, model: model, dialect)
    }

    private func demoPlan(for request: ChatRequest, model: String, _ dialect: Dialect) -> ResponsePlan {
        let key = DemoKey(
            model: model, reasons: request.wantsReasoning, isStream: request.isStream, dialect: dialect)
        if request.isPlain, let plan = demoPlans[key] { return plan }
        let completion = demo.completion(for: request)
        let plan =
            request.isStream
            ? completion.streamPlan(model: model, as: dialect) : completion.bodyPlan(model: model, as: dialect)
        if request.isPlain { demoPlans[key] = plan }
        return plan
    }

    private func embeddings(_ body: JSONValue?, _ model: String?) -> ResponsePlan {
        guard let body else { return .error(400, "Request body is not valid JSON") }
        guard let model else { return .error(400, "No models provided") }
        if let plan = script.nextPlan(endpoint: "embeddings", model: model, isStream: false) { return plan }
        if let failure = Failure(model: model) { return failure.plan(model: model, isStream: false) }
        return Embeddings.plan(for: body, model: model)
    }

    private static let key = ResponsePlan.json([
        "data": [
            "label": "sk-or-v1-fak...key", "is_free_tier": true, "is_provisioning_key": false, "limit": nil,
            "limit_remaining": nil, "limit_reset": nil, "include_byok_in_limit": false, "usage": 0, "usage_daily": 0,
            "usage_weekly": 0, "usage_monthly": 0, "rate_limit": ["requests": -1, "interval": "10s"],
        ]
    ])
}
