/// How long to wait before what has failed is tried again: ever longer while it goes on failing, up to the last of its
/// steps, and as at first once it has worked.
package struct Patience: Equatable {
    private let steps: [Span]
    /// How often it has failed in a row.
    package private(set) var failures = 0

    /// - Parameter steps: the wait after the first failure, after the second and so on, in seconds.
    package init(seconds steps: Int...) {
        self.steps = steps.map { Span.seconds($0) }
    }

    /// It has failed once more.
    /// - Returns: how long to wait.
    package mutating func failed() -> Span {
        failures += 1
        return steps[min(failures, steps.count) - 1]
    }

    /// It has worked.
    package mutating func succeeded() {
        failures = 0
    }
}
