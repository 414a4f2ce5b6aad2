/// One attempt to have one model answer: its reader, what it has said so far, and how long it may be silent.
package final class Attempt {
    /// From 1, within its exchange.
    package let number: Int
    package let model: Model
    let started: Moment
    let reader: AttemptReader
    /// What the attempt adds to the reply before it is trusted; dropped with the attempt.
    let staging = ByteBuffer()
    /// The answer so far, which the model is to resume; nil when it starts from the beginning.
    let prefix: ByteBuffer?
    /// Whether the bytes of its request are those of another attempt under way as well.
    let sharesBody: Bool
    /// Whether the client asked for this model.
    let isRequested: Bool
    /// When it will have been silent for too long.
    var deadline = Instant.never
    /// Whether it has spoken first, so that what it says is for the client.
    var isTrusted = false
    /// Whether anything of it is still wanted.
    package internal(set) var isRunning = true
    /// The events that have put the deadline off.
    private var seenEvents = 0
    /// The finish reason has come.
    private var isInEpilogue = false

    /// How long to wait for the usage and `[DONE]` after the finish reason.
    private static let epilogue = Span.seconds(5)

    init(
        number: Int, model: Model, reader: AttemptReader, prefix: ByteBuffer?, sharesBody: Bool, isRequested: Bool,
        firstToken: Span, now: Moment
    ) {
        self.number = number
        self.model = model
        self.reader = reader
        self.prefix = prefix
        self.sharesBody = sharesBody
        self.isRequested = isRequested
        started = now
        deadline = now.monotonic + firstToken
    }

    /// Puts the deadline off if what has come is a sign of life, which comments are not.
    func renewDeadline(_ limits: ExchangeMachine.Limits, blanksAreAlive: Bool, now: Moment) {
        guard !isInEpilogue else { return }
        if reader.progress.hasFinishReason {
            isInEpilogue = true
            deadline = now.monotonic + Self.epilogue
        } else if reader.progress.eventCount != seenEvents || deadline == .never {
            seenEvents = reader.progress.eventCount
            if reader.progress.hasSpoken {
                deadline = now.monotonic + limits.idle
            } else if reader.progress.isAlive || deadline == .never {
                // Thinking that stays hidden is one too.
                deadline = now.monotonic + limits.firstToken
            }
        } else if blanksAreAlive {
            // And so are the blanks that come before a whole body, though not for ever: the upstream sends them, the
            // model behind it may hang.
            let last = started.monotonic + limits.wholeBody
            deadline = min(now.monotonic + limits.firstToken, max(last, now.monotonic))
        }
    }

    /// We read no more: silence that is our own doing proves nothing.
    func suspendDeadline() {
        deadline = .never
        isInEpilogue = false
    }
}
