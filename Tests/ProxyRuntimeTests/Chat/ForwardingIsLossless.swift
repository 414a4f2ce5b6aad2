import Foundation
import TestSupport
import Testing

/// The OpenAI door changes nothing but the model's name on the way up, and drops nothing but comments on the way down.
@Suite(.timeLimit(.minutes(10)))
struct ForwardingIsLossless {
    /// A body that no serializer would write twice the same.
    private static func body(model: String, stream: String) -> String {
        """
         { "stream" :\(stream),"metadata":{"model":"inner","deep":[1.50,1e400,-0,12345678901234567890,null]},
        \t"messages":[{"role":"user","content":"\\u00e4\\/ \\ud83d ä 👋","name":"x","cache_control":{"type":"ephemeral"}}],
        "model": \(model) , "temperature":0.10, "temperature":0.2, "provider":{"zdr":true},"tools":[ ]}

        """
    }

    @Test(arguments: ["true", "false"])
    func theBodyIsTheClientsOwn(stream: String) throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["fine"]))
        let given = Self.body(model: "\"beta\\u002d30b:latest\"", stream: stream)
        let response = try stage.client.post("/v1/chat/completions", json: given)
        #expect(response.status == 200)
        #expect(try stage.onlyRequest().body == Self.body(model: "\"cedar/beta-30b:free\"", stream: stream))
    }

    @Test func theBodyIsTheSameForTheNextModel() throws {
        let stage = try Stage()
        try stage.script([(.first, [Answer.failure("503")]), (.second, [Answer.words(["fine"])])])
        _ = try stage.client.post("/v1/chat/completions", json: Self.body(model: "\"alpha-70b\"", stream: "true"))
        let bodies = try stage.upstream.chatRequests().map(\.body)
        #expect(
            bodies == [ListedModel.first, .second].map { Self.body(model: "\"\($0.id)\"", stream: "true") })
    }

    private static let events = [
        "data: {\"id\":\"gen-1\",\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}],\"extra\":1.50}",
        "data: { \"choices\" : [{\"delta\":{\"content\":\"\\u00e4\\ud83d\",\"annotations\":[1]},\"logprobs\":{}}]}",
        "data: {\"choices\":[{\"delta\":{\"reasoning\":\"hm\",\"reasoning_details\":[{\"signature\":\"x\"}]}}]}",
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"cost\":1e-7}}",
    ]

    @Test(arguments: [1, 10, 10_000])
    func theEventsAreTheUpstreamsOwn(pieceLength: Int) throws {
        let folder = try TemporaryFolder()
        let comment = ": OPENROUTER PROCESSING\n\n"
        let text = comment + Self.events.map { $0 + "\n\n" + comment }.joined() + "data: [DONE]\n\n" + comment
        let file = try folder.write(text, to: "events.sse")
        let stage = try Stage()
        try stage.scriptAll(Answer.file(file.path, ["split": pieceLength]))
        let response = try stage.client.post("/v1/chat/completions", json: Stage.chatBody(stream: true))
        #expect(response.headers["Content-Type"] == "text/event-stream")
        #expect(response.text == (Self.events + ["data: [DONE]"]).map { $0 + "\n\n" }.joined())
    }

    /// Exactly one, also where the upstream forgets it.
    @Test(arguments: [true, false])
    func oneDone(isSent: Bool) throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["fine"], ["done": isSent]))
        let text = try stage.client.post("/v1/chat/completions", json: Stage.chatBody(stream: true)).text
        #expect(text.components(separatedBy: "[DONE]").count == 2)
        #expect(text.hasSuffix("data: [DONE]\n\n"))
    }

    @Test func theWholeAnswerIsTheUpstreamsOwn() throws {
        let folder = try TemporaryFolder()
        let body = """
            {"id" : "gen-1","choices":[ {"message":{"role":"assistant","content":"\\u00e4 \\ud83d","x":[1.50]},
            "finish_reason":"stop","native_finish_reason":"STOP"}],"usage":{"cost":1e-7},"unknown":null}
            """
        let file = try folder.write("\n         \n\n         \n" + body + "\n", to: "whole.json")
        let stage = try Stage()
        try stage.scriptAll(Answer.file(file.path, ["split": 3]))
        let response = try stage.client.post("/v1/chat/completions", json: Stage.chatBody(stream: false))
        #expect(response.headers["Content-Type"]?.hasPrefix("application/json") == true)
        #expect(response.text == body)
    }

    /// The default of this API is the whole answer.
    @Test func streamsOnlyWhenAsked() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["fine"]))
        for stream in [nil, false] as [Bool?] {
            let response = try stage.client.post("/v1/chat/completions", json: Stage.chatBody(stream: stream))
            let choices = try response.jsonObject()["choices"] as? [JSONObject]
            #expect((choices?.first?["message"] as? JSONObject)?["content"] as? String == "fine")
        }
    }
}
