import Foundation
import OllamaProxy
import TestSupport
import Testing

/// What each failure that the upstream reports leads to.
struct DecisionTableTests {
    private struct Row: CustomStringConvertible {
        let status: Int
        let body: String
        let kind: Failure.Kind
        let scope: Failure.Scope
        let decision: Failure.Decision
        let cooldown: Failure.Cooldown
        let counts: Bool
        /// The status that the client gets if it is the last word.
        let answer: Int

        init(
            _ status: Int, _ body: String, _ kind: Failure.Kind, _ scope: Failure.Scope,
            _ decision: Failure.Decision, _ cooldown: Failure.Cooldown, counts: Bool = false, answer: Int
        ) {
            self.status = status
            self.body = body
            self.kind = kind
            self.scope = scope
            self.decision = decision
            self.cooldown = cooldown
            self.counts = counts
            self.answer = answer
        }

        var description: String { "\(status) \(body.prefix(90))" }
    }

    private static func error(_ message: String, _ metadata: String = "{}") -> String {
        #"{"error":{"message":"\#(message)","metadata":\#(metadata)}}"#
    }

    private static let provider = #"{"provider_name":"X","raw":"no"}"#

    private static let rows: [Row] = [
        // The key
        Row(401, error("User not found."), .keyRejected, .key, .stop, .none, answer: 401),
        Row(401, error("No auth credentials found"), .keyRejected, .key, .stop, .none, answer: 401),
        Row(401, "", .keyRejected, .key, .stop, .none, answer: 401),
        Row(403, error("Key limit exceeded (daily limit). Manage it"), .keyRejected, .key, .stop, .none, answer: 403),
        Row(
            200, #"{"error":{"code":"authentication_error","message":"x","metadata":{"error_type":"authentication"}}}"#,
            .keyRejected, .key, .stop, .none, answer: 401),

        // The account
        Row(402, error("Insufficient credits"), .unpaid, .account, .stop, .account(until: nil), answer: 402),
        Row(
            402, error("over", #"{"limit_source":"openrouter_in_flight_budget"}"#), .unpaid, .account, .stop,
            .account(until: nil), answer: 402),
        Row(
            429, error("Rate limit exceeded: free-models-per-min. "), .accountLimited, .account, .sameModelOnce, .none,
            answer: 429),
        Row(
            429, error("Rate limit exceeded: free-models-per-day-high-balance. "), .accountLimited, .account, .stop,
            .none, answer: 429),
        Row(
            429, error("new words", #"{"limit_source":"openrouter_free_tier_daily"}"#), .accountLimited, .account,
            .stop, .none, answer: 429),
        Row(
            404, error("No endpoints found matching your data policy (Free model training)."), .notOffered, .account,
            .nextModel, .fixed(.hours(1)), answer: 404),
        Row(
            404, error("No endpoints available matching your guardrail restrictions"), .notOffered, .account,
            .nextModel, .fixed(.hours(1)), answer: 404),

        // The request
        Row(400, error("bad field"), .invalidRequest, .request, .stop, .none, answer: 400),
        Row(422, "{}", .invalidRequest, .request, .stop, .none, answer: 422),
        Row(405, "", .invalidRequest, .request, .stop, .none, answer: 405),
        Row(
            402, error("This request requires more credits, or fewer max_tokens. You can only afford 5"), .unpaid,
            .request, .nextModel, .none, answer: 402),
        Row(
            400, error("This endpoint's maximum context length is 5 tokens."), .tooLong, .request, .nextModel, .none,
            answer: 400),
        Row(
            400, error("Provider returned error", #"{"provider_name":"X","raw":"prompt is too long: 9 tokens"}"#),
            .tooLong, .request, .nextModel, .none, answer: 400),
        Row(
            200, #"{"error":{"message":"x","metadata":{"error_type":"context_length_exceeded"}}}"#, .tooLong, .request,
            .nextModel, .none, answer: 400),
        Row(413, "", .tooLong, .request, .nextModel, .none, answer: 413),
        Row(403, error("flagged", #"{"reasons":["misc"]}"#), .refused, .request, .nextModel, .none, answer: 403),
        Row(
            403, error("v/m requires moderation on X. Your input was flagged"), .refused, .request, .nextModel, .none,
            answer: 403),
        Row(
            404, error("No endpoints found that support tool use. Try disabling"), .refused, .request, .nextModel,
            .none, answer: 404),
        Row(
            404, error("No endpoints found that support image input"), .refused, .request, .nextModel, .none,
            answer: 404),
        Row(
            404, error("No endpoints found that can handle the requested parameters."), .refused, .request, .nextModel,
            .none, answer: 404),
        Row(
            404, error("No allowed providers are available for the selected model."), .refused, .request, .nextModel,
            .none, answer: 404),
        Row(400, error("Provider returned error", provider), .refused, .provider, .nextModel, .none, answer: 400),
        Row(422, error("Provider returned error", provider), .refused, .provider, .nextModel, .none, answer: 422),

        // The model
        Row(404, error("No endpoints found for x."), .gone, .model, .nextModel, .untilListChanges, answer: 404),
        Row(
            404, error("This model is unavailable for free. Use this slug instead"), .gone, .model, .nextModel,
            .untilListChanges, answer: 404),
        Row(
            404, error("The stealth period of this model has ended"), .gone, .model, .nextModel, .untilListChanges,
            answer: 404),
        Row(410, "", .gone, .model, .nextModel, .untilListChanges, answer: 404),
        Row(400, error("x is not a valid model ID"), .gone, .model, .nextModel, .untilListChanges, answer: 404),
        Row(
            403, error("This model is not available in your region."), .notOffered, .model, .nextModel,
            .untilListChanges, answer: 403),
        Row(
            403, error("v/m:free is only available on agentic harnesses."), .notOffered, .model, .nextModel,
            .untilListChanges, answer: 403),
        Row(403, error("no"), .refused, .model, .nextModel, .usual, counts: true, answer: 403),

        // The provider
        Row(
            401, error("Provider returned error", provider), .refused, .provider, .nextModel, .usual, counts: true,
            answer: 502),
        Row(
            402, error("Provider returned error", provider), .unavailable, .provider, .nextModel, .usual, counts: true,
            answer: 502),
        Row(
            403, error("Provider returned error", provider), .refused, .provider, .nextModel, .usual, counts: true,
            answer: 403),
        Row(
            404, error("Provider returned error", provider), .unavailable, .provider, .nextModel, .usual, counts: true,
            answer: 502),
        Row(404, "<html>nothing here</html>", .unavailable, .provider, .nextModel, .usual, counts: true, answer: 502),
        Row(408, "", .unavailable, .provider, .nextModel, .usual, counts: true, answer: 502),
        Row(429, error("slow down"), .rateLimited, .provider, .nextModel, .rateLimit(until: nil), answer: 429),
        Row(429, "", .rateLimited, .provider, .nextModel, .rateLimit(until: nil), answer: 429),
        Row(
            429, error("Rate limit exceeded: limit_rpm/x", provider), .rateLimited, .provider, .nextModel,
            .rateLimit(until: nil), answer: 429),
        Row(
            429, error("wait", #"{"limit_source":"openrouter_admission_control"}"#), .rateLimited, .provider,
            .nextModel, .rateLimit(until: nil), answer: 429),
        Row(
            429, error("wait", #"{"limit_source":"openrouter_shared_capacity"}"#), .rateLimited, .provider, .nextModel,
            .rateLimit(until: nil), answer: 429),
        Row(500, "<html>oops</html>", .unavailable, .provider, .nextModel, .usual, counts: true, answer: 502),
        Row(
            502, error("Provider returned error", provider), .unavailable, .provider, .nextModel, .usual, counts: true,
            answer: 502),
        Row(524, "", .unavailable, .provider, .nextModel, .usual, counts: true, answer: 502),
        Row(529, error("overloaded"), .unavailable, .provider, .nextModel, .usual, counts: true, answer: 502),
        Row(
            200, #"{"error":{"code":503,"message":"busy"}}"#, .unavailable, .provider, .nextModel, .usual, counts: true,
            answer: 502),
        Row(
            200, #"{"error":{"code":"429","message":"busy"}}"#, .rateLimited, .provider, .nextModel,
            .rateLimit(until: nil), answer: 429),
        Row(
            200, #"{"error":{"code":"server_error"}}"#, .unavailable, .provider, .nextModel, .usual, counts: true,
            answer: 502),
        Row(200, #"{"error":"only words"}"#, .unavailable, .provider, .nextModel, .usual, counts: true, answer: 502),

        // What lies between
        Row(302, "", .unavailable, .network, .stop, .none, answer: 502),
    ]

    private static func judge(_ status: Int, _ body: String, _ hints: FailureRules.RetryHints = .init()) -> Failure {
        let error = withBytes(body) { UpstreamError.inBody($0) }
        return FailureRules.failure(status: status, error: error, hints: hints, now: .at(0))
    }

    @Test(arguments: rows)
    private func decides(_ row: Row) {
        let failure = Self.judge(row.status, row.body)
        #expect(failure.kind == row.kind)
        #expect(failure.scope == row.scope)
        #expect(failure.decision == row.decision)
        #expect(failure.cooldown == row.cooldown)
        #expect(failure.counts == row.counts)
        #expect(failure.status == row.answer)
    }

    @Test func everyRowOfTheTableIsReached() {
        let summaries = Self.rows.map { Self.judge($0.status, $0.body).summary }
        for name in FailureRules.documentation.map(\.name) {
            #expect(
                summaries.contains { $0.components(separatedBy: ", ").contains(name) || $0.contains(name) }, "\(name)")
        }
    }

    @Test func waitsAsLongAsTheLongestHintSays() {
        let now = Moment.at(0).wall
        let reset = #"{"headers":{"X-RateLimit-Reset":"\#((now.seconds + 50) * 1000)","Retry-After":"10"}}"#
        #expect(
            Self.judge(429, Self.error("slow", reset)).cooldown == .rateLimit(until: now + .seconds(50)))
        #expect(
            Self.judge(429, Self.error("slow"), .init(retryAfter: .seconds(70))).cooldown
                == .rateLimit(until: now + .seconds(70)))
        // A number that cannot be meant does not bench a model for ever.
        #expect(
            Self.judge(429, "", .init(reset: .epoch + .milliseconds(.max))).cooldown
                == .rateLimit(until: now + .days(1)))
        #expect(
            Self.judge(429, "", .init(retryAfter: .seconds(Int.max))).cooldown == .rateLimit(until: now + .days(1)))
    }

    @Test func learnsTheAccountsLimits() {
        let metadata =
            #"{"headers":{"X-RateLimit-Limit":"16","X-RateLimit-Remaining":"0","X-RateLimit-Reset":"1790000040000"}}"#
        let minute = Self.judge(429, Self.error("Rate limit exceeded: free-models-per-min. ", metadata))
        #expect(minute.accountLimit == .init(window: .minute, limit: 16, reset: UnixTime(seconds: 1_790_000_040)))
        let day = Self.judge(
            429, Self.error("Rate limit exceeded: free-models-per-day. "),
            .init(reset: UnixTime(seconds: 1_790_003_600), limit: 50))
        #expect(day.accountLimit == .init(window: .day, limit: 50, reset: UnixTime(seconds: 1_790_003_600)))
        #expect(Self.judge(429, Self.error("slow", metadata)).accountLimit == nil)
    }

    @Test func tellsTheProvidersOwnWords() {
        let raw = #"{"provider_name":"G","raw":"{\"error\":{\"message\":\"The caller may not\"}}"}"#
        #expect(
            Self.judge(502, Self.error("Provider returned error", raw)).message
                == "Provider returned error: The caller may not")
    }

    @Test func tellsHowLongTheRequestWas() {
        let failure = Self.judge(
            400,
            Self.error(
                "This endpoint's maximum context length is 200 tokens. However, you requested about 2500 tokens (5 of"))
        #expect(failure.requestedTokens == 2500)
    }
}

/// The errors as OpenRouter really answered them. The expectations follow the description of each file.
@Suite(.enabled(if: SharedRecordings.isAvailable, Comment(rawValue: SharedRecordings.skipReason)))
struct RecordedErrorTests {
    private static let expectations: [(prefix: String, kind: Failure.Kind, decision: Failure.Decision)] = [
        ("200-body-error-503", .unavailable, .nextModel), ("400-invalid-model-id", .gone, .nextModel),
        ("401-", .keyRejected, .stop), ("402-insufficient", .unpaid, .nextModel), ("402-", .unpaid, .stop),
        ("403-agentic", .notOffered, .nextModel), ("403-geo", .notOffered, .nextModel),
        ("403-key-limit", .keyRejected, .stop), ("403-moderation", .refused, .nextModel),
        ("404-allowed-providers", .refused, .nextModel), ("404-data-policy", .notOffered, .nextModel),
        ("404-free-variant-ended", .gone, .nextModel), ("404-no-endpoints-found-for-model", .gone, .nextModel),
        ("404-no-endpoints", .refused, .nextModel),
        ("429-platform-free-models-per-min", .accountLimited, .sameModelOnce),
        ("429-platform-free-models", .accountLimited, .stop), ("429-", .rateLimited, .nextModel),
        ("502-", .unavailable, .nextModel), ("pydai--", .rateLimited, .nextModel),
        ("rubyllm--chat_error_handling", .keyRejected, .stop),
        ("rubyllm--chat_real_error_scenarios", .tooLong, .nextModel),
    ]

    @Test func everyRecordedErrorIsJudgedAsDocumented() throws {
        let files = SharedRecordings.errors().filter {
            !$0.lastPathComponent.hasPrefix("_") && !$0.lastPathComponent.contains(".meta.")
        }
        #expect(files.count > 25)
        for file in files {
            let name = file.deletingPathExtension().lastPathComponent
            let digits = name.prefix(3)
            let status = Int(digits) ?? Int(name.suffix(3)) ?? 0
            let error = withBytes(Array(try Data(contentsOf: file))) { UpstreamError.inBody($0) }
            let failure = FailureRules.failure(status: status, error: error, now: .at(0))
            #expect(!failure.message.isEmpty && !failure.message.contains("user_"), "\(name)")
            // A recording of a kind that nobody has described yet must still be judged by a row of its own.
            guard let expected = Self.expectations.first(where: { name.hasPrefix($0.prefix) }) else { continue }
            #expect(failure.kind == expected.kind, "\(name)")
            #expect(failure.decision == expected.decision, "\(name)")
        }
    }
}

/// The documentation's tables of failures and the code's.
struct DocumentedFailureTests {
    private func file(_ path: String) throws -> String {
        try String(contentsOf: PackageLocation.root.appendingPathComponent(path), encoding: .utf8)
    }

    @Test func everyRowIsDocumented() throws {
        let documented = try file("docs/choice.md").split(separator: "\n").map {
            $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        for row in FailureRules.documentation {
            let line = documented.first { $0.count > 4 && $0[1] == row.name }
            let found = try #require(line, "\(row.name) is not documented")
            #expect(found[2] == row.scope.rawValue, "\(row.name)")
            #expect((found.count > 5 && found[5] == "yes") == row.counts, "\(row.name)")
            let decision = row.decision == .stop ? "stop" : row.decision == .nextModel ? "next" : "same model"
            #expect(found[3].hasPrefix(decision), "\(row.name)")
        }
    }

    /// How attempts end besides by a failure.
    private let otherOutcomes = ["answered", "given_up"]

    @Test func everyKindIsInTheMonitoringDocumentation() throws {
        let text = try file("docs/monitoring/README.md")
        let table = try #require(text.components(separatedBy: "### Outcomes of attempts\n").last)
        let section = try #require(table.components(separatedBy: "\n#").first)
        let documented = section.matches(of: /(?m)^\| `([a-z_]+)` \|/).map { String($0.1) }
        #expect(documented.sorted() == (Failure.Kind.allCases.map(\.rawValue) + otherOutcomes).sorted())
    }

    @Test func everyKindHasWordsOnTheStatusPage() throws {
        let script = try file("Sources/StatusPage/basics.js")
        let start = try #require(script.range(of: "const OUTCOMES = {"))
        let end = try #require(script.range(of: "};", range: start.upperBound..<script.endIndex))
        let named = script[start.upperBound..<end.lowerBound].matches(of: /([a-z_]+): "/).map { String($0.1) }
        let requests = ExchangeRecord.Outcome.allCases.map(\.rawValue)
        #expect(Set(named) == Set(Failure.Kind.allCases.map(\.rawValue) + otherOutcomes + requests))
    }
}
