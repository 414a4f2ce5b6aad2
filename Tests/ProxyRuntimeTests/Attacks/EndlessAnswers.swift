import TestSupport
import Testing

/// Answers that never end, as fast as they are taken. Each is given up at a limit, and the next model answers.
@Suite(.timeLimit(.minutes(10)))
struct EndlessAnswers {
    /// Nothing that is held of an answer is larger than 64 MB; doubled, as buffers grow. In kB.
    private static let memoryLimit = AddressSanitizer.memoryFactor * (200 << 10)

    /// What the first model's answer is made of.
    struct Flood: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var status = 200
        var type = "text/event-stream"
        var beginning = ""
        let piece: String
    }

    private static let word =
        "data: {\"choices\":[{\"delta\":{\"content\":\"\(String(repeating: "x", count: 1000))\"}}]}\n\n"
    private static let begun = "data: {\"choices\":[{\"delta\":{\"content\":\""

    /// Given up by its size.
    static let large = [
        Flood(testDescription: "a line without a break", beginning: begun, piece: "x"),
        Flood(testDescription: "a line of another field", beginning: "id: ", piece: "x"),
        Flood(testDescription: "an event of many lines", piece: "data: \(String(repeating: "x", count: 200))\n"),
        Flood(testDescription: "a body without an end", type: "application/json", beginning: "{\"a\":\"", piece: "x"),
        Flood(testDescription: "a body of brackets", type: "application/json", piece: "["),
    ]

    /// Given up when it has said nothing for too long.
    static let empty = [
        Flood(testDescription: "blanks before a body", type: "application/json", piece: " \n"),
        Flood(testDescription: "comments", piece: ": x\n\n"), Flood(testDescription: "empty lines", piece: "\n"),
        Flood(testDescription: "the body of an error", status: 500, type: "text/html", piece: "<p>"),
        Flood(testDescription: "the JSON of an error", status: 429, type: "application/json", piece: "{\"error\":"),
        Flood(testDescription: "events that say nothing", piece: "data: {\"choices\":[{\"delta\":{}}]}\n\n"),
    ]

    private func upstream(_ flood: Flood) throws -> RawUpstream {
        try RawUpstream { call in
            guard call.model == ListedModel.first.id else { return call.sendWords("fine") }
            call.sendHead(flood.status, type: flood.type)
            call.send(flood.beginning)
            call.sendWithoutEnd(flood.piece)
        }
    }

    private func expectTheNextModel(_ upstream: RawUpstream, settings: [String: String] = [:]) throws {
        let proxy = try upstream.proxy(settings: settings)
        for stream in [true, false] {
            let response = try proxy.client.post("/api/chat", json: Stage.chatBody(stream: stream))
            #expect(ChatReply(response).content == "fine")
            _ = try proxy.client.request("DELETE", "/api/proxy/failures")
        }
        #expect(proxy.process.peakResidentKilobytes ?? 0 < Self.memoryLimit)
        try proxy.waitForHealth { $0.transfers == 0 && $0.exchanges == 0 }
    }

    @Test(arguments: large) func areGivenUpAtALimit(flood: Flood) throws {
        try expectTheNextModel(try upstream(flood))
    }

    @Test(arguments: empty) func areGivenUpInTime(flood: Flood) throws {
        try expectTheNextModel(try upstream(flood), settings: ["FIRST_TOKEN_TIMEOUT_SECONDS": "1"])
    }

    /// Who streams takes what comes and may leave; who waits for the whole would wait for ever.
    @Test func wordsWithoutEndAreNoWholeAnswer() throws {
        let upstream = try RawUpstream { call in
            call.sendHead()
            call.sendWithoutEnd(Self.word)
        }
        let proxy = try upstream.proxy(settings: ["MAX_ATTEMPTS": "2"])
        for path in ["/api/chat", "/api/generate"] {
            let body = Stage.chatBody(stream: false, ["prompt": "Hello"])
            let response = try HTTPClient(port: proxy.port, timeout: 60).post(path, json: body)
            #expect(response.status == 502)
            #expect(response.errorText?.contains("MB without an end") == true)
            _ = try proxy.client.request("DELETE", "/api/proxy/failures")
        }
        #expect(proxy.process.peakResidentKilobytes ?? 0 < Self.memoryLimit)
    }

    /// The list from before goes on to serve, and so does everything else.
    @Test func aListWithoutEndIsDropped() throws {
        let folder = try TemporaryFolder()
        #expect(try Stage(dataFolder: folder.url).proxy.terminate() == .exited(0))
        let upstream = try RawUpstream(answersAll: true) { call in
            guard call.model.isEmpty else { return call.sendWords("fine") }
            call.sendHead(type: "application/json")
            call.send("{\"data\":[")
            call.sendWithoutEnd("{\"id\":\"a/b:free\",\"pricing\":{\"prompt\":\"0\",\"completion\":\"0\"}},")
        }
        let proxy = try ProxyProcess(upstream: upstream.baseURL, dataFolder: folder.url)
        try proxy.waitForLog(event: "models_ready", containing: "source=cache")
        try proxy.waitForLog(event: "models_refresh_failed", containing: "more than 32768 kB")
        try proxy.waitForHealth { $0.transfers == 0 }
        #expect(ChatReply(try proxy.client.post("/api/chat", json: Stage.chatBody())).content == "fine")
        #expect(try proxy.health().models == 3)
        #expect(proxy.process.peakResidentKilobytes ?? 0 < Self.memoryLimit)
        #expect(proxy.terminate() == .exited(0))
    }
}
