import OllamaProxy

/// What the upstream does in answer to one attempt, and when.
package struct UpstreamScript {
    package enum Step {
        case head(status: Int, contentType: String, hints: FailureRules.RetryHints)
        case bytes([UInt8])
        case end(AttemptReader.TransferEnd)
    }

    /// In ascending order, each so long after the attempt's start. Silence follows a last step that is no end.
    package private(set) var steps: [(after: Span, step: Step)] = []

    package init() {}

    package mutating func append(_ step: Step, after delay: Span) {
        steps.append((max(delay, steps.last?.after ?? .zero), step))
    }

    package mutating func append(_ text: String, after delay: Span) {
        append(.bytes(Array(text.utf8)), after: delay)
    }
}
