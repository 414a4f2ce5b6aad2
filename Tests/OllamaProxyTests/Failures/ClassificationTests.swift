import Foundation
import OllamaProxy
import TestSupport
import Testing

struct ClassificationTests {
    private struct Expectation: CustomStringConvertible {
        let status: Int
        let body: String
        let kind: Failure.Kind
        let decision: Failure.Decision
        var description: String { "\(status) \(body.prefix(60))" }
    }

    private static func judge(_ status: Int, _ body: String, _ hints: Classification.RetryHints = .init()) -> Failure {
        let error = withBytes(body) { UpstreamError.inBody($0) }
        return Classification.failure(status: status, error: error, hints: hints, now: .at(0))
    }

    private static func error(_ message: String, _ metadata: String = "{}") -> String {
        #"{"error":{"message":"\#(message)","metadata":\#(metadata)}}"#
    }

    @Test(arguments: [
        Expectation(status: 401, body: error("User not found."), kind: .keyRejected, decision: .stop),
        Expectation(
            status: 401, body: error("Provider returned error", #"{"provider_name":"X"}"#), kind: .refused,
            decision: .nextModel),
        Expectation(status: 402, body: error("Insufficient credits"), kind: .unpaid, decision: .stop),
        Expectation(status: 403, body: error("Key limit exceeded (total)"), kind: .keyRejected, decision: .stop),
        Expectation(
            status: 403, body: error("flagged", #"{"reasons":["misc"]}"#), kind: .refused, decision: .nextModel),
        Expectation(status: 404, body: error("No endpoints found for x."), kind: .gone, decision: .nextModel),
        Expectation(
            status: 404, body: error("No endpoints found that support tool use."), kind: .refused, decision: .nextModel),
        Expectation(status: 400, body: error("x is not a valid model ID"), kind: .gone, decision: .nextModel),
        Expectation(status: 400, body: error("bad field"), kind: .invalidRequest, decision: .stop),
        Expectation(
            status: 400, body: error("Provider returned error", #"{"provider_name":"X"}"#), kind: .refused,
            decision: .nextModel),
        Expectation(status: 400, body: error("maximum context length is 5"), kind: .refused, decision: .nextModel),
        Expectation(status: 422, body: "{}", kind: .invalidRequest, decision: .stop),
        Expectation(status: 413, body: "", kind: .refused, decision: .nextModel),
        Expectation(
            status: 429, body: error("Rate limit exceeded: free-models-per-min. "), kind: .accountLimited,
            decision: .stop),
        Expectation(status: 429, body: error("slow down"), kind: .rateLimited, decision: .nextModel),
        Expectation(status: 429, body: "", kind: .rateLimited, decision: .nextModel),
        Expectation(status: 500, body: "<html>oops</html>", kind: .unavailable, decision: .nextModel),
        Expectation(status: 524, body: "", kind: .unavailable, decision: .nextModel),
        Expectation(status: 302, body: "", kind: .unavailable, decision: .stop),
        Expectation(
            status: 200, body: #"{"error":{"code":503,"message":"busy"}}"#, kind: .unavailable, decision: .nextModel),
        Expectation(
            status: 200, body: #"{"error":{"code":"429","message":"busy"}}"#, kind: .rateLimited, decision: .nextModel),
        Expectation(status: 200, body: #"{"error":{"code":"server_error"}}"#, kind: .unavailable, decision: .nextModel),
        Expectation(status: 200, body: #"{"error":"only words"}"#, kind: .unavailable, decision: .nextModel),
    ])
    private func decides(_ expected: Expectation) {
        let failure = Self.judge(expected.status, expected.body)
        #expect(failure.kind == expected.kind)
        #expect(failure.decision == expected.decision)
    }

    @Test func waitsAsLongAsTheLongestHintSays() {
        let now = Moment.at(0).unixSeconds
        let reset = #"{"headers":{"X-RateLimit-Reset":"\#((now + 50) * 1000)","Retry-After":"10"}}"#
        #expect(
            Self.judge(429, Self.error("slow", reset)).coolDown == .rateLimit(until: now + 50))
        #expect(
            Self.judge(429, Self.error("slow"), .init(retryAfterSeconds: 70)).coolDown == .rateLimit(until: now + 70))
        // A number that cannot be meant does not bench a model for ever.
        #expect(
            Self.judge(429, "", .init(resetMilliseconds: .max)).coolDown == .rateLimit(until: now + 86_400))
        #expect(
            Self.judge(429, "", .init(retryAfterSeconds: .max)).coolDown == .rateLimit(until: now + 86_400))
    }

    @Test func tellsTheProvidersOwnWords() {
        let raw = #"{"provider_name":"G","raw":"{\"error\":{\"message\":\"The caller may not\"}}"}"#
        #expect(
            Self.judge(502, Self.error("Provider returned error", raw)).message
                == "Provider returned error: The caller may not")
    }

    @Test func onlyAModelThatIsGoneAsksForANewList() {
        #expect(Self.judge(404, Self.error("No endpoints found for x.")).meansModelIsGone)
        #expect(!Self.judge(404, Self.error("No endpoints found that support tool use.")).meansModelIsGone)
        #expect(!Self.judge(503, "").meansModelIsGone)
    }
}

/// The errors as OpenRouter really answered them. The expectations follow the description of each file.
@Suite(.enabled(if: SharedRecordings.isAvailable, Comment(rawValue: SharedRecordings.skipReason)))
struct RecordedErrorTests {
    private static let expectations: [(prefix: String, kind: Failure.Kind, decision: Failure.Decision)] = [
        ("200-body-error-503", .unavailable, .nextModel), ("400-invalid-model-id", .gone, .nextModel),
        ("401-", .keyRejected, .stop), ("402-", .unpaid, .stop), ("403-agentic", .refused, .nextModel),
        ("403-geo", .refused, .nextModel), ("403-key-limit", .keyRejected, .stop),
        ("403-moderation", .refused, .nextModel), ("404-allowed-providers", .refused, .nextModel),
        ("404-data-policy", .gone, .nextModel), ("404-free-variant-ended", .gone, .nextModel),
        ("404-no-endpoints-found-for-model", .gone, .nextModel), ("404-no-endpoints", .refused, .nextModel),
        ("429-platform-free-models", .accountLimited, .stop), ("429-", .rateLimited, .nextModel),
        ("502-", .unavailable, .nextModel), ("pydai--", .rateLimited, .nextModel),
        ("rubyllm--chat_error_handling", .keyRejected, .stop),
        ("rubyllm--chat_real_error_scenarios", .refused, .nextModel),
    ]

    @Test func everyRecordedErrorIsJudgedAsDocumented() throws {
        let files = SharedRecordings.errors().filter { !$0.lastPathComponent.hasPrefix("_") }
        #expect(files.count > 25)
        for file in files {
            let name = file.deletingPathExtension().lastPathComponent
            let expected = Self.expectations.first { name.hasPrefix($0.prefix) }
            guard let expected else { continue }
            let digits = name.prefix(3)
            let status = Int(digits) ?? Int(name.suffix(3)) ?? 0
            let error = withBytes(Array(try Data(contentsOf: file))) { UpstreamError.inBody($0) }
            let failure = Classification.failure(status: status, error: error, now: .at(0))
            #expect(failure.kind == expected.kind, "\(name)")
            #expect(failure.decision == expected.decision, "\(name)")
            #expect(!failure.message.isEmpty && !failure.message.contains("user_"), "\(name)")
        }
    }
}
