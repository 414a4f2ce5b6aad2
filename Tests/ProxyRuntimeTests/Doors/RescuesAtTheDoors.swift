import Foundation
import TestSupport
import Testing

/// What is done for answers that break or are slow to come, at the doors whose events have names.
@Suite(.timeLimit(.minutes(10)))
struct RescuesAtTheDoors {
    /// Only chats are resumed: of the others no attempt could continue where the events broke off.
    @Test(arguments: ForwardingDoor.named)
    func brokenAnswersAreNotTakenUp(door: ForwardingDoor) throws {
        let stage = try Stage(settings: ["CONTINUE_STREAMS": "true"])
        let broken = Answer.words(["one ", "two "], ["cut_after_events": 1, "delay_ms": 20])
        try stage.script(door, [(.first, [broken]), (.second, [Answer.words(["more"])])])
        let reply = try stage.send(door)
        #expect(reply.words == ["one "])
        #expect(door.isError(try #require(reply.events.last)))
        #expect(try stage.modelsAsked(door) == [ListedModel.first.id])
    }

    /// The older API for prompts is asked for as a chat, and so its answers can be.
    @Test func brokenPromptsAreTakenUp() throws {
        let stage = try Stage(settings: ["CONTINUE_STREAMS": "true"])
        let broken = Answer.words(["one ", "two "], ["cut_after_events": 1, "delay_ms": 20])
        try stage.script([(.first, [broken, Answer.words(["more"])]), (.second, [Answer.words(["more"])])])
        let body: JSONObject = ["model": ListedModel.first.id, "prompt": "Hello", "stream": true]
        let reply = DoorReply(try stage.client.post("/v1/completions", json: JSON.text(body)))
        let texts = reply.events.flatMap { $0.json["choices"] as? [JSONObject] ?? [] }.compactMap {
            $0["text"] as? String
        }
        #expect(texts.joined() == "one more")
        #expect(Set(reply.events.compactMap { $0.json["id"] as? String }).count == 1)
        #expect(reply.events.last?.data == "[DONE]")
    }

    /// A second model is asked while the first is silent, and its events are the only ones the client sees.
    @Test(arguments: ForwardingDoor.named)
    func theFirstToSpeakIsBelieved(door: ForwardingDoor) throws {
        let stage = try Stage(settings: ["HEDGE_AFTER_SECONDS": "1", "HEDGE_IN_FREE_MODE": "true"])
        let silent = Answer.words(["never"], ["stall_after_events": 0])
        try stage.script(door, [(.first, [silent]), (.second, [Answer.words(["fine"])])])
        let reply = try stage.send(door)
        reply.expectAnswer(["fine"], by: .second, at: door)
        #expect(!reply.response.text.contains(ListedModel.first.id))
        try stage.waitUntilIdle()
    }

    /// A model may decline to answer, and that is what it says.
    @Test(arguments: [
        (
            ForwardingDoor.responses,
            #"{"status":"completed","output":[{"type":"message","content":[{"type":"refusal","refusal":"I cannot."}]}]}"#
        ),
        (
            .responses,
            #"{"status":"completed","output":[{"type":"function_call","name":"look","arguments":"{}","call_id":"1"}]}"#
        ),
        (.messages, #"{"content":[{"type":"tool_use","id":"1","name":"look","input":{}}],"stop_reason":"tool_use"}"#),
        (.messages, #"{"content":[{"type":"thinking","thinking":"hm","signature":"x"}],"stop_reason":"max_tokens"}"#),
    ])
    func wholeAnswersWithoutText(door: ForwardingDoor, body: String) throws {
        let stage = try Stage()
        try stage.script(door, [(.first, [Answer.status(200, body: try JSON.object(body))])])
        let reply = try stage.send(door, stream: false)
        #expect(reply.answeredBy == ListedModel.first.id)
        #expect(JSON.text(try reply.response.jsonObject()) == JSON.text(try JSON.object(body)))
    }

    /// Half an answer of these is none.
    @Test(arguments: [
        (ForwardingDoor.responses, #"{"status":"completed","output":[]}"#),
        (.responses, #"{"status":"failed","output":[],"error":{"code":"server_error","message":"ill"}}"#),
        (.responses, #"{"id":"gen-1"}"#),
        (.messages, #"{"content":[],"stop_reason":"end_turn"}"#),
        (.messages, #"{"content":[{"type":"text","text":""}],"stop_reason":"end_turn"}"#),
        (.messages, #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#),
    ])
    func wholeAnswersThatAreNone(door: ForwardingDoor, body: String) throws {
        let stage = try Stage()
        let answer = Answer.status(200, body: try JSON.object(body))
        try stage.script(door, [(.first, [answer]), (.second, [Answer.words(["fine"])])])
        #expect(try stage.send(door, stream: false).answeredBy == ListedModel.second.id)
    }
}
