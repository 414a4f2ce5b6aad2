import Foundation
import OllamaProxy
import TestSupport
import Testing

/// Streams and bodies as OpenRouter really sent them, through the whole exchange.
@Suite(.enabled(if: SharedRecordings.isAvailable, Comment(rawValue: SharedRecordings.skipReason)))
struct RecordedStreamTests {
    private static func play(_ bytes: [UInt8], _ type: String, door: Door, pieces: Int) throws -> ExchangeStage {
        var stage = try ExchangeStage(door)
        stage.begin()
        stage.head(200, type)
        stage.bytes(bytes, pieces: pieces)
        // A transfer that was cancelled brings nothing more.
        if !stage.actions.contains("cancel") { stage.end() }
        return stage
    }

    private static func playSplit(_ file: URL, _ type: String, door: Door) throws -> ExchangeStage {
        let bytes = Array(try Data(contentsOf: file))
        let whole = try play(bytes, type, door: door, pieces: .max)
        for pieces in [1, 2, 3, 7, 64] {
            let split = try play(bytes, type, door: door, pieces: pieces)
            #expect(split.actions == whole.actions)
            #expect(split.output == whole.output, "\(file.lastPathComponent) in pieces of \(pieces)")
        }
        return whole
    }

    @Test(arguments: SharedRecordings.sse(), [true, false])
    func streamsBecomeOllamasAnswers(_ file: URL, streams: Bool) throws {
        let stage = try Self.playSplit(file, "text/event-stream", door: .ollamaChat(stream: streams))
        let recorded = try RecordedAnswer(events: file)
        try Self.check(stage, against: recorded, streams: streams)
    }

    @Test(arguments: SharedRecordings.json(), [true, false])
    func bodiesBecomeOllamasAnswers(_ file: URL, streams: Bool) throws {
        let stage = try Self.playSplit(file, "application/json", door: .ollamaChat(stream: streams))
        try Self.check(stage, against: RecordedAnswer(body: file), streams: streams)
    }

    @Test(arguments: SharedRecordings.sse())
    func theOpenAIDoorForwardsTheSameData(_ file: URL) throws {
        let stage = try Self.playSplit(file, "text/event-stream", door: .openAIChat(stream: true))
        let recorded = try RecordedAnswer(events: file)
        guard !recorded.endsInError else { return #expect(stage.ends.first?.outcome != .answered) }
        #expect(stage.output == recorded.payloads.map { "data: \($0)\n\n" }.joined())
    }

    private static func check(_ stage: ExchangeStage, against recorded: RecordedAnswer, streams: Bool) throws {
        if recorded.endsInError {
            if recorded.hasWords && streams {
                #expect(stage.actions.last == "finish failed")
                #expect(try stage.lines().last?["error"] != nil)
            } else {
                #expect(stage.actions.last == "start v/second:free")
            }
            return
        }
        #expect(stage.actions.last == "finish answered")
        let answer = OllamaAnswer(try stage.lines())
        #expect(answer.content == recorded.content)
        #expect(answer.thinking == recorded.thinking)
        #expect(JSONTree.isEqual(answer.toolCalls, recorded.toolCalls))
        #expect(answer.promptTokens == recorded.promptTokens)
        #expect(answer.completionTokens == recorded.completionTokens)
        #expect(answer.doneReason == recorded.doneReason)
    }
}

/// What a recording says, read without any of the code under test.
private struct RecordedAnswer {
    var content = ""
    var thinking = ""
    var promptTokens = 0
    var completionTokens = 0
    var doneReason = "stop"
    var endsInError = false
    /// The data of every event, in order.
    var payloads: [String] = []
    private var calls: [Int: (name: String, arguments: String)] = [:]

    var hasWords: Bool { !content.isEmpty || !thinking.isEmpty || !calls.isEmpty }

    var toolCalls: [[String: Any]] {
        calls.sorted { $0.key < $1.key }.map { _, call in
            let arguments = call.arguments.isEmpty ? "{}" : call.arguments
            let object = try? JSONSerialization.jsonObject(with: Data(arguments.utf8))
            return ["name": call.name, "arguments": object ?? "unreadable"]
        }
    }

    init(events file: URL) throws {
        for line in try String(contentsOf: file, encoding: .utf8).split(whereSeparator: \.isNewline) {
            guard line.hasPrefix("data: ") else { continue }
            let data = String(line.dropFirst(6))
            payloads.append(data)
            guard data != "[DONE]", !endsInError else { continue }
            take(try JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any] ?? [:], part: "delta")
        }
    }

    init(body file: URL) throws {
        let object = try JSONSerialization.jsonObject(with: try Data(contentsOf: file)) as? [String: Any] ?? [:]
        take(object, part: "message")
        if !hasWords { endsInError = true }
    }

    private mutating func take(_ object: [String: Any], part: String) {
        if object["error"] is [String: Any] { endsInError = true }
        if let usage = object["usage"] as? [String: Any] {
            promptTokens = usage["prompt_tokens"] as? Int ?? 0
            completionTokens = usage["completion_tokens"] as? Int ?? 0
        }
        guard let choice = (object["choices"] as? [[String: Any]])?.first else { return }
        if choice["error"] is [String: Any] || choice["finish_reason"] as? String == "error" { endsInError = true }
        if choice["finish_reason"] as? String == "length" { doneReason = "length" }
        guard let delta = choice[part] as? [String: Any] else { return }
        content += delta["content"] as? String ?? ""
        if let reasoning = delta["reasoning"] as? String, !reasoning.isEmpty {
            thinking += reasoning
        } else {
            for detail in delta["reasoning_details"] as? [[String: Any]] ?? [] {
                thinking += detail["text"] as? String ?? detail["summary"] as? String ?? ""
            }
        }
        for call in delta["tool_calls"] as? [[String: Any]] ?? [] {
            let index = call["index"] as? Int ?? calls.count
            let function = call["function"] as? [String: Any] ?? [:]
            let known = calls[index] ?? ("", "")
            calls[index] = (
                known.name.isEmpty ? function["name"] as? String ?? "" : known.name,
                known.arguments + (function["arguments"] as? String ?? "")
            )
        }
    }
}

/// What an Ollama client makes of the reply's lines.
private struct OllamaAnswer {
    var content = ""
    var thinking = ""
    var toolCalls: [[String: Any]] = []
    var promptTokens: Int?
    var completionTokens: Int?
    var doneReason: String?

    init(_ lines: [[String: Any]]) {
        for line in lines {
            let message = line["message"] as? [String: Any] ?? [:]
            content += message["content"] as? String ?? ""
            thinking += message["thinking"] as? String ?? ""
            for call in message["tool_calls"] as? [[String: Any]] ?? [] {
                let function = call["function"] as? [String: Any] ?? [:]
                toolCalls.append(["name": function["name"] ?? "", "arguments": function["arguments"] ?? ""])
            }
            guard line["done"] as? Bool == true else { continue }
            promptTokens = line["prompt_eval_count"] as? Int
            completionTokens = line["eval_count"] as? Int
            doneReason = line["done_reason"] as? String
        }
    }
}
