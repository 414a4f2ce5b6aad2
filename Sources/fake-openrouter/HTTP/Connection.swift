/// One accepted connection.
final class Connection {
    /// A plan on its way to the peer.
    struct Answer {
        let plan: ResponsePlan
        let identifier: [UInt8]
        let isStream: Bool
        var nextStep = 0
        /// When the step before the next one was due; the next one's delay counts from here.
        var due: UInt64
        /// Set while the peer reads too slowly for more to be produced.
        var isHeldBack = false
        var isProduced = false
    }

    /// What the connection is busy with.
    enum State {
        case reading
        case answering(Answer)
        case waiting(CounterCondition)
    }

    let descriptor: Int32
    var state = State.reading
    var reader = RequestReader()
    /// Bytes that the socket has not taken yet, from `queueStart` on.
    var queue: [UInt8] = []
    var queueStart = 0
    var isControl = false
    var closesAfterAnswer = false
    /// Set while the kernel holds bytes that nobody has read, as edge-triggered events tell that only once.
    var mayHaveInput = false
    /// The sequence of the one timer that counts; 0 for none.
    var timerSequence: UInt64 = 0

    var queuedBytes: Int { queue.count - queueStart }

    init(descriptor: Int32) { self.descriptor = descriptor }
}
