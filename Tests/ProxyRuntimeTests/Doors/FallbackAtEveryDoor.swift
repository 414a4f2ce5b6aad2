import TestSupport
import Testing

/// Whatever fails before the first word leads to the next model, at each door that forwards.
@Suite(.timeLimit(.minutes(10)))
struct FallbackAtEveryDoor {
    struct Trouble: CustomTestStringConvertible, @unchecked Sendable {
        let testDescription: String
        let answer: JSONObject

        init(_ name: String, _ answer: JSONObject) { (testDescription, self.answer) = (name, answer) }
        init(failure: String) { self.init(failure, Answer.failure(failure)) }
    }

    /// Never changed once they are made.
    static let troubles =
        [
            "404", "429-provider", "500", "503", "html-502", "error-in-200", "empty", "whitespace-only",
            "comments-only", "garbage",
        ]
        .map(Trouble.init(failure:)) + [
            Trouble("cut before the first word", Answer.words(["never"], ["cut_after_events": 0])),
            Trouble("reset before the first word", Answer.words(["never"], ["reset_after_events": 0])),
            Trouble("no words", Answer.words([])),
            Trouble("empty words", Answer.words(["", ""])),
            Trouble(
                "error instead of words", Answer.words([], ["error_event": ["error": ["code": 502, "message": "ill"]]])),
        ]

    @Test(arguments: ForwardingDoor.allCases, troubles)
    func streamed(door: ForwardingDoor, trouble: Trouble) throws {
        let stage = try Stage()
        try stage.script(door, [(.first, [trouble.answer]), (.second, [Answer.words(["from ", "the second"])])])
        let reply = try stage.send(door)
        reply.expectAnswer(["from ", "the second"], by: .second, at: door)
        #expect(reply.attempts == "2")
        #expect(try stage.modelsAsked(door) == [ListedModel.first.id, ListedModel.second.id])
        // What the first one had begun to say is forgotten.
        #expect(!reply.response.text.contains(ListedModel.first.id))
    }

    /// A reply that is not streamed may fail until its last byte.
    @Test(
        arguments: ForwardingDoor.allCases,
        ["404", "503", "error-in-200", "empty", "whitespace-only", "garbage", "midstream-cut", "midstream-error"])
    func whole(door: ForwardingDoor, failure: String) throws {
        let stage = try Stage()
        try stage.script(door, [(.first, [Answer.failure(failure)]), (.second, [Answer.words(["from the second"])])])
        let reply = try stage.send(door, stream: false)
        #expect(reply.status == 200)
        #expect(reply.response.text.contains("from the second"))
        #expect(reply.answeredBy == ListedModel.second.id)
        _ = try reply.response.jsonObject()
    }

    /// Silence counts from the first event on, even when the answer has formally begun.
    @Test(arguments: ForwardingDoor.allCases)
    func silenceAfterTheOpeningEvents(door: ForwardingDoor) throws {
        let stage = try Stage(settings: ["FIRST_TOKEN_TIMEOUT_SECONDS": "1"])
        try stage.script(
            door, [(.first, [Answer.words(["never"], ["stall_after_events": 0])]), (.second, [Answer.words(["fine"])])])
        try stage.send(door).expectAnswer(["fine"], by: .second, at: door)
    }

    /// An error event in the API's own words, where an answer should be.
    @Test(arguments: [
        (ForwardingDoor.responses, "{\"type\":\"error\",\"code\":\"server_error\",\"message\":\"ill\",\"param\":null}"),
        (
            .responses,
            "{\"type\":\"response.failed\",\"response\":{\"status\":\"failed\",\"error\":{\"code\":\"server_error\",\"message\":\"ill\"},\"output\":[]}}"
        ),
        (.messages, "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}"),
    ])
    func errorEventsOfTheirOwn(door: ForwardingDoor, event: String) throws {
        let stage = try Stage()
        let answer = Answer.words([], ["error_event": try JSON.object(event)])
        try stage.script(door, [(.first, [answer]), (.second, [Answer.words(["fine"])])])
        try stage.send(door).expectAnswer(["fine"], by: .second, at: door)
    }

    @Test(arguments: ForwardingDoor.allCases, [true, false])
    func theLastFailureIsToldInTheApisOwnShape(door: ForwardingDoor, stream: Bool) throws {
        let stage = try Stage()
        try stage.script(door, ListedModel.three.map { ($0, [Answer.failure("503")]) })
        let reply = try stage.send(door, stream: stream)
        #expect(reply.status == 502)
        #expect(reply.response.headers["Content-Type"]?.hasPrefix("application/json") == true)
        #expect(door.isError(try reply.response.jsonObject()), "\(reply.response.text)")
        #expect(try stage.modelsAsked(door) == ListedModel.three.map(\.id))
    }

    /// A call to a tool is an answer as much as words are.
    @Test(arguments: ForwardingDoor.allCases)
    func aCallCommits(door: ForwardingDoor) throws {
        let stage = try Stage()
        let call: JSONObject = ["name": "look", "arguments": "{\"a\":1}", "fragments": 2]
        try stage.script(door, [(.first, [["kind": "stream", "tool_calls": [call], "cut_after_events": 2]])])
        let reply = try stage.send(door, ["tools": [door.ownTool]])
        #expect(reply.response.text.contains("look"))
        #expect(door.isError(try #require(reply.events.last)))
        #expect(try stage.modelsAsked(door) == [ListedModel.first.id])
    }

    /// Neither does the older API for prompts hand on what failed.
    @Test(arguments: [true, false])
    func prompts(stream: Bool) throws {
        let stage = try Stage()
        for failure in ["503", "empty", "error-in-200", "garbage"] {
            try stage.script([(.first, [Answer.failure(failure)]), (.second, [Answer.words(["fine"])])])
            let body: JSONObject = ["model": ListedModel.first.id, "prompt": "Hello", "stream": stream]
            let reply = DoorReply(try stage.client.post("/v1/completions", json: JSON.text(body)))
            #expect(reply.status == 200)
            #expect(reply.answeredBy == ListedModel.second.id)
            #expect(reply.response.text.contains("\"text\":\"fine\""))
            #expect(reply.response.text.contains("[DONE]") == stream)
        }
    }
}
