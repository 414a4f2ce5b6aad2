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

    package private(set) var progress: AnswerProgress
    private var translator: any ReplyTranslator
    private let door: Door
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
        self.mayBeEmpty = mayBeEmpty
        progress = AnswerProgress(hidesThinking: hidesThinking, partial: partial, received: received, now: now)
    }

    /// Resumes an answer that broke: what the reader before has written is kept.
    package init(resuming broken: AttemptReader) {
        door = broken.door
        translator = broken.translator
        mayBeEmpty = broken.mayBeEmpty
        progress = AnswerProgress(resuming: broken.progress)
        translator.resume(after: broken.progress.usageSoFar)
    }

    /// The usage of the whole answer, attempts before this one included; nil when none was reported.
    package var totalUsage: AnswerEvent.Usage? {
        progress.usage.map { translator.earlierUsage + $0 }
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
        progress.touch(now: now)
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
        progress.eventCame()
        let chunk = AnswerEvent(content: event.content, streamed: piece.part(0..<event.end))
        accept(chunk, data: piece.part(event.data), now: now, output: output)
        return event.end
    }

    private func read(_ event: EventStreamParser.Event, now: Moment, output: ByteBuffer) {
        guard verdict == .pending, case .data(let data) = event else { return }
        progress.eventCame()
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
        progress.add(chunk, now: now)
        translator.translate(chunk, data: data, now: now, output: output)
        guard !holdsTooMuch(after: chunk, output) else {
            return fail(FailureRules.malformed("more than \(Self.heldLimit >> 20) MB without an end"))
        }
        progress.addEnd(of: chunk)
        if chunk.isLast { complete(now: now, output: output) }
    }

    private func holdsTooMuch(after chunk: AnswerEvent, _ output: ByteBuffer) -> Bool {
        let isSent = progress.hasSpoken && door.streams
        // Words go out as they come: only these are kept until the end.
        if isSent, chunk.toolCalls.isEmpty, chunk.logprobs == nil { return false }
        // Nobody takes anything out of what is not sent yet.
        return translator.heldBytes + (isSent ? 0 : output.count) > Self.heldLimit
    }

    private func endEvents(now: Moment, output: ByteBuffer) {
        if progress.hasFinishReason { return complete(now: now, output: output) }
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
                progress.spoke()
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
        let isWhole =
            progress.hasSpoken || (progress.isResumption && progress.hasFinishReason)
            || (mayBeEmpty && progress.hasReachedLimit)
        guard isWhole else { return fail(progress.hasReachedLimit ? FailureRules.noRoom : FailureRules.empty) }
        progress.touch(now: now)
        do throws(BrokenAnswer) {
            try translator.finish(progress.times, output: output)
            verdict = .answered
        } catch {
            fail(FailureRules.malformed("part of it cannot be read", detail: ": \(error.reason)"))
        }
    }

    private func fail(_ failure: Failure) {
        if verdict == .pending { verdict = .failed(failure) }
    }
}
