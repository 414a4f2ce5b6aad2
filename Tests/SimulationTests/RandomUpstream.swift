import OllamaProxy
import Simulation

/// An upstream that answers whatever a random generator comes up with.
struct RandomUpstream {
    /// What one attempt is answered.
    struct Answer {
        var script = UpstreamScript()
        /// The whole content, where the answer is one that has to reach the client as it is; nil for all else.
        var text: String?
        /// Whether the request arrives at all.
        var arrives = true
    }

    private enum Kind: CaseIterable {
        case whole, cut, refused, garbage, silence, unreachable, brokenAtOnce, empty, errorEvent, onlyThinking,
            toolCall, wrongForm
    }

    /// How often the upstream answers as it should.
    let reliability: Double
    /// Whether much of the time is spent waiting for it.
    let isSlow: Bool

    func answer(asStream: Bool, _ random: inout SplitMix64) -> Answer {
        let kind = random.chance(reliability) ? Kind.whole : random.element(of: Kind.allCases)
        switch kind {
        case .whole: return whole(asStream: asStream, &random)
        case .cut: return cut(asStream: asStream, &random)
        case .refused: return refused(&random)
        case .garbage:
            let bytes = (0..<random.integer(0...80)).map { _ in UInt8(random.integer(0...255)) }
            return answer(
                Array("data: ".utf8) + bytes + Array("\n\n".utf8), asStream: asStream, end: .complete, &random)
        case .silence:
            var answer = Answer()
            if random.chance(0.7) { appendHead(200, asStream: asStream, to: &answer.script, &random) }
            return answer
        case .unreachable:
            var answer = Answer(arrives: false)
            answer.script.append(.end(.unreachable("no route to host")), after: delay(&random))
            return answer
        case .brokenAtOnce:
            var answer = Answer()
            answer.script.append(
                .end(random.chance(0.5) ? .failed("connection reset") : .complete), after: delay(&random))
            return answer
        case .empty: return answer(text(asStream, pieces: [], &random), asStream: asStream, end: .complete, &random)
        case .errorEvent:
            let text = Self.event(content: "begun ") + "data: {\"choices\":[],\"error\":\(error(&random))}\n\n"
            return answer(Array(text.utf8), asStream: true, end: .complete, &random)
        case .onlyThinking:
            let thinking = "data: {\"choices\":[{\"delta\":{\"content\":\"\",\"reasoning\":\"hm\"}}]}\n\n"
            return answer(Array(thinking.utf8), asStream: true, end: .complete, &random)
        case .toolCall:
            let call =
                "data: {\"choices\":[{\"delta\":{\"content\":null,\"tool_calls\":[{\"index\":0,\"id\":\"c1\","
                + "\"type\":\"function\",\"function\":{\"name\":\"look\",\"arguments\":\"{\\\"a\\\":1}\"}}]}}]}\n\n"
                + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n"
            return answer(Array(call.utf8), asStream: true, end: .complete, &random)
        case .wrongForm: return whole(asStream: !asStream, &random)
        }
    }

    // MARK: Kinds

    private func whole(asStream: Bool, _ random: inout SplitMix64) -> Answer {
        let pieces = (0..<random.integer(1...6)).map { _ in "w\(random.integer(0...999)) " }
        var answer = answer(text(asStream, pieces: pieces, &random), asStream: asStream, end: .complete, &random)
        answer.text = pieces.joined()
        return answer
    }

    private func cut(asStream: Bool, _ random: inout SplitMix64) -> Answer {
        let bytes = text(asStream, pieces: ["some ", "of ", "many "], &random)
        let end: AttemptReader.TransferEnd? = random.element(of: [.complete, .failed("connection reset"), nil])
        return answer(
            Array(bytes.prefix(random.integer(0...bytes.count))), asStream: asStream, end: end, &random)
    }

    private func refused(_ random: inout SplitMix64) -> Answer {
        var answer = Answer()
        let statuses = [200, 204, 301, 400, 401, 402, 403, 404, 408, 413, 422, 429, 500, 502, 503, 524]
        appendHead(random.element(of: statuses), asStream: false, to: &answer.script, &random)
        let bodies = ["", "<html>no</html>", "{}", "{\"error\":null}", "[1", "{\"error\":\(error(&random))}"]
        let body = random.chance(0.7) ? bodies[5] : random.element(of: bodies)
        append(Array(body.utf8), to: &answer.script, &random)
        answer.script.append(.end(.complete), after: (answer.script.steps.last?.after ?? .zero) + delay(&random))
        return answer
    }

    private func error(_ random: inout SplitMix64) -> String {
        let code = random.element(of: ["400", "401", "402", "403", "404", "429", "500", "502", "503", "\"x\"", "null"])
        let message = random.element(of: [
            "Provider returned error", "No endpoints found for it.", "Rate limit exceeded: free-models-per-min. ",
            "Rate limit exceeded: free-models-per-day. ", "context length exceeded, requested about 900 tokens",
            "Insufficient credits", "No auth credentials found", "Key limit exceeded", "flagged", "",
        ])
        let metadata = random.element(of: [
            "{}", "{\"provider_name\":\"P\",\"raw\":\"overloaded\"}", "{\"headers\":{\"Retry-After\":\"2\"}}",
            "{\"error_type\":\"provider_unavailable\"}", "{\"retry_after_seconds\":7}",
        ])
        return "{\"code\":\(code),\"message\":\"\(message)\",\"metadata\":\(metadata)}"
    }

    // MARK: Bytes

    private static func event(content: String) -> String {
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\(content)\"},"
            + "\"finish_reason\":null}]}\n\n"
    }

    private func text(_ asStream: Bool, pieces: [String], _ random: inout SplitMix64) -> [UInt8] {
        guard asStream else {
            return Array(
                ("\n    \n{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"\(pieces.joined())\"},"
                    + "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":5}}").utf8)
        }
        var text = random.chance(0.5) ? ": OPENROUTER PROCESSING\n\n" : ""
        for piece in pieces {
            text += Self.event(content: piece)
            if random.chance(0.2) { text += ": OPENROUTER PROCESSING\n\n" }
        }
        text += "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"stop\"}]}\n\n"
        if random.chance(0.8) {
            text += "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":5}}\n\n"
        }
        if random.chance(0.9) { text += "data: [DONE]\n\n" }
        return Array(text.utf8)
    }

    private func answer(
        _ bytes: [UInt8], asStream: Bool, end: AttemptReader.TransferEnd?, _ random: inout SplitMix64
    ) -> Answer {
        var answer = Answer()
        appendHead(200, asStream: asStream, to: &answer.script, &random)
        append(bytes, to: &answer.script, &random)
        guard let end else { return answer }
        answer.script.append(.end(end), after: (answer.script.steps.last?.after ?? .zero) + delay(&random))
        return answer
    }

    private func appendHead(
        _ status: Int, asStream: Bool, to script: inout UpstreamScript, _ random: inout SplitMix64
    ) {
        let hints = FailureRules.RetryHints(retryAfter: random.chance(0.1) ? .seconds(random.integer(0...90)) : nil)
        let contentType = asStream ? "text/event-stream; charset=utf-8" : "application/json"
        script.append(.head(status: status, contentType: contentType, hints: hints), after: delay(&random))
    }

    /// Cuts the bytes anywhere.
    private func append(_ bytes: [UInt8], to script: inout UpstreamScript, _ random: inout SplitMix64) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(random.integer(1...(random.chance(0.2) ? 20 : 400)))
            rest = rest.dropFirst(piece.count)
            script.append(.bytes(Array(piece)), after: (script.steps.last?.after ?? .zero) + delay(&random))
        }
    }

    private func delay(_ random: inout SplitMix64) -> Span {
        if isSlow, random.chance(0.15) { return .seconds(random.double(0...50)) }
        return random.chance(0.3) ? .zero : .seconds(random.double(0...0.8))
    }
}
