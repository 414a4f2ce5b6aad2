/// What one client is sent: how far its reply has come, what it has not read yet, and when it is to hear something again.
struct Reply {
    enum Stage {
        /// Nothing was sent, not even a status.
        case notBegun
        /// Heartbeats have begun it, before any answer is trusted: a fallback stays possible.
        case heartbeats
        /// Part of an answer is in it, which nothing takes back: the last reader whose words are.
        case committed(AttemptReader)
    }

    private(set) var stage = Stage.notBegun
    /// What the client has not read yet: what is streamed, or the whole of a reply that is not.
    private(set) var output = ByteBuffer()
    /// When the client has heard nothing for too long.
    private(set) var deadline = Instant.never

    /// Whether status and headers are sent.
    var isBegun: Bool { if case .notBegun = stage { false } else { true } }

    var committedReader: AttemptReader? { if case .committed(let reader) = stage { reader } else { nil } }

    var isCommitted: Bool { committedReader != nil }

    /// A client that waits is to be shown that its request is alive.
    mutating func expectHeartbeats(every interval: Span, now: Moment) {
        deadline = now.monotonic + interval
    }

    /// Shows it, as many clients give up after a minute without a word.
    mutating func beat(_ door: Door, requestedName: String, every interval: Span, now: Moment) {
        deadline = now.monotonic + interval
        door.heartbeat(requestedName, now, output)
        if !isBegun { stage = .heartbeats }
    }

    /// Trusts an answer: what its attempt has added so far is the client's.
    mutating func commit(_ attempt: Attempt) {
        stage = .committed(attempt.reader)
        deadline = .never
        output.append(attempt.staging)
        attempt.staging.removeAll(keepingAtMost: 0)
    }

    /// The whole of a reply that is not streamed.
    mutating func become(_ whole: ByteBuffer) {
        output = whole
    }

    /// Drops what no client has been told of.
    mutating func clearUnlessBegun() {
        if !isBegun { output.removeAll() }
    }

    /// An error as the whole reply, or as the last words of one that has begun.
    func append(_ error: RequestError, _ errors: ErrorShape) {
        if isBegun {
            errors.appendLast(status: error.status, message: error.message, to: output)
        } else {
            output.removeAll()
            output.append(errors.body(status: error.status, message: error.message))
        }
    }

    /// Nothing follows.
    mutating func end() {
        deadline = .never
    }
}
