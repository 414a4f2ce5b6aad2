/// What OpenRouter sends before a whole body is ready: the head at once, and white space while it waits.
enum KeepAlive {
    static let whiteSpace = Array("\n         \n".utf8)
    static let interval = Delay(milliseconds: 425)
}

extension Completion {
    /// The completion as one JSON body, for requests with `"stream": false`.
    func bodyPlan(model: String, as dialect: Dialect = .chat) -> ResponsePlan {
        var builder = PlanBuilder(pieceLength: pieceLength)
        builder.raw(Self.bodyHead)
        builder.chunk(KeepAlive.whiteSpace)
        if isUnlimited {
            builder.beginLoop()
            builder.chunk(Array(repeating: 0x20, count: 1023) + [0x0A], delay: delay)
            builder.endLoop()
            return builder.plan(ending: .stall)
        }

        let remaining = wait(in: &builder)
        if disturbances.stall != nil { return builder.plan(ending: .stall) }
        let body = disturbances.garbage == nil ? self.body(model: model, as: dialect).rendered : Self.garbage
        if disturbances.cut != nil || disturbances.reset != nil {
            builder.chunk(Array(body.prefix(body.count / 2)), delay: remaining)
            return builder.plan(ending: disturbances.cut != nil ? .cut : .reset)
        }
        builder.chunk(body, delay: remaining)
        builder.endChunks()
        return builder.plan(ending: .complete)
    }

    /// The head of every successful whole answer.
    static var bodyHead: [UInt8] {
        ResponseHead.chunked(
            contentType: "application/json", headers: [("X-Generation-Id", GenerationIdentifier.placeholder)])
    }

    /// Waits as long as the events of a stream would have taken; answers what is left to wait.
    private func wait(in builder: inout PlanBuilder) -> Delay {
        let events = content.count + reasoning.count + toolCalls.count
        var remaining = firstDelay.milliseconds + delay.milliseconds * Double(events)
        let interval = comments.interval ?? KeepAlive.interval
        guard interval != .none else { return Delay(milliseconds: remaining) }
        while remaining > interval.milliseconds {
            builder.chunk(KeepAlive.whiteSpace, delay: interval)
            remaining -= interval.milliseconds
        }
        return Delay(milliseconds: remaining)
    }

    private func body(model: String, as dialect: Dialect) -> JSONValue {
        let usualError: JSONValue? = disturbances.error == nil ? .none : Self.defaultError
        let error = disturbances.errorEvent.map { $0["error"] ?? $0 } ?? usualError
        switch dialect {
        case .chat: return chatBody(model: model, error: error)
        case .responses:
            return error.map { ResponsesWriter.failedBody(self, model: model, error: $0) }
                ?? ResponsesWriter(self, model: model).body
        case .messages:
            return error.map(MessagesWriter.error) ?? MessagesWriter(completion: self, model: model).body
        }
    }

    private func chatBody(model: String, error: JSONValue?) -> JSONValue {
        if let error, disturbances.error ?? 0 == 0 {
            return ["id": .string(GenerationIdentifier.placeholder), "error": error]
        }

        var choice: JSONValue = [
            "index": 0, "logprobs": nil,
            "finish_reason": (error == nil ? finishReason : "error").map(JSONValue.string) ?? .null,
            "native_finish_reason": (error == nil ? nativeReason : "error").map(JSONValue.string) ?? .null,
            "message": message(shownEvents: error == nil ? nil : disturbances.error),
        ]
        if let error { choice = choice.with("error", error) }
        var body = CompletionChunks.envelope(model: model, created: Clock.epochSeconds, object: "chat.completion")
            .with("system_fingerprint", nil).with("choices", [choice])
        if let usageValue { body = body.with("usage", usageValue) }
        return body
    }

    private func message(shownEvents: Int?) -> JSONValue {
        let shownContent = content.prefix(max((shownEvents ?? .max) - reasoning.count, 0))
        let text = shownContent.joined()
        var message: JSONValue = [
            "role": "assistant", "content": text.isEmpty && !toolCalls.isEmpty ? nil : .string(text), "refusal": nil,
            "reasoning": reasoning.isEmpty ? nil : .string(reasoning.joined()),
        ]
        if !reasoning.isEmpty {
            message = message.with(
                "reasoning_details",
                [["type": "reasoning.text", "text": .string(reasoning.joined()), "format": "unknown", "index": 0]])
        }
        guard !toolCalls.isEmpty, shownEvents == nil else { return message }
        return message.with(
            "tool_calls",
            .array(
                toolCalls.enumerated().map { index, call in
                    [
                        "index": .int(index), "id": .string(call.identifier), "type": "function",
                        "function": ["name": .string(call.name), "arguments": .string(call.arguments)],
                    ]
                }))
    }
}
