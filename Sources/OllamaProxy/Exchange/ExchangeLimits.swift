extension ExchangeMachine {
    /// How much one request may take: attempts, time, and what is done about silence and broken answers.
    package struct Limits: Equatable {
        /// Attempts for one request.
        package var attempts: Int
        /// Seconds until the first content, thinking or tool delta.
        package var firstToken: Int
        /// Seconds of silence in the middle of an answer.
        package var idle: Int
        /// Seconds that a body may take that comes in one piece. Long answers take minutes, and nothing tells how far they
        /// are.
        package var wholeBody: Int { max(firstToken, 5 * idle) }
        /// Seconds for the whole request; 0 for as long as it takes.
        package var total: Int
        /// Seconds after which a client that waits for a stream is shown a sign of life; 0 for never.
        package var heartbeat: Int
        /// Seconds that a request may wait for a free request to be allowed.
        package var queue: Int
        /// Seconds of silence after which a second model is asked as well; 0 for never.
        package var hedge: Int
        /// Whether free models are asked as second ones, too.
        package var hedgesFree: Bool
        /// Whether an answer that breaks is taken up by another attempt.
        package var continuesStreams: Bool

        package init(
            attempts: Int = 5, firstToken: Int = 30, idle: Int = 120, total: Int = 0, heartbeat: Int = 15,
            queue: Int = 30, hedge: Int = 0, hedgesFree: Bool = false, continuesStreams: Bool = false
        ) {
            self.attempts = attempts
            self.firstToken = firstToken
            self.idle = idle
            self.total = total
            self.heartbeat = heartbeat
            self.queue = queue
            self.hedge = hedge
            self.hedgesFree = hedgesFree
            self.continuesStreams = continuesStreams
        }
    }
}
