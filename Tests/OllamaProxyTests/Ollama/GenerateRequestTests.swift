import OllamaProxy
import Testing

struct GenerateRequestTests {
    @Test func isReadAsAChat() throws {
        try withBytes(#"{"model":"m","prompt":"p","system":"s","stream":false,"suffix":"x","images":["i"]}"#) { bytes in
            let request = try OllamaGenerateRequest(bytes)
            #expect(request.messages.map { $0.role?.string } == ["system", nil])
            #expect(request.messages.map { $0.content?.string } == ["s", "p"])
            #expect(request.messages[1].images.map(\.string) == ["i"])
            #expect(!request.generation.stream)
            #expect(request.suffix?.string == "x")
            #expect(!request.isLoadOrUnload)
        }
    }

    @Test(
        arguments: [
            (#"{"model":"m"}"#, true), (#"{"model":"m","prompt":""}"#, true), (#"{"model":"m","prompt":null}"#, true),
            (#"{"model":"m","system":"s"}"#, true), (#"{"model":"m","images":["i"]}"#, false),
            (#"{"model":"m","prompt":" "}"#, false),
        ])
    func withoutAPromptItLoads(json: String, loads: Bool) throws {
        let request = try withBytes(json) { bytes in try OllamaGenerateRequest(bytes).isLoadOrUnload }
        #expect(request == loads)
    }

    @Test func thinkingOfLevelsAndProbabilities() throws {
        try withBytes(#"{"name":"m","prompt":"p","think":"low","logprobs":true,"top_logprobs":3}"#) { bytes in
            let generation = try OllamaGenerateRequest(bytes).generation
            #expect(generation.model == "m")
            #expect(generation.think == .level("low"))
            #expect(generation.logprobs && generation.topLogprobs == 3)
        }
    }
}
