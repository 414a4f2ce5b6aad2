import Foundation
import TestSupport
import Testing

/// Once a word was passed on, a broken stream ends in an error line and never in a made-up end.
@Suite(.timeLimit(.minutes(10)))
struct UpstreamBreaksMidStream {
    static let kinds = ["cut_after_events", "reset_after_events", "error_after_events"]

    @Test(arguments: kinds)
    func ollamaClientsGetAnErrorLine(kind: String) throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["one ", "two ", "three"], [kind: 2]))
        let reply = try stage.chat()
        #expect(reply.status == 200)
        #expect(reply.response.ending == .complete)
        #expect(reply.content == "one two ")
        #expect(Set(reply.last.keys) == ["error"])
        #expect(reply.error?.isEmpty == false)
        #expect(!reply.lines.contains { $0["done"] as? Bool == true })
        #expect(reply.response.body.last == 0x0A)
        #expect(try stage.modelsAsked() == [ListedModel.first.id])
        try stage.waitUntilIdle()
    }

    @Test(arguments: kinds)
    func openAIClientsGetAnErrorEvent(kind: String) throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["one ", "two ", "three"], [kind: 2]))
        let response = try stage.client.post("/v1/chat/completions", json: Stage.chatBody(stream: true))
        #expect(response.status == 200)
        #expect(response.ending == .complete)
        let last = try #require(response.lines.last)
        #expect(last.hasPrefix("data: "))
        let error = try #require(try JSON.object(String(last.dropFirst(6)))["error"] as? JSONObject)
        #expect(error["message"] is String)
        #expect(!response.text.contains("[DONE]"))
        #expect(response.text.hasSuffix("\n\n"))
    }

    /// Some upstreams send usage and [DONE] even behind their error.
    @Test func whatFollowsAnErrorIsNotPassedOn() throws {
        let stage = try Stage()
        try stage.scriptAll(
            Answer.words(
                ["one "],
                ["error_after_events": 1, "usage": ["prompt_tokens": 1, "completion_tokens": 2], "done": true]))
        let reply = try stage.chat()
        #expect(reply.lines.count == 2)
        #expect(reply.error != nil)
        let response = try stage.client.post("/v1/chat/completions", json: Stage.chatBody("x", stream: true))
        #expect(!response.text.contains("[DONE]"))
    }

    /// Lines that are no data are none of an event stream's business, as its standard has it.
    @Test func garbageBetweenTheEventsIsPassedOver() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["one ", "two"], ["garbage_after_events": 1]))
        #expect(try stage.chat().content == "one two")
    }

    /// Data that is no JSON is.
    @Test(arguments: ["{\"choices\":[{\"delta\":", "<html>", "[]", "\u{0}"])
    func garbageInsideAnEventIsABreak(data: String) throws {
        let folder = try TemporaryFolder()
        let word = "data: {\"choices\":[{\"delta\":{\"content\":\"one\"}}]}\n\n"
        let file = try folder.write(word + "data: \(data)\n\n" + word + "data: [DONE]\n\n", to: "garbage.sse")
        let stage = try Stage()
        try stage.scriptAll(Answer.file(file.path))
        let reply = try stage.chat()
        #expect(reply.content == "one")
        #expect(reply.error != nil)
        #expect(!reply.isDone)
    }

    /// Gemini says so without an error object.
    @Test func aFinishReasonOfErrorIsAnError() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["one "], ["finish_reason": "error"]))
        let reply = try stage.chat()
        #expect(reply.content == "one ")
        #expect(reply.error != nil)
        #expect(!reply.isDone)
    }

    /// Neither a finish reason nor [DONE]: the connection's orderly end proves nothing.
    @Test func anEndWithoutFinishIsABreak() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["one "], ["finish_reason": NSNull(), "usage": false, "done": false]))
        let reply = try stage.chat()
        #expect(reply.content == "one ")
        #expect(reply.error != nil)
    }

    /// [DONE] or a finish reason, either is enough.
    @Test func eitherSignOfTheEndIsEnough() throws {
        for changes: JSONObject in [["finish_reason": NSNull()], ["done": false], ["usage": false]] {
            let stage = try Stage()
            try stage.scriptAll(Answer.words(["one"], changes))
            let reply = try stage.chat()
            #expect(reply.content == "one", "\(changes)")
            #expect(reply.isDone, "\(changes)")
        }
    }

    /// The broken model is in cooldown; the next request goes to another.
    @Test func theModelCoolsDown() throws {
        let stage = try Stage()
        try stage.script([
            (.first, [Answer.words(["one ", "two"], ["cut_after_events": 1])]), (.second, [Answer.words(["fine"])]),
        ])
        #expect(try stage.chat().error != nil)
        let reply = try stage.chat()
        #expect(reply.answeredBy == ListedModel.second.id)
        let line = try stage.proxy.waitForLog(event: "attempt_failed")
        #expect(line["committed"] == "true")
    }
}
