extension Completion {
    /// The completion as a stream of server-sent events.
    func streamPlan(model: String, as dialect: Dialect = .chat) -> ResponsePlan {
        var builder = PlanBuilder(pieceLength: pieceLength)
        builder.raw(Self.streamHead)
        for _ in 0..<comments.before { builder.chunk(CompletionChunks.comment) }

        let sequence = self.events(model: model, as: dialect)
        for event in sequence.opening { builder.chunk(event) }
        if isUnlimited { return unlimited(sequence, &builder) }

        let spoken = sequence.spoken
        var pace = Pace(completion: self)
        let errorPosition = disturbances.error ?? (disturbances.errorEvent == nil ? nil : spoken.count)
        if let errorPosition {
            return failing(sequence, after: errorPosition, &pace, &builder)
        }
        let events = spoken + sequence.closing
        for (index, event) in events.enumerated() {
            if let plan = disturbed(after: index, &pace, &builder) { return plan }
            // Usage and [DONE] follow the finish at once, as they do in recordings.
            pace.send(event, into: &builder, isPaced: index <= spoken.count)
        }
        if let plan = disturbed(after: events.count, &pace, &builder) { return plan }
        builder.endChunks()
        return builder.plan(ending: .complete)
    }

    /// The head of every successful stream.
    static var streamHead: [UInt8] {
        ResponseHead.chunked(
            contentType: "text/event-stream",
            headers: [("Cache-Control", "no-cache"), ("X-Generation-Id", GenerationIdentifier.placeholder)])
    }

    func chatEvents(model: String) -> EventSequence {
        let chunks = CompletionChunks(model: model)
        let contentEvents = rendered(content) { chunks.content($0) }
        var spoken = rendered(reasoning) { chunks.reasoning($0) } + contentEvents
        for (index, call) in toolCalls.enumerated() {
            spoken.append(chunks.toolCallStart(index: index, identifier: call.identifier, name: call.name))
            spoken += call.argumentFragments.map { chunks.toolCallArguments(index: index, fragment: $0) }
        }
        var sequence = EventSequence(
            spoken: spoken, repeated: contentEvents, closing: closingEvents(chunks),
            error: chunks.error(Self.defaultError), done: CompletionChunks.done)
        if case .given(let usage) = usage {
            sequence.usageAfterError = chunks.usage(
                usage, shape: usageShape, reason: finishReason, nativeReason: nativeReason)
        }
        return sequence
    }

    private func closingEvents(_ chunks: CompletionChunks) -> [[UInt8]] {
        var events: [[UInt8]] = []
        if let finishReason {
            events.append(chunks.finish(reason: finishReason, nativeReason: nativeReason ?? finishReason))
        }
        if let usageValue {
            events.append(
                chunks.usage(usageValue, shape: usageShape, reason: finishReason, nativeReason: nativeReason))
        }
        if done ?? true { events.append(CompletionChunks.done) }
        return events
    }

    /// The stream up to its error, and what little may still follow.
    private func failing(
        _ sequence: EventSequence, after position: Int, _ pace: inout Pace, _ builder: inout PlanBuilder
    ) -> ResponsePlan {
        let events = sequence.spoken.prefix(position)
        for (index, event) in events.enumerated() {
            if let plan = disturbed(after: index, &pace, &builder) { return plan }
            pace.send(event, into: &builder)
        }
        pace.send(disturbances.errorEvent.map(EventSequence.named) ?? sequence.error, into: &builder)
        builder.chunk(sequence.usageAfterError)
        if done == true { builder.chunk(sequence.done) }
        if let plan = disturbed(after: events.count + 1, &pace, &builder) { return plan }
        builder.endChunks()
        return builder.plan(ending: .complete)
    }

    private func unlimited(_ sequence: EventSequence, _ builder: inout PlanBuilder) -> ResponsePlan {
        if !sequence.opening.isEmpty { builder.chunk(sequence.spoken.first ?? [], delay: firstDelay) }
        builder.beginLoop()
        for event in sequence.repeated { builder.chunk(event, delay: delay) }
        builder.endLoop()
        return builder.plan(ending: .stall)
    }

    /// Breaks the stream off, or puts garbage into it, if it goes wrong after that many events.
    private func disturbed(after count: Int, _ pace: inout Pace, _ builder: inout PlanBuilder) -> ResponsePlan? {
        if disturbances.garbage == count { pace.send(Self.garbage, into: &builder) }
        if disturbances.cut == count { return builder.plan(ending: .cut, endingDelay: pace.nextDelay(&builder)) }
        if disturbances.reset == count { return builder.plan(ending: .reset, endingDelay: pace.nextDelay(&builder)) }
        if disturbances.stall == count { return builder.plan(ending: .stall) }
        return nil
    }

    /// Renders each distinct neighbour once; repeated tokens then share their bytes.
    private func rendered(_ texts: [String], _ render: (String) -> [UInt8]) -> [[UInt8]] {
        var events: [[UInt8]] = []
        events.reserveCapacity(texts.count)
        var previous: String?
        for text in texts {
            if text == previous, let last = events.last { events.append(last) } else { events.append(render(text)) }
            previous = text
        }
        return events
    }
}

/// Puts events into a plan with a completion's delays and the comments between them.
private struct Pace {
    private let completion: Completion
    private var isFirst = true

    init(completion: Completion) { self.completion = completion }

    mutating func send(_ event: [UInt8], into builder: inout PlanBuilder, isPaced: Bool = true) {
        if !isFirst { for _ in 0..<completion.comments.between { builder.chunk(CompletionChunks.comment) } }
        builder.chunk(event, delay: isPaced ? nextDelay(&builder) : .none)
    }

    /// The wait before the next event; before the first one it is filled with comments at their own pace.
    mutating func nextDelay(_ builder: inout PlanBuilder) -> Delay {
        guard isFirst else { return completion.delay }
        isFirst = false
        guard let interval = completion.comments.interval, interval != .none else { return completion.firstDelay }
        var remaining = completion.firstDelay.milliseconds
        while remaining > interval.milliseconds {
            builder.chunk(CompletionChunks.comment, delay: interval)
            remaining -= interval.milliseconds
        }
        return Delay(milliseconds: remaining)
    }
}
