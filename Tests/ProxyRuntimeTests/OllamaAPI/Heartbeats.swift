import Foundation
import TestSupport
import Testing

/// A stream that waits for its first word shows that it is alive.
@Suite(.timeLimit(.minutes(10)))
struct Heartbeats {
    private static let often = ["HEARTBEAT_SECONDS": "1"]

    private func open(_ stage: Stage, _ path: String, _ changes: JSONObject = [:]) throws -> HTTPStream {
        let body: JSONObject = [
            "model": ListedModel.first.id, "prompt": "hi", "messages": [["role": "user", "content": "hi"]],
            "stream": true,
        ]
        return try stage.client.open("POST", path, body: JSON.text(body.merging(changes) { $1 }))
    }

    @Test func anEmptyLineThenTheNextModelsAnswer() throws {
        let stage = try Stage(settings: Self.often.merging(["FIRST_TOKEN_TIMEOUT_SECONDS": "3"]) { $1 })
        try stage.script([(.first, [Answer.failure("stall-before")]), (.second, [Answer.words(["Hello"])])])
        let stream = try open(stage, "/api/chat")
        #expect(try stream.readHead().status == 200)
        let line = try JSON.object(try #require(try stream.readLine()))
        let message = line["message"] as? JSONObject
        #expect(message?["content"] as? String == "")
        #expect(message?["role"] as? String == "assistant")
        #expect(line["done"] as? Bool == false)
        let rest = try String(decoding: stream.readToEnd(), as: UTF8.self).split(separator: "\n")
        let lines = try rest.map { try JSON.object(String($0)) }
        #expect(lines.compactMap { ($0["message"] as? JSONObject)?["content"] as? String }.joined() == "Hello")
        #expect(lines.last?["done"] as? Bool == true)
        #expect(lines.last?["remote_model"] as? String == ListedModel.second.id)
        #expect(lines.allSatisfy { $0["error"] == nil })
        stream.close()
        try stage.waitUntilIdle()
    }

    /// To a client, each is a chunk like all others.
    @Test(arguments: ["/api/chat", "/api/generate"])
    func theWholeStreamIsAsClientsNeedIt(path: String) throws {
        let stage = try Stage(settings: Self.often)
        try stage.scriptAll(Answer.words(["Hello"], ["first_delay_ms": 1500]))
        let reply = ChatReply(try open(stage, path).readResponse())
        ClientNeeds.expectStream(reply)
        let words = reply.lines.map {
            $0["response"] as? String ?? ($0["message"] as? JSONObject)?["content"] as? String
        }
        #expect(words.first == "")
        #expect(words.compactMap { $0 }.joined() == "Hello")
        #expect(Set(reply.lines.map { $0["model"] as? String }) == [ListedModel.first.id])
    }

    @Test func clientsOfOpenAIGetAComment() throws {
        let stage = try Stage(settings: Self.often)
        try stage.scriptAll(Answer.words(["Hello"], ["first_delay_ms": 1500]))
        let stream = try open(stage, "/v1/chat/completions")
        #expect(try stream.readHead().headers["Content-Type"]?.hasPrefix("text/event-stream") == true)
        #expect(try stream.readLine()?.hasPrefix(":") == true)
        #expect(try stream.readLine() == "")
        let rest = String(decoding: try stream.readToEnd(), as: UTF8.self)
        #expect(rest.contains("Hello"))
        #expect(rest.hasSuffix("data: [DONE]\n\n"))
    }

    /// The status is gone by then.
    @Test(arguments: ["/api/chat", "/api/generate", "/v1/chat/completions"])
    func errorsBehindOneAreLines(path: String) throws {
        let stage = try Stage(
            settings: Self.often.merging(["FIRST_TOKEN_TIMEOUT_SECONDS": "2", "MAX_ATTEMPTS": "1"]) { $1 })
        try stage.scriptAll(Answer.failure("stall-before"))
        let stream = try open(stage, path)
        let response = try stream.readResponse()
        stream.close()
        #expect(response.status == 200)
        #expect(response.ending == .complete)
        let last = try #require(response.lines.last)
        if path.hasPrefix("/v1") {
            #expect(last.hasPrefix("data: "))
            #expect(try JSON.object(String(last.dropFirst(6)))["error"] is JSONObject)
            #expect(!response.text.contains("[DONE]"))
        } else {
            #expect(try JSON.object(last)["error"] is String)
            #expect(!response.text.contains("\"done\":true"))
        }
        try stage.waitUntilIdle()
    }

    @Test func aReplyThatIsNoStreamHasNone() throws {
        let stage = try Stage(settings: Self.often)
        try stage.scriptAll(Answer.words(["Hello"], ["first_delay_ms": 1500]))
        let reply = ChatReply(try open(stage, "/api/chat", ["stream": false]).readResponse())
        #expect(reply.lines.count == 1)
        #expect(reply.content == "Hello")
        #expect(reply.answeredBy == ListedModel.first.id)
    }

    @Test func theyCanBeTurnedOff() throws {
        let stage = try Stage(settings: ["HEARTBEAT_SECONDS": "0"])
        try stage.scriptAll(Answer.words(["Hello"], ["first_delay_ms": 1500]))
        let reply = ChatReply(try open(stage, "/api/chat").readResponse())
        #expect(reply.messages.map { $0["content"] as? String } == ["Hello", ""])
    }

    @Test func aClientThatLeavesAfterOneIsNoticed() throws {
        let stage = try Stage(settings: Self.often)
        try stage.scriptAll(Answer.failure("stall-before"))
        let stream = try open(stage, "/api/chat")
        #expect(try stream.readLine() != nil)
        stream.close()
        try stage.upstream.wait(for: "peer_left", equals: 1)
        try stage.waitUntilIdle()
    }
}
