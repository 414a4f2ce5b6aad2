import OllamaProxy

/// What the upstream does in answer to one attempt, and when.
package struct UpstreamScript {
    package enum Step {
        case head(status: Int, contentType: String, hints: FailureRules.RetryHints)
        case bytes([UInt8])
        case end(AttemptReader.TransferEnd)
    }

    /// In ascending order, each so many nanoseconds after the attempt's start. Silence follows a last step that is no
    /// end.
    package private(set) var steps: [(after: Int64, step: Step)] = []

    package init() {}

    package mutating func append(_ step: Step, after delay: Int64) {
        steps.append((max(delay, steps.last?.after ?? 0), step))
    }

    package mutating func append(_ text: String, after delay: Int64) {
        append(.bytes(Array(text.utf8)), after: delay)
    }
}
