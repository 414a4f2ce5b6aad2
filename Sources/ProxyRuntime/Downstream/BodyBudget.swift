/// How much memory the bodies of all requests may take together. What is made of a body takes none beside it for longer than it
/// takes to make it: the body of an attempt shares its bytes.
struct BodyBudget {
    /// Where memory is plenty, in bytes. A few requests with pictures fit; a flood of them would take the whole memory of a
    /// small machine.
    private static let most = 128 << 20
    /// A body up to so many bytes is always let in: connections are limited, and a few large prompts are not to keep out those
    /// who only ask what time it is.
    private static let small = 64 << 10

    /// In bytes. No body can be larger.
    let limit: Int
    private(set) var held = 0

    /// - Parameter available: memory that the process may still take, in bytes. A third is for bodies, as much for
    ///   the one that is being read and grows, and the rest for everything else.
    init(available: Int) {
        limit = max(Self.small, min(Self.most, available / 3))
    }

    /// - Parameter total: how many bytes of this body would be held then.
    /// - Returns: whether there is room for them.
    mutating func hold(_ count: Int, total: Int) -> Bool {
        guard total <= Self.small || held + count <= limit else { return false }
        held += count
        return true
    }

    mutating func release(_ count: Int) {
        held -= count
    }
}
