import Foundation
import TestSupport
import Testing

/// Every recorded error ends in the decision that the facts about OpenRouter ask for.
@Suite(.enabled(if: SharedRecordings.isAvailable, "\(SharedRecordings.skipReason)"), .timeLimit(.minutes(10)))
struct RecordedErrors {
    enum Decision {
        /// Another model helps, and this one is in cooldown.
        case nextModel
        /// Another model helps, and this one is not to blame.
        case nextModelWithoutCooldown
        /// The account's limit or its credits: no model helps.
        case stopsAccount
        /// The key: no model helps.
        case stopsKey
        /// The request is too long for every model there is.
        case stopsRequest
    }

    /// By how a file's name begins, the first that fits.
    private static let decisions: [(prefix: String, decision: Decision)] = [
        ("200-body-error-503", .nextModel), ("400-invalid-model-id", .nextModel),
        ("401-", .stopsKey), ("402-insufficient-credits-2025-11", .nextModelWithoutCooldown), ("402-", .stopsAccount),
        ("403-agentic-harness-gate", .nextModel), ("403-geo-restricted", .nextModel),
        ("403-key-limit-exceeded", .stopsKey), ("403-moderation", .nextModelWithoutCooldown),
        ("404-no-endpoints-support-tool-use", .nextModelWithoutCooldown),
        ("404-no-endpoints-parameters", .nextModelWithoutCooldown),
        ("404-allowed-providers", .nextModelWithoutCooldown),
        ("404-", .nextModel),
        ("429-platform-free-models-per", .stopsAccount), ("429-", .nextModel), ("502-", .nextModel),
        ("pydai--test_openrouter_errors_raised", .nextModel),
        ("rubyllm--chat_error_handling", .stopsKey), ("rubyllm--chat_real_error_scenarios", .stopsRequest),
    ]

    /// Status and headers stand in the manifest, or else in the file's name.
    private func answer(_ recording: Recording) throws -> (answer: JSONObject, status: Int) {
        let name = recording.url.lastPathComponent
        let manifest = recording.url.deletingLastPathComponent().appendingPathComponent("_manifest.json")
        let entries = try JSONSerialization.jsonObject(with: Data(contentsOf: manifest)) as? [JSONObject] ?? []
        let entry = entries.first { $0["file"] as? String == name } ?? [:]
        let stem = recording.url.deletingPathExtension().lastPathComponent
        let status = try #require(entry["http_status"] as? Int ?? Int(stem.prefix(3)) ?? Int(stem.suffix(3)))
        var headers = entry["headers_seen_or_quoted"] as? [String: String] ?? [:]
        // The recorded limits have long been lifted.
        if headers["X-RateLimit-Reset"] != nil {
            headers["X-RateLimit-Reset"] = String(Int((Date().timeIntervalSince1970 + 3600) * 1000))
        }
        return (Answer.file(recording.url.path, ["status": status, "headers": headers]), status)
    }

    @Test(arguments: Recording.errors, [true, false])
    func decision(recording: Recording, stream: Bool) throws {
        let name = recording.url.lastPathComponent
        let decision = try #require(Self.decisions.first { name.hasPrefix($0.prefix) }?.decision, "a new recording")
        let (answer, status) = try answer(recording)
        let stage = try Stage()
        try stage.script([(.first, [answer]), (.second, [Answer.words(["from the second"])])])
        let reply = try stage.chat(stream: stream)
        switch decision {
        case .nextModel, .nextModelWithoutCooldown:
            #expect(reply.status == 200)
            #expect(reply.content == "from the second")
            #expect(try stage.modelsAsked() == [ListedModel.first.id, ListedModel.second.id])
            #expect(try stage.proxy.health()["in_cooldown"] == (decision == .nextModel ? 1 : 0))
        case .stopsAccount, .stopsKey, .stopsRequest:
            #expect(reply.status == status)
            #expect(reply.error?.isEmpty == false)
            #expect(try stage.modelsAsked() == [ListedModel.first.id])
            #expect(try stage.proxy.health()["in_cooldown"] == 0)
            #expect((reply.response.headers["Retry-After"] != nil) == (decision == .stopsAccount))
            // A limit holds for the next request too; a key may have been put right meanwhile.
            let second = try stage.chat(ListedModel.second.id)
            #expect((second.status == 200) == (decision != .stopsAccount))
        }
    }
}
