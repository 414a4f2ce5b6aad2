/// What is known of a failed attempt that the upstream reported, as the rules of the classification look at it.
struct Symptom {
    let code: Int
    let error: UpstreamError
    /// Whether the body was an error of the upstream's own shape, not a gateway's page.
    let isExplained: Bool
    /// Message and raw reason, in lower case.
    private let words: String

    /// - Parameter status: the status of the reply; the error's own code counts when the reply said 200.
    init(status: Int, error: UpstreamError?) {
        isExplained = error != nil
        let error = error ?? UpstreamError()
        code = status == 200 ? error.code ?? Self.code(ofType: error.errorType) : status
        self.error = error
        words = "\(error.message) \(error.raw)".lowercased()
    }

    var hasProvider: Bool { error.hasProvider }

    func says(_ phrases: String...) -> Bool {
        phrases.contains { words.includes($0) }
    }

    /// The message begins so, whatever the provider has to say.
    func begins(_ phrase: String) -> Bool {
        words.hasPrefix(phrase)
    }

    /// The status that an error without a number of its own stands for, by its type.
    private static func code(ofType type: String) -> Int {
        typeCodes.first { type.includes($0.word) }?.code ?? 502
    }

    private static let typeCodes: [(word: String, code: Int)] = [
        ("rate_limit", 429), ("payment", 402), ("insufficient", 402), ("authentication", 401), ("permission", 403),
        ("content_policy", 403), ("moderation", 403), ("context_length", 400), ("invalid_request", 400),
        ("not_found", 404), ("timeout", 408), ("too_large", 413),
    ]
}
