/// One of the ways in which an upstream is known to fail.
struct Failure {
    enum Name: String, CaseIterable {
        case rateLimitMinute = "429-minute"
        case rateLimitDay = "429-day"
        case rateLimitProvider = "429-provider"
        case unauthorized = "401"
        case paymentRequired = "402"
        case forbidden = "403"
        case notFound = "404"
        case contextLength = "400-context"
        case internalError = "500"
        case badGateway = "502"
        case unavailable = "503"
        case badGatewayPage = "html-502"
        case timeoutPage = "html-524"
        case errorInSuccess = "error-in-200"
        case commentsOnly = "comments-only"
        case commentsThenStall = "comments-then-stall"
        case empty
        case whiteSpaceOnly = "whitespace-only"
        case midstreamError = "midstream-error"
        case midstreamCut = "midstream-cut"
        case stallBefore = "stall-before"
        case stallAfter = "stall-after"
        case garbage
        case longLine = "long-line"
        case closeWithoutReply = "close-without-reply"
        case reset
    }

    let name: Name
    var retryAfter: String?
    /// How far away the reset of a rate limit is; nil for the next whole minute or day.
    var resetInMilliseconds: Int?
    var limit: Int?

    init(name: Name) { self.name = name }

    /// A scripted answer of kind "failure".
    init(script value: JSONValue) throws(ScriptError) {
        let fields = try AnswerFields(
            value, kind: "failure", allowed: ["name", "retry_after", "reset_in_ms", "limit"])
        let text = try fields.string("name") ?? ""
        guard let name = Name(rawValue: text) else {
            let known = Name.allCases.map(\.rawValue).joined(separator: ", ")
            throw ScriptError("unknown failure \"\(text)\"; known are \(known)")
        }
        self.name = name
        switch fields["retry_after"] {
        case nil, .null: break
        case .number(let text), .string(let text): retryAfter = text
        default: throw ScriptError("\"retry_after\" must be a number or a string")
        }
        resetInMilliseconds = try fields.int("reset_in_ms")
        limit = try fields.int("limit")
    }

    /// The failure that a model id of the form `fake/NAME:free` asks for.
    init?(model: String) {
        guard model.hasPrefix("fake/"), model.hasSuffix(":free"),
            let name = Name(rawValue: String(model.dropFirst(5).dropLast(5)))
        else { return nil }
        self.init(name: name)
    }

    func plan(model: String, isStream: Bool, as dialect: Dialect = .chat) -> ResponsePlan {
        plainError(model: model, as: dialect) ?? brokenAnswer(model: model, isStream: isStream, as: dialect)
    }
}

extension Failure {
    /// The failures that are a status and a body; nil for the others.
    private func plainError(model: String, as dialect: Dialect) -> ResponsePlan? {
        switch name {
        case .rateLimitMinute:
            return rateLimit(dialect, named: "free-models-per-min. ", limit: limit ?? 20, seconds: 60)
        case .rateLimitDay:
            return rateLimit(
                dialect, named: "free-models-per-day. Add 10 credits to unlock 1000 free model requests per day",
                limit: limit ?? 50, seconds: 86_400)
        case .rateLimitProvider:
            return error(
                dialect, 429, "Provider returned error",
                [
                    "raw": .string("\(model) is temporarily rate-limited upstream. Please retry shortly."),
                    "provider_name": "Fake", "is_byok": false, "limit_source": "upstream_provider_shared_pool",
                ])
        case .unauthorized: return error(dialect, 401, "User not found.")
        case .paymentRequired:
            return error(
                dialect, 402, "Insufficient credits. This account never purchased credits.", ["provider_name": nil])
        case .forbidden:
            return error(
                dialect, 403, "\(model) requires moderation on Fake. Your input was flagged for \"misc\".",
                ["reasons": ["misc"], "flagged_input": "an invented text", "provider_name": "Fake"])
        case .notFound: return error(dialect, 404, "No endpoints found for \(model).")
        case .contextLength:
            return error(
                dialect, 400,
                "This endpoint's maximum context length is 8192 tokens. However, you requested about 9000 tokens "
                    + "(9000 of text input). Please reduce the length of either one.", ["provider_name": nil])
        case .internalError: return error(dialect, 500, "Internal Server Error")
        case .badGateway:
            return error(
                dialect, 502, "Provider returned error",
                ["raw": "{\"error\":\"upstream is ill\"}", "provider_name": "Fake"])
        case .unavailable:
            return error(
                dialect, 503, "Upstream error from Fake: Service temporarily overloaded",
                ["error_type": "provider_overloaded"])
        case .badGatewayPage: return page(502, "Bad gateway")
        case .timeoutPage: return page(524, "A timeout occurred")
        default: return nil
        }
    }

    private func error(
        _ dialect: Dialect, _ status: Int, _ message: String, _ metadata: JSONValue? = nil
    ) -> ResponsePlan {
        var error: JSONValue = ["message": .string(message), "code": .int(status)]
        if let metadata { error = error.with("metadata", metadata) }
        return .json(
            Self.body(dialect, status, ["error": error, "user_id": "user_fake"]), status: status,
            headers: retryAfter.map { [("Retry-After", $0)] } ?? [])
    }

    /// The body of an error in the shape of the API that was asked. Anthropic's tells neither code nor metadata.
    private static func body(_ dialect: Dialect, _ status: Int, _ body: JSONValue) -> JSONValue {
        guard dialect == .messages else { return body }
        let types = [
            401: "authentication_error", 402: "billing_error", 403: "permission_error", 404: "not_found_error",
            429: "rate_limit_error", 503: "overloaded_error",
        ]
        let type = types[status] ?? (status < 500 ? "invalid_request_error" : "api_error")
        return [
            "type": "error",
            "error": ["type": .string(type), "message": body["error"]?["message"] ?? nil],
            "request_id": .string(GenerationIdentifier.placeholder),
        ]
    }

    private func page(_ status: Int, _ title: String) -> ResponsePlan {
        let body =
            "<!DOCTYPE html>\n<html><head><title>\(status): \(title)</title></head><body>\(title)</body></html>\n"
        return .sized(
            status: status, contentType: "text/html; charset=UTF-8",
            headers: retryAfter.map { [("Retry-After", $0)] } ?? [], body: Array(body.utf8))
    }

    /// A limit of the account: its numbers are both in the headers and in the body.
    private func rateLimit(_ dialect: Dialect, named name: String, limit: Int, seconds: Int) -> ResponsePlan {
        let now = Clock.epochMilliseconds
        let reset = resetInMilliseconds.map { now + $0 } ?? (now / (seconds * 1000) + 1) * seconds * 1000
        let headers = [
            ("X-RateLimit-Limit", String(limit)), ("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", String(reset)),
        ]
        let body: JSONValue = [
            "error": [
                "message": .string("Rate limit exceeded: \(name)"), "code": 429,
                "metadata": [
                    "headers": .object(headers.map { JSONValue.Member(name: $0.0, value: .string($0.1)) }),
                    "provider_name": nil,
                ],
            ],
            "user_id": "user_fake",
        ]
        return .json(
            Self.body(dialect, 429, body), status: 429,
            headers: headers + (retryAfter.map { [("Retry-After", $0)] } ?? []))
    }

    /// The failures that begin as a success, or not at all.
    private func brokenAnswer(model: String, isStream: Bool, as dialect: Dialect) -> ResponsePlan {
        var builder = PlanBuilder()
        switch name {
        case .stallBefore: return builder.plan(ending: .stall)
        case .closeWithoutReply: return builder.plan(ending: .cut)
        case .reset: return builder.plan(ending: .reset)
        default: break
        }
        if let completion = brokenCompletion {
            return isStream
                ? completion.streamPlan(model: model, as: dialect) : completion.bodyPlan(model: model, as: dialect)
        }

        builder.raw(isStream ? Completion.streamHead : Completion.bodyHead)
        if name == .garbage {
            for _ in 0..<3 { builder.chunk(Completion.garbage) }
        } else if name != .empty {
            let isComment = isStream && name != .whiteSpaceOnly
            for _ in 0..<3 { builder.chunk(isComment ? CompletionChunks.comment : KeepAlive.whiteSpace) }
        }
        if name == .commentsThenStall { return builder.plan(ending: .stall) }
        builder.endChunks()
        return builder.plan(ending: .complete)
    }

    private var brokenCompletion: Completion? {
        var completion = Completion()
        completion.comments.before = 2
        completion.content = ["This ", "answer ", "goes ", "wrong."]
        switch name {
        case .errorInSuccess: completion.disturbances.error = 0
        case .midstreamError: completion.disturbances.error = 3
        case .midstreamCut: completion.disturbances.cut = 3
        case .stallAfter: completion.disturbances.stall = 3
        case .longLine: completion.content = [Completion.text(bytes: 1_000_000)]
        default: return nil
        }
        return completion
    }
}
