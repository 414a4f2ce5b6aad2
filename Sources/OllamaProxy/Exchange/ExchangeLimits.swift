extension ExchangeMachine {
    /// How much one request may take: attempts, time, and what is done about silence and broken answers.
    package struct Limits: Equatable {
        /// Attempts for one request.
        package var attempts: Int
        /// How long the first content, thinking or tool delta may take.
        package var firstToken: Span
        /// How long an answer may pause.
        package var idle: Span
        /// How long a body may take that comes in one piece. Long answers take minutes, and nothing tells how far they are.
        package var wholeBody: Span { max(firstToken, idle * 5) }
        /// How long the whole request may take; zero for as long as it takes.
        package var total: Span
        /// How often a client that waits for a stream is shown a sign of life; zero for never.
        package var heartbeat: Span
        /// How long a request may wait for a free request to be allowed.
        package var queue: Span
        /// After how much silence a second model is asked as well; zero for never.
        package var hedge: Span
        /// Whether free models are asked as second ones, too.
        package var hedgesFree: Bool
        /// Whether an answer that breaks is resumed by another attempt.
        package var continuesStreams: Bool

        package init(
            attempts: Int = 5, firstToken: Span = .seconds(30), idle: Span = .seconds(120), total: Span = .zero,
            heartbeat: Span = .seconds(15), queue: Span = .seconds(30), hedge: Span = .zero, hedgesFree: Bool = false,
            continuesStreams: Bool = false
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
