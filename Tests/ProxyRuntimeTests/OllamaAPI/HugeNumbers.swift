import TestSupport
import Testing

/// Numbers beyond reason are refused where they would be used, by the field's name.
@Suite(.timeLimit(.minutes(10)))
struct HugeNumbers {
    private static let settings = ["EMBEDDING_MODEL": "oak/vectors:free"]

    private func expectRefused(_ stage: Stage, _ path: String, _ body: String, naming field: String) throws {
        let reply = ChatReply(try stage.client.post(path, json: body))
        #expect(reply.status == 400, "\(body.prefix(100))")
        #expect(reply.error?.contains(field) == true, "\(body.prefix(100))")
    }

    @Test(arguments: [
        "seed", "top_k", "num_predict", "temperature", "top_p", "min_p", "repeat_penalty", "presence_penalty",
        "frequency_penalty",
    ])
    func options(name: String) throws {
        let stage = try Stage()
        for number in ["1e999", "-1e999", "1" + String(repeating: "0", count: 400)] {
            let body = "{\"model\":\"m\",\"prompt\":\"hi\",\"options\":{\"\(name)\":\(number)}}"
            try expectRefused(stage, "/api/generate", body, naming: name)
        }
        #expect(try stage.upstream.requests().isEmpty)
        try stage.waitUntilIdle()
    }

    @Test(arguments: ["1e999", "99999999999999999999", "1.5", "-1e999"])
    func dimensions(number: String) throws {
        let stage = try Stage(settings: Self.settings)
        let body = "{\"model\":\"m\",\"input\":\"hi\",\"dimensions\":\(number)}"
        try expectRefused(stage, "/api/embed", body, naming: "dimensions")
        #expect(try stage.upstream.requests().isEmpty)
    }

    /// Ollama has "for ever" for a time that is too long, and nobody reads a field that nobody knows.
    @Test(arguments: ["keep_alive", "unknown"]) func someAreHarmless(name: String) throws {
        let stage = try Stage()
        let body = "{\"model\":\"alpha-70b\",\"\(name)\":\(String(repeating: "9", count: 10_000))}"
        #expect(try stage.client.post("/api/generate", json: body).status == 200)
        try stage.waitUntilIdle()
    }
}
