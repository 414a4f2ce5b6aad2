import TestSupport
import Testing

/// A connection is kept for the next request, and is closed by the upstream just as that request comes.
@Suite(.timeLimit(.minutes(10)))
struct KeptConnectionsAreDead {
    /// libcurl sends such a request again by itself, as often in the life of the server as it happens.
    @Test(arguments: [true, false])
    func nobodyNoticesHoweverOftenThatHappens(stream: Bool) throws {
        let upstream = try RawUpstream { call in
            let body = "data: {\"choices\":[{\"delta\":{\"content\":\"fine\"}}]}\n\ndata: [DONE]\n\n"
            call.send(
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            call.waitForMore()
        }
        let proxy = try upstream.proxy()
        let before = upstream.connectionCount
        for _ in 0..<12 {
            let reply = ChatReply(try proxy.client.post("/api/chat", json: Stage.chatBody(stream: stream)))
            #expect(reply.content == "fine")
            #expect(reply.response.headers["X-Proxy-Attempts"] == "1")
        }
        // Each but the first has found its connection dead.
        #expect(upstream.connectionCount == before + 12)
    }
}
