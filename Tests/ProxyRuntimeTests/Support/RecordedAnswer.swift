import Foundation
import TestSupport
import Testing

/// What a recorded answer of OpenRouter's says, read with Foundation and nothing of the proxy's.
struct RecordedAnswer {
    var content = ""
    var thinking = ""
    /// Name and arguments of each call, as one text that can be compared.
    var toolCalls: [String] = []
    var promptTokens = 0
    var completionTokens = 0
    var finishReason: String?
    var hasError = false
    /// Whether anything was said before the error, if there is one.
    var hasSpoken = false
    var hasEnded = false

    private var calls: [Int: (name: String, arguments: String)] = [:]

    /// A recorded stream.
    static func stream(_ url: URL) throws -> RecordedAnswer {
        var answer = RecordedAnswer()
        for line in try String(contentsOf: url, encoding: .utf8).components(separatedBy: "\n") {
            guard line.hasPrefix("data:"), !answer.hasError else { continue }
            let data = line.dropFirst(5).trimmingCharacters(in: .whitespaces)
            if data == "[DONE]" { answer.hasEnded = true } else { answer.take(try JSON.object(data)) }
        }
        answer.finish()
        return answer
    }

    /// A recorded whole answer; nil when it is none of a chat.
    static func whole(_ url: URL) throws -> RecordedAnswer? {
        let body = try JSON.object(String(contentsOf: url, encoding: .utf8))
        guard body["choices"] != nil || body["error"] != nil else { return nil }
        var answer = RecordedAnswer()
        answer.take(body)
        answer.finish()
        return answer
    }

    private mutating func take(_ body: JSONObject) {
        if body["error"] is JSONObject { hasError = true }
        if let usage = body["usage"] as? JSONObject {
            promptTokens = usage["prompt_tokens"] as? Int ?? 0
            completionTokens = usage["completion_tokens"] as? Int ?? 0
        }
        guard let choice = (body["choices"] as? [JSONObject])?.first else { return }
        if choice["error"] is JSONObject { hasError = true }
        if let reason = choice["finish_reason"] as? String {
            finishReason = reason
            hasEnded = true
            if reason == "error" { hasError = true }
        }
        take(message: choice["delta"] as? JSONObject ?? choice["message"] as? JSONObject ?? [:])
    }

    private mutating func take(message: JSONObject) {
        let text = message["content"] as? String ?? ""
        var thought = message["reasoning"] as? String ?? ""
        if thought.isEmpty {
            // The details repeat the reasoning as a rule, and stand in for it with a few providers.
            let details = message["reasoning_details"] as? [JSONObject] ?? []
            thought = details.map { $0["text"] as? String ?? $0["summary"] as? String ?? "" }.joined()
        }
        content += text
        thinking += thought
        for (position, fragment) in (message["tool_calls"] as? [JSONObject] ?? []).enumerated() {
            let function = fragment["function"] as? JSONObject ?? [:]
            var call = calls[fragment["index"] as? Int ?? position] ?? (name: "", arguments: "")
            call.name += function["name"] as? String ?? ""
            call.arguments += function["arguments"] as? String ?? ""
            calls[fragment["index"] as? Int ?? position] = call
        }
        if !hasError, !text.isEmpty || !thought.isEmpty || !calls.isEmpty { hasSpoken = true }
    }

    private mutating func finish() {
        toolCalls = calls.sorted { $0.key < $1.key }.map { _, call in
            let arguments = (try? JSON.object(call.arguments)) ?? [:]
            return call.name + JSON.text(arguments)
        }
    }
}

extension ChatReply {
    /// The calls in the form of `RecordedAnswer.toolCalls`.
    var comparableToolCalls: [String] {
        toolCalls.map { ($0["name"] as? String ?? "") + JSON.text($0["arguments"] ?? [:]) }
    }

    /// Compares with what a recording says.
    func expectEqual(to recorded: RecordedAnswer) {
        #expect(status == 200)
        #expect(content == recorded.content)
        #expect(thinking == recorded.thinking)
        #expect(comparableToolCalls == recorded.toolCalls)
        #expect(promptTokens == recorded.promptTokens)
        #expect(completionTokens == recorded.completionTokens)
        #expect(isDone)
        #expect(doneReason == (recorded.finishReason == "length" ? "length" : "stop"))
        #expect(lines.allSatisfy { $0["error"] == nil })
        #expect(lines.filter { $0["done"] as? Bool == true }.count == 1)
    }
}

/// A recording with its name as the test's description.
struct Recording: CustomTestStringConvertible {
    let url: URL
    var testDescription: String { url.deletingPathExtension().lastPathComponent }

    static var streams: [Recording] { SharedRecordings.sse().map { Recording(url: $0) } }
    static var wholes: [Recording] { SharedRecordings.json().map { Recording(url: $0) } }
    static var errors: [Recording] { SharedRecordings.errors().map { Recording(url: $0) } }
}
