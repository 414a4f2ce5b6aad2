import Foundation
import TestSupport
import Testing

/// Bodies that are small to write and costly to read. Each is served or refused, and the server goes on at once.
/// Deep nesting and wrong types at Ollama's own routes stand in `MalformedRequests`, numbers in `HugeNumbers`.
@Suite(.timeLimit(.minutes(10)))
struct HostileJSON {
    private static let settings = Stage.unlimited.merging(["EMBEDDING_MODEL": "oak/vectors:free"]) { $1 }
    /// In kB.
    private static let memoryLimit = AddressSanitizer.memoryFactor * (250 << 10)

    static let forwardingDoors = ["/v1/chat/completions", "/v1/responses", "/v1/messages"]
    static let doors = forwardingDoors + ["/api/chat", "/api/generate", "/v1/completions"]

    /// Fields that make a body which every door serves; what is hostile comes behind them.
    private static let served =
        "\"model\":\"\(ListedModel.first.id)\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}],"
        + "\"prompt\":\"Hello\",\"input\":\"Hello\",\"max_tokens\":100,\"stream\":false"

    /// Sends a body, and has another request served before its answer is read.
    private func send(_ stage: Stage, _ path: String, _ body: String) throws -> HTTPResponse {
        let client = try HTTPClient(port: stage.proxy.port, timeout: 60).open("POST", path, body: body)
        #expect(try HTTPClient(port: stage.proxy.port, timeout: 60).request("GET", "/api/version").status == 200)
        return try client.readResponse()
    }

    private func expectWell(_ stage: Stage) throws {
        try stage.waitUntilIdle()
        #expect(stage.proxy.process.peakResidentKilobytes ?? 0 < Self.memoryLimit)
        #expect(try stage.chat().isDone)
    }

    @Test(arguments: forwardingDoors + ["/v1/completions", "/v1/embeddings", "/v1/messages/count_tokens"])
    func deepNestingIsRefusedAtTheDoors(path: String) throws {
        let stage = try Stage(settings: Self.settings)
        for (level, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
            let opening = String(repeating: level, count: 100_000)
            for value in [opening, opening + "1" + String(repeating: close, count: 100_000)] {
                for field in ["x", "messages", "input", "tools", "metadata"] {
                    let response = try send(stage, path, "{\(Self.served),\"\(field)\":\(value)}")
                    #expect(response.status == 400, "\(field) \(level)")
                    #expect(response.body.count < 1000)
                }
            }
        }
        #expect(try stage.upstream.requests().isEmpty)
        try expectWell(stage)
    }

    @Test(arguments: doors)
    func theSameKeyByTheThousand(path: String) throws {
        let stage = try Stage(settings: Self.settings)
        for field in [
            "\"model\":\"cheap/other\",", "\"user\":\"x\",", "\"options\":{\"seed\":1},", "\"tools\":[],",
            "\"provider\":{},", "\"stream\":true,",
        ] {
            let body = "{" + String(repeating: field, count: 5_000) + Self.served + "}"
            #expect(try send(stage, path, body).status == 200, "\(field)")
        }
        // The last one counts, for us as for the upstream.
        #expect(try stage.upstream.requests().allSatisfy { $0.model == ListedModel.first.id })
        try expectWell(stage)
    }

    /// Ollama drops what it does not know; of what is forwarded, the first is refused.
    @Test(arguments: doors)
    func manyDifferentKeys(path: String) throws {
        let stage = try Stage(settings: Self.settings)
        let fields = (0..<20_000).map { "\"key\($0)\":\($0)," }.joined()
        let response = try send(stage, path, "{\(fields)\(Self.served)}")
        #expect(response.status == (Self.forwardingDoors.contains(path) ? 400 : 200))
        if response.status == 400 { #expect(response.text.contains("key0: ")) }
        try expectWell(stage)
    }

    @Test(arguments: doors)
    func endlessNamesOfModels(path: String) throws {
        let stage = try Stage(settings: Self.settings)
        for name in [String(repeating: "m", count: 1 << 20), String(repeating: "a/", count: 100_000)] {
            let response = try send(stage, path, "{\(Self.served),\"model\":\"\(name)\"}")
            #expect(response.status == 400)
            #expect(response.body.count < 1000)
        }
        let shown = try send(stage, "/api/show", "{\"model\":\"\(String(repeating: "m", count: 1 << 20))\"}")
        #expect(shown.status == 400)
        #expect(shown.body.count < 1000)
        #expect(try stage.upstream.requests().isEmpty)
        try expectWell(stage)
    }

    /// Ollama's messages are translated one by one, and have a limit; what is forwarded is only looked into.
    @Test(arguments: [("/api/chat", 400), ("/v1/chat/completions", 200), ("/v1/messages", 200)])
    func manySmallMessages(path: String, status: Int) throws {
        let stage = try Stage(settings: Self.settings)
        for (count, status) in [(100_000, 413), (60_000, status), (40_000, 200)] {
            let messages = Array(repeating: "{\"role\":\"user\",\"content\":\"x\"}", count: count).joined(
                separator: ",")
            let response = try send(stage, path, "{\(Self.served),\"messages\":[\(messages)]}")
            #expect(response.status == status, "\(response.text.prefix(200))")
            if status == 200 { #expect(try stage.upstream.requests().last?.bodyLength ?? 0 > messages.utf8.count) }
        }
        try expectWell(stage)
    }

    @Test(arguments: doors)
    func hugeTexts(path: String) throws {
        let stage = try Stage(settings: Self.settings)
        for piece in ["x", "\\u0000", "\u{1F600}"] {
            let text = String(repeating: piece, count: (1 << 20) / piece.utf8.count)
            let body =
                "{\(Self.served),\"messages\":[{\"role\":\"user\",\"content\":\"\(text)\"}],\"prompt\":\"\(piece)\"}"
            #expect(try send(stage, path, body).status == 200, "\(piece)")
        }
        try expectWell(stage)
    }

    @Test(arguments: doors)
    func longNumbersAndLists(path: String) throws {
        let stage = try Stage(settings: Self.settings)
        let zeros = String(repeating: "0", count: 20_000)
        let list = "[" + String(repeating: "\"\",", count: 20_000) + "\"\"]"
        for value in ["1\(zeros)", "0.\(zeros)1", "-1e\(zeros)9", list] {
            for field in ["x", "seed", "temperature", "max_tokens", "stop", "images", "tools", "options"] {
                let response = try send(stage, path, "{\(Self.served),\"\(field)\":\(value)}")
                // An answer of no tokens is an empty one.
                #expect([200, 400, 502].contains(response.status), "\(field) \(value.prefix(20))")
                #expect(response.body.count < 10_000)
            }
        }
        try expectWell(stage)
    }
}
