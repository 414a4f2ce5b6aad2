import TestSupport
import Testing

/// A chat without messages only wants the model loaded or unloaded: nothing is asked of the upstream.
@Suite(.timeLimit(.minutes(10)))
struct LoadAndUnload {
    @Test(arguments: [
        ("{\"model\":\"alpha-70b\"}", "load"), ("{\"model\":\"alpha-70b\",\"messages\":[]}", "load"),
        ("{\"model\":\"alpha-70b\",\"messages\":null,\"keep_alive\":\"5m\"}", "load"),
        ("{\"model\":\"alpha-70b\",\"messages\":[],\"keep_alive\":-1}", "load"),
        ("{\"model\":\"alpha-70b\",\"messages\":[],\"keep_alive\":10,\"stream\":false}", "load"),
        ("{\"model\":\"alpha-70b\",\"messages\":[],\"keep_alive\":0}", "unload"),
        ("{\"model\":\"alpha-70b\",\"messages\":[],\"keep_alive\":\"0\"}", "unload"),
        ("{\"model\":\"alpha-70b\",\"keep_alive\":\"0s\"}", "unload"),
    ])
    func noUpstreamCall(body: String, reason: String) throws {
        let stage = try Stage()
        let reply = ChatReply(try stage.client.post("/api/chat", json: body))
        #expect(reply.status == 200)
        #expect(reply.lines.count == 1)
        #expect(reply.last["model"] as? String == "alpha-70b")
        #expect(reply.isDone)
        #expect(reply.doneReason == reason)
        #expect(reply.last["created_at"] is String)
        #expect(reply.messages.first?["role"] as? String == "assistant")
        #expect(reply.content == "")
        #expect(try stage.upstream.requests().isEmpty)
    }
}
