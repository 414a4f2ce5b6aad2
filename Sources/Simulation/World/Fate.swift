import OllamaProxy

/// What becomes of one request that is put to one model at one time. It depends on the world alone, never on what was
/// asked before, so that every strategy and the oracle live in the same world.
struct Fate {
    enum Ending {
        case complete
        /// An error instead of an answer.
        case refused(status: Int, contentType: String, body: String)
        case empty
        /// The connection breaks.
        case cut
        /// An error comes as an event.
        case errorEvent
        /// Comments for ever.
        case silent
    }

    let ending: Ending
    /// Seconds from the attempt's start to the first word; nil when none comes.
    let firstWord: Double?
    /// Seconds from the attempt's start to the end.
    let end: Double
    /// Words until the end.
    var tokens = 0

    var isComplete: Bool {
        if case .complete = ending { true } else { false }
    }

    // MARK: As bytes

    /// Chunks an answer is cut into; real ones are more, and mean no more to anyone here.
    private static let chunks = 8

    /// - Parameter streams: whether a stream was asked for, or one body.
    func script(streams: Bool) -> UpstreamScript {
        var script = UpstreamScript()
        if case .refused(let status, let contentType, let body) = ending {
            script.append(.head(status: status, contentType: contentType, hints: .init()), after: .seconds(end))
            script.append(body, after: .seconds(end))
            script.append(.end(.complete), after: .seconds(end))
            return script
        }
        let contentType = streams ? "text/event-stream" : "application/json"
        script.append(
            .head(status: 200, contentType: contentType, hints: .init()), after: .seconds(min(0.3, end)))
        appendLifeSigns(streams: streams, to: &script)
        if streams { appendEvents(to: &script) } else { appendBody(to: &script) }
        return script
    }

    private func appendLifeSigns(streams: Bool, to script: inout UpstreamScript) {
        var time = 1.0
        while time < min(firstWord ?? end, end) {
            script.append(streams ? ": OPENROUTER PROCESSING\n\n" : "\n         \n", after: .seconds(time))
            time += 5
        }
    }

    private func appendEvents(to script: inout UpstreamScript) {
        if let firstWord {
            for chunk in 0..<Self.chunks {
                let time = firstWord + (end - firstWord) * Double(chunk) / Double(Self.chunks)
                script.append(
                    "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"word \"},"
                        + "\"finish_reason\":null}]}\n\n", after: .seconds(time))
            }
        }
        switch ending {
        case .complete, .empty:
            script.append(
                "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"stop\"}]}\n\n"
                    + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":\(tokens)}}\n\n"
                    + "data: [DONE]\n\n", after: .seconds(end))
            script.append(.end(.complete), after: .seconds(end))
        case .errorEvent:
            script.append("data: {\"choices\":[],\"error\":\(UpstreamErrors.midway)}\n\n", after: .seconds(end))
            script.append(.end(.complete), after: .seconds(end))
        case .cut: script.append(.end(.failed("the connection was reset")), after: .seconds(end))
        case .silent, .refused: break
        }
    }

    private func appendBody(to script: inout UpstreamScript) {
        switch ending {
        case .complete, .empty:
            let content = firstWord == nil ? "" : "word word"
            script.append(
                "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"\(content)\"},"
                    + "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":\(tokens)}}",
                after: .seconds(end))
        case .errorEvent: script.append("{\"error\":\(UpstreamErrors.midway)}", after: .seconds(end))
        case .cut, .silent, .refused: break
        }
        if case .cut = ending {
            script.append(.end(.failed("the connection was reset")), after: .seconds(end))
        } else if case .silent = ending {
            return
        } else {
            script.append(.end(.complete), after: .seconds(end))
        }
    }
}
