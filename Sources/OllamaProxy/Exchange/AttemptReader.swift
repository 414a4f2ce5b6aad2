/// Reads what the upstream answers to one attempt, judges it and hands what is good to the translator.
///
/// The end of an answer is decided from the protocol, a finish reason or `[DONE]`, never from the connection's: a
/// connection that was cut can look like one that ended well.
package final class AttemptReader {
    /// What the attempt has come to so far.
    package enum Verdict: Equatable {
        /// Nothing is decided.
        case pending
        /// The answer is whole and its end is written.
        case answered
        case failed(Failure)
    }

    /// How the transfer ended, as far as the connection is concerned.
    package enum TransferEnd: Equatable {
        /// The reply ended as its framing says it should.
        case complete
        /// It did not; the text says why.
        case failed(String)
        /// There was no connection at all; the text says why.
        case unreachable(String)
    }

    private enum Body {
        case awaitingHead
        case events
        /// One JSON document, or an error of whatever kind.
        case document(ByteBuffer)
    }

    /// The longest event and the longest document to accept, in bytes.
    static let eventLimit = 8 << 20
    static let documentLimit = 64 << 20
    /// What may be gathered of an answer before any of it is sent, in bytes.
    static let heldLimit = 32 << 20
    /// An error's body is read this far; what comes after explains nothing.
    static let errorLimit = 64 << 10

    package private(set) var times: AnswerTimes
    /// Whether a content, thinking or tool delta has come that the client may see.
    package private(set) var hasSpoken = false
    /// Whether anything of the answer has come, thinking that stays hidden included.
    package private(set) var isAlive = false
    /// Whether the finish reason has come, after which only the usage and `[DONE]` are due.
    package private(set) var hasFinishReason = false
    /// Whether that reason is the limit on tokens.
    private var hasReachedLimit = false
    package private(set) var usage: AnswerEvent.Usage?
    /// Whether the model calls a tool.
    package private(set) var hasToolCalls = false
    /// Bytes of content, as written in JSON strings.
    private var contentCount = 0
    /// How many events with data have come.
    package private(set) var eventCount = 0

    private var translator: any ReplyTranslator
    /// Gathers the content as written in JSON strings, so that another attempt can resume it; nil when none will.
    package let partial: ByteBuffer?
    /// Whether an attempt before this one has begun the answer.
    let isResumption: Bool
    private let door: Door
    private let hidesThinking: Bool
    /// Whether an answer without a word is one when the limit on tokens ended it.
    private let mayBeEmpty: Bool
    private var body = Body.awaitingHead
    private var parser = EventStreamParser(limit: AttemptReader.eventLimit)
    private var recurring = RecurringEvent()
    private var status = 0
    private var hints = FailureRules.RetryHints()
    private var verdict = Verdict.pending

    package init(
        door: Door, translator: any ReplyTranslator, hidesThinking: Bool, mayBeEmpty: Bool = false,
        partial: ByteBuffer? = nil, received: Moment, now: Moment
    ) {
        self.door = door
        self.translator = translator
        self.hidesThinking = hidesThinking
        self.mayBeEmpty = mayBeEmpty
        self.partial = partial
        isResumption = false
        times = AnswerTimes(received: received, attemptStarted: now, firstToken: now, ended: now)
    }

    /// Resumes an answer that broke: what the reader before has written is kept.
    package init(resuming broken: AttemptReader) {
        door = broken.door
        translator = broken.translator
        hidesThinking = broken.hidesThinking
        mayBeEmpty = broken.mayBeEmpty
        partial = broken.partial
        times = broken.times
        isResumption = true
        translator.resume(after: broken.usageSoFar)
    }

    /// The usage of an answer that broke: as reported, or, as it mostly never is, by the length of what came.
    private var usageSoFar: AnswerEvent.Usage {
        usage ?? AnswerEvent.Usage(promptTokens: 0, completionTokens: (contentCount + 3) / 4)
    }

    /// The usage of the whole answer, attempts before this one included; nil when none was reported.
    package var totalUsage: AnswerEvent.Usage? {
        usage.map { translator.earlierUsage + $0 }
    }

    /// Longer answers are not resumed, in bytes.
    static let partialLimit = 4 << 20

    /// Whether another attempt could resume the answer where it broke. A tool call cannot be.
    package var canBeResumed: Bool {
        guard let partial else { return false }
        return !hasToolCalls && !hasFinishReason && partial.count <= Self.partialLimit
    }

    /// - Parameter contentType: the header's value in lower case; empty when there was none.
    package func receiveHead(status: Int, contentType: String, hints: FailureRules.RetryHints) {
        self.status = status
        self.hints = hints
        let isStream = status == 200 && contentType.hasPrefix("text/event-stream")
        body = isStream ? .events : .document(ByteBuffer())
        // What is passed on as it comes must have the form that was asked for.
        if isStream, door.isForwarding, !door.streams {
            fail(FailureRules.malformed("stream instead of a single body"))
        }
    }

    /// Takes the next piece of the body and appends to `output` what it adds to the reply.
    package func receive(_ bytes: Bytes, now: Moment, output: ByteBuffer) -> Verdict {
        guard verdict == .pending else { return verdict }
        times.ended = now
        switch body {
        case .awaitingHead: break
        case .document(let document):
            // The blanks before a body only say that it is still to come.
            let bytes = document.isEmpty ? bytes.trimmedAtStart : bytes
            let limit = status == 200 ? Self.documentLimit : Self.errorLimit
            if document.count + bytes.count <= limit {
                document.append(bytes)
            } else if status == 200 {
                verdict = .failed(FailureRules.malformed("more than \(limit >> 20) MB in one piece"))
            }
        case .events:
            do {
                try parser.feed(bytes) { piece in
                    readRecurring(piece, now: now, output: output)
                } _: { event in
                    read(event, now: now, output: output)
                }
            } catch {
                fail(FailureRules.malformed("an event of more than \(Self.eventLimit >> 20) MB"))
            }
        }
        return verdict
    }

    /// The transfer is over.
    package func end(_ end: TransferEnd, now: Moment, output: ByteBuffer) -> Verdict {
        guard verdict == .pending else { return verdict }
        switch body {
        case .awaitingHead:
            switch end {
            case .failed(let reason): fail(FailureRules.network(reason))
            case .unreachable(let reason): fail(FailureRules.unreachable(reason))
            case .complete: fail(FailureRules.cut)
            }
        case .document(let document):
            document.withBytes { endDocument($0.trimmed, end, now: now, output: output) }
        case .events:
            try? parser.finish { event in read(event, now: now, output: output) }
            if verdict == .pending { endEvents(now: now, output: output) }
        }
        return verdict
    }

    /// The finish reason has come and nothing after it: the answer is whole, if without its usage.
    package func endWithoutUsage(now: Moment, output: ByteBuffer) -> Verdict {
        guard verdict == .pending else { return verdict }
        complete(now: now, output: output)
        return verdict
    }

    // MARK: Events

    /// - Returns: how many bytes are taken.
    private func readRecurring(_ piece: Bytes, now: Moment, output: ByteBuffer) -> Int {
        guard verdict == .pending, let event = recurring.event(at: piece) else { return 0 }
        eventCount += 1
        let chunk = AnswerEvent(content: event.content, streamed: piece.part(0..<event.end))
        accept(chunk, data: piece.part(event.data), now: now, output: output)
        return event.end
    }

    private func read(_ event: EventStreamParser.Event, now: Moment, output: ByteBuffer) {
        guard verdict == .pending, case .data(let data) = event else { return }
        eventCount += 1
        if data.trimmed.equals("[DONE]") { return complete(now: now, output: output) }
        do throws(JSONError) {
            accept(try read(event: data), data: data, now: now, output: output)
        } catch {
            fail(FailureRules.malformed("event is not a JSON object: \(error)"))
        }
    }

    private func read(event data: Bytes) throws(JSONError) -> AnswerEvent {
        guard door.dialect.eventsRecur else { return try door.dialect.readEvent(data) }
        if let chunk = recurring.chunk(of: data) { return chunk }
        let chunk = try door.dialect.readEvent(data)
        recurring.record(chunk, data: data)
        return chunk
    }

    private func accept(_ chunk: AnswerEvent, data: Bytes, now: Moment, output: ByteBuffer) {
        if let error = chunk.error {
            return fail(FailureRules.failure(status: 200, error: error, hints: hints, now: now))
        }
        // Words that come with it are not believed, and must not be taken for the client's.
        if chunk.finishReason == .error { return fail(FailureRules.endedInError) }
        if let usage = chunk.usage { self.usage = usage }
        let hasThinking = chunk.hasThinking
        let speaks = chunk.hasContent || !chunk.toolCalls.isEmpty || (hasThinking && !hidesThinking)
        if speaks || hasThinking { isAlive = true }
        if speaks, !hasSpoken {
            hasSpoken = true
            if !isResumption { times.firstToken = now }
        }
        if !chunk.toolCalls.isEmpty { hasToolCalls = true }
        if partial != nil { gather(chunk) }
        translator.translate(chunk, data: data, now: now, output: output)
        guard !holdsTooMuch(after: chunk, output) else {
            return fail(FailureRules.malformed("more than \(Self.heldLimit >> 20) MB without an end"))
        }
        if let reason = chunk.finishReason {
            hasFinishReason = true
            hasReachedLimit = reason == .length
        }
        if chunk.isLast { complete(now: now, output: output) }
    }

    private func holdsTooMuch(after chunk: AnswerEvent, _ output: ByteBuffer) -> Bool {
        let isSent = hasSpoken && door.streams
        // Words go out as they come: only these are kept until the end.
        if isSent, chunk.toolCalls.isEmpty, chunk.logprobs == nil { return false }
        // Nobody takes anything out of what is not sent yet.
        return translator.heldBytes + (isSent ? 0 : output.count) > Self.heldLimit
    }

    private func gather(_ chunk: AnswerEvent) {
        chunk.forEachContent { text in
            contentCount += text.escaped.count
            if let partial, partial.count <= Self.partialLimit { partial.append(text.escaped) }
        }
    }

    private func endEvents(now: Moment, output: ByteBuffer) {
        if hasFinishReason { return complete(now: now, output: output) }
        fail(FailureRules.cut)
    }

    // MARK: Documents

    private func endDocument(_ text: Bytes, _ end: TransferEnd, now: Moment, output: ByteBuffer) {
        guard status == 200 else {
            let error = UpstreamError.inBody(text)
            return fail(FailureRules.failure(status: status, error: error, hints: hints, now: now))
        }
        // White space alone is what keeps a connection alive until the answer is there: it never came.
        guard !text.isEmpty, end == .complete else { return fail(FailureRules.cut) }
        do throws(JSONError) {
            let chunk = try door.dialect.readDocument(text)
            if door.dialect.answersData, chunk.error == nil {
                guard Self.holdsData(text) else { return fail(FailureRules.malformed("no answer in it")) }
                hasSpoken = true
                translator.translate(chunk, data: text, now: now, output: output)
                return complete(now: now, output: output)
            }
            guard chunk.hasChoice || chunk.error != nil else {
                return fail(FailureRules.malformed("no answer in it"))
            }
            guard !door.isForwarding || !door.streams || chunk.error != nil else {
                return fail(FailureRules.malformed("single body instead of a stream"))
            }
            accept(chunk, data: text, now: now, output: output)
        } catch {
            return fail(FailureRules.malformed("\(error)"))
        }
        if verdict == .pending { complete(now: now, output: output) }
    }

    /// Whether the document is a list of vectors, as far as can be seen from outside.
    private static func holdsData(_ text: Bytes) -> Bool {
        var found = false
        var reader = JSONReader(text)
        try? reader.forEachField { key, reader throws(JSONError) in
            if key == "data", try reader.kind() == .array { found = true }
            try reader.skip()
        }
        return found
    }

    // MARK: Ends

    private func complete(now: Moment, output: ByteBuffer) {
        // A model may find that nothing was missing but the end.
        guard hasSpoken || (isResumption && hasFinishReason) || (mayBeEmpty && hasReachedLimit) else {
            return fail(hasReachedLimit ? FailureRules.noRoom : FailureRules.empty)
        }
        times.ended = now
        do throws(BrokenAnswer) {
            try translator.finish(times, output: output)
            verdict = .answered
        } catch {
            fail(FailureRules.malformed("part of it cannot be read", detail: ": \(error.reason)"))
        }
    }

    private func fail(_ failure: Failure) {
        if verdict == .pending { verdict = .failed(failure) }
    }
}
