/// What an answer has come to so far, over one attempt and those that it continues.
package struct AnswerProgress {
    package private(set) var times: AnswerTimes
    /// Whether a content, thinking or tool delta has come that the client may see.
    package private(set) var hasSpoken = false
    /// Whether anything of the answer has come, thinking that stays hidden included.
    package private(set) var isAlive = false
    /// Whether the finish reason has come, after which only the usage and `[DONE]` are due.
    package private(set) var hasFinishReason = false
    /// Whether that reason is the limit on tokens.
    private(set) var hasReachedLimit = false
    package private(set) var usage: AnswerEvent.Usage?
    /// Whether the model calls a tool.
    package private(set) var hasToolCalls = false
    /// How many events with data have come.
    package private(set) var eventCount = 0
    /// Gathers the content as written in JSON strings, so that another attempt can resume it; nil when none will.
    package let partial: ByteBuffer?
    /// Whether an attempt before this one has begun the answer.
    let isResumption: Bool
    private let hidesThinking: Bool
    /// Bytes of content, as written in JSON strings.
    private var contentCount = 0

    /// Longer answers are not resumed, in bytes.
    static let partialLimit = 4 << 20

    init(hidesThinking: Bool, partial: ByteBuffer?, received: Moment, now: Moment) {
        self.hidesThinking = hidesThinking
        self.partial = partial
        isResumption = false
        times = AnswerTimes(received: received, attemptStarted: now, firstToken: now, ended: now)
    }

    /// That of the attempt which resumes an answer that broke.
    init(resuming broken: AnswerProgress) {
        hidesThinking = broken.hidesThinking
        partial = broken.partial
        isResumption = true
        times = broken.times
    }

    /// The usage of an answer that broke: as reported, or, as it mostly never is, by the length of what came.
    var usageSoFar: AnswerEvent.Usage {
        usage ?? AnswerEvent.Usage(promptTokens: 0, completionTokens: (contentCount + 3) / 4)
    }

    /// Whether another attempt could resume the answer where it broke. A tool call cannot be.
    package var canBeResumed: Bool {
        guard let partial else { return false }
        return !hasToolCalls && !hasFinishReason && partial.count <= Self.partialLimit
    }

    // MARK: What comes

    /// The last of it so far comes now.
    mutating func touch(now: Moment) {
        times.ended = now
    }

    mutating func eventCame() {
        eventCount += 1
    }

    /// What came is an answer although it is none of the events that say so.
    mutating func spoke() {
        hasSpoken = true
    }

    mutating func add(_ event: AnswerEvent, now: Moment) {
        if let usage = event.usage { self.usage = usage }
        let hasThinking = event.hasThinking
        let speaks = event.hasContent || !event.toolCalls.isEmpty || (hasThinking && !hidesThinking)
        if speaks || hasThinking { isAlive = true }
        if speaks, !hasSpoken {
            hasSpoken = true
            if !isResumption { times.firstToken = now }
        }
        if !event.toolCalls.isEmpty { hasToolCalls = true }
        if partial != nil { gather(event) }
    }

    private mutating func gather(_ event: AnswerEvent) {
        event.forEachContent { text in
            contentCount += text.escaped.count
            if let partial, partial.count <= Self.partialLimit { partial.append(text.escaped) }
        }
    }

    /// What an event adds is written: its finish reason counts from now on.
    mutating func addEnd(of event: AnswerEvent) {
        guard let reason = event.finishReason else { return }
        hasFinishReason = true
        hasReachedLimit = reason == .length
    }
}
