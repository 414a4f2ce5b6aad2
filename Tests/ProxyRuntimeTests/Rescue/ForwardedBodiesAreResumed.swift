import Foundation
import TestSupport
import Testing

/// `CONTINUE_STREAMS` at the OpenAI door: the client's own body goes up again, with the partial answer put in.
@Suite(.timeLimit(.minutes(10)))
struct ForwardedBodiesAreResumed {
    private static let settings = ["CONTINUE_STREAMS": "true"]

    /// The same bytes as before, but for the model and one more message.
    @Test(arguments: [
        (
            #" {"stream":true, "messages" : [{"role":"user","content":"Hi"} ] ,"model":"alpha-70b","metadata":[1.50]} "#,
            #"{"role":"user","content":"Hi"}"#
        ),
        (#"{"model":"alpha-70b","stream":true,"messages":[ ]}"#, ""),
        (#"{"model":"alpha-70b","stream":true,"messages":[]}"#, ""),
    ])
    func onlyTheAnswerIsAdded(body: String, messages: String) throws {
        let stage = try Stage(settings: Self.settings)
        try stage.script([
            (.first, [Answer.words(["one ", "two ", "lost"], ["cut_after_events": 2])]),
            (.second, [Answer.words(["three"])]),
        ])
        let reply = OpenAIReply(try stage.client.post("/v1/chat/completions", json: body))
        #expect(reply.content == "one two three")
        let requests = try stage.upstream.chatRequests()
        #expect(requests.count == 2)
        var second = requests[1].json
        var sent = try #require(second["messages"] as? [JSONObject], "\(requests[1].body)")
        #expect(JSON.text(sent.removeLast()) == JSON.text(["role": "assistant", "content": "one two "]))
        second["messages"] = sent
        second["model"] = ListedModel.first.id
        #expect(JSON.text(second) == JSON.text(requests[0].json))
    }

    /// Of several answers at once none can be told which part is its own.
    @Test func severalAnswersAtOnceAreNotTakenUp() throws {
        let folder = try TemporaryFolder()
        let words = [(0, "one "), (1, "eins "), (0, "two "), (1, "zwei ")]
        let events = words.map { index, text in
            "data: {\"id\":\"gen-1\",\"choices\":[{\"index\":\(index),\"delta\":{\"content\":\"\(text)\"}}]}\n\n"
        }
        let file = try folder.write(events.joined(), to: "two.sse")
        let stage = try Stage(settings: Self.settings)
        try stage.script([(.first, [Answer.file(file.path)]), (.second, [Answer.words(["three"])])])
        let reply = try stage.openAIChat(stream: true, ["n": 2])
        #expect(reply.error != nil)
        #expect(reply.doneCount == 0)
        #expect(try stage.modelsAsked() == [ListedModel.first.id])
    }

    /// Neither field that asks for a form of answer goes with half of one.
    @Test func aFormattedAnswerIsNotTakenUp() throws {
        let stage = try Stage(settings: Self.settings)
        try stage.script([
            (.first, [Answer.words(["{\"a\":", "1", "}"], ["cut_after_events": 2])]),
            (.second, [Answer.words(["never"])]),
        ])
        let reply = try stage.openAIChat(stream: true, ["response_format": ["type": "json_object"]])
        #expect(reply.error != nil)
        #expect(reply.doneCount == 0)
        #expect(try stage.modelsAsked() == [ListedModel.first.id])
    }
}
