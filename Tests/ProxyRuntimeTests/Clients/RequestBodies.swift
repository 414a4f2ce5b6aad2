import Foundation
import TestSupport
import Testing

/// Bodies of every size and in every form that clients send.
@Suite(.timeLimit(.minutes(10)))
struct RequestBodies {
    private static let limit = 32 << 20

    /// Many clients only look for an answer once they have sent everything.
    @Test(arguments: ["/api/chat", "/v1/chat/completions"])
    func tooLargeIsAnsweredAfterTheLastByte(path: String) throws {
        let stage = try Stage()
        let body = [UInt8](repeating: 0x20, count: Self.limit + 1)
        let response = try stage.client.request("POST", path, body: body)
        #expect(response.status == 413)
        let error = try response.jsonObject()["error"]
        let message = error as? String ?? (error as? JSONObject)?["message"] as? String
        #expect(message?.contains("32 MB") == true)
        #expect(try stage.upstream.chatRequests().isEmpty)
        try stage.waitUntilIdle()
    }

    /// The limit itself is allowed, and every byte arrives.
    @Test func pictureOfManyMegabytesIsForwarded() throws {
        let stage = try Stage()
        let start = Stage.chatBody()
        let body = Array(start.dropLast().utf8) + Array(",\"user\":\"".utf8)
        let filled = body + [UInt8](repeating: 0x41, count: Self.limit - body.count - 2) + Array("\"}".utf8)
        #expect(filled.count == Self.limit)
        let response = try stage.client.request("POST", "/v1/chat/completions", body: filled)
        #expect(response.status == 200)
        #expect(try stage.onlyRequest().bodyLength == Self.limit)
    }

    @Test(arguments: [
        "", "{", "[]", "null", "\"text\"", "{\"model\":\"alpha\"", "{\"model\":\"alpha\",}", "not json", "{} {}",
        "{\"model\":5,\"messages\":[]}", "{\"model\":\"alpha\",\"messages\":5}",
        "{\"model\":\"alpha\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"stream\":\"yes\"}",
        "{\"model\":\"alpha\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"options\":{\"temperature\":\"hot\"}}",
        "{\"model\":\"alpha\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"format\":\"xml\"}",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
        "{\"model\":\"\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
    ])
    func invalidBodiesAreRefused(body: String) throws {
        let stage = try Stage()
        let response = try stage.client.post("/api/chat", json: body)
        #expect(response.status == 400)
        #expect(try response.jsonObject()["error"] is String)
        #expect(try stage.upstream.chatRequests().isEmpty)
    }

    @Test(arguments: [
        "", "{", "[]", "{\"messages\":[]}", "{\"model\":\"alpha\"}", "{\"model\":\"alpha\",\"messages\":{}}",
    ])
    func invalidOpenAIBodiesAreRefused(body: String) throws {
        let stage = try Stage()
        let response = try stage.client.post("/v1/chat/completions", json: body)
        #expect(response.status == 400)
        let error = try #require(try response.jsonObject()["error"] as? JSONObject)
        #expect(error["type"] as? String == "invalid_request_error")
        #expect(try stage.upstream.chatRequests().isEmpty)
    }

    @Test func aMissingModelIsNamed() throws {
        let stage = try Stage()
        for path in ["/api/chat", "/api/show"] {
            #expect(try stage.client.post(path, json: "{}").jsonObject()["error"] as? String == "model is required")
        }
    }

    /// Some clients do not know the length beforehand.
    @Test(arguments: [1, 7, 100_000])
    func chunkedUploads(chunkLength: Int) throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["fine"]))
        let body = Array(Stage.chatBody(text: String(repeating: "grüße ", count: 20)).utf8)
        let client = try stage.client.connect()
        try client.send(raw: "POST /api/chat HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        for start in stride(from: 0, to: body.count, by: chunkLength) {
            let chunk = body[start..<min(start + chunkLength, body.count)]
            try client.send(raw: Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + [0x0D, 0x0A])
        }
        try client.send(raw: "0\r\n\r\n")
        #expect(ChatReply(try client.readResponse()).content == "fine")
        let messages = try stage.onlyRequest().json["messages"] as? [JSONObject]
        #expect(messages?.first?["content"] as? String == String(repeating: "grüße ", count: 20))
    }

    /// A client may wait for permission before it sends a large body.
    @Test func permissionToSendIsGiven() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["fine"]))
        let body = Stage.chatBody()
        let client = try stage.client.connect()
        try client.send(
            raw:
                "POST /api/chat HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        )
        try client.send(raw: body)
        #expect(ChatReply(try client.readResponse()).content == "fine")
    }

    /// Ollama does not look at the media type, and neither do its clients.
    @Test func theContentTypeDoesNotMatter() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["fine"]))
        for type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
            let response = try stage.client.request(
                "POST", "/api/chat", headers: [("Content-Type", type)], body: Stage.chatBody())
            #expect(ChatReply(response).content == "fine", "\(type)")
        }
    }

    /// Go, and with it Ollama, reads bytes that are no UTF-8 as replacement characters; so must we, for JSON upstream
    /// may hold no others.
    @Test func invalidUTF8IsRepaired() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["fine"]))
        let parts = Stage.chatBody(text: "before@after").split(separator: "@").map { Array($0.utf8) }
        let response = try stage.client.request("POST", "/api/chat", body: parts[0] + [0xFF] + parts[1])
        #expect(ChatReply(response).content == "fine")
        let messages = try stage.onlyRequest().json["messages"] as? [JSONObject]
        #expect(messages?.first?["content"] as? String == "before\u{FFFD}after")
    }

    /// Half a surrogate pair is valid JSON text, and nothing that a proxy may stumble over.
    @Test func loneSurrogatesAreForwardedAsTheyAre() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.words(["fine"]))
        let body = Stage.chatBody(text: "HALF").replacingOccurrences(of: "HALF", with: "\\ud83d half")
        #expect(ChatReply(try stage.client.post("/api/chat", json: body)).content == "fine")
        #expect(try stage.onlyRequest().body.contains("\\ud83d half"))
    }
}
