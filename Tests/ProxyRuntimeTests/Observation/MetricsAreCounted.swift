import Foundation
import TestSupport
import Testing

/// What `/metrics` counts is what happened, to the unit.
@Suite(.timeLimit(.minutes(10)))
struct MetricsAreCounted {
    /// The samples by their names and labels.
    private func samples(_ stage: Stage) throws -> [String: Double] {
        let response = try stage.client.request("GET", "/metrics")
        #expect(response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
        var samples: [String: Double] = [:]
        for line in response.lines where !line.hasPrefix("#") {
            let space = try #require(line.lastIndex(of: " "))
            let name = String(line[..<space])
            #expect(samples[name] == nil, "\(name) is there twice")
            let value: Double = try #require(Double(line[line.index(after: space)...]), "\(line)")
            samples[name] = value
        }
        return samples
    }

    @Test func aScriptedRun() throws {
        let stage = try Stage(settings: ["FAILURE_COOLDOWN_MINUTES": "0"])
        let usage = ["usage": ["prompt_tokens": 7, "completion_tokens": 8]]
        try stage.script([
            (.first, [Answer.failure("503")]), (.second, [Answer.words(["one ", "two"], usage)]),
            (.third, [Answer.words(["one ", "two"], ["cut_after_events": 1])]),
        ])
        // Three that fall back, two at once, one that breaks, one that leaves and one that asks for nothing.
        for _ in 0..<3 { #expect(try stage.chat(stream: true).isDone) }
        for _ in 0..<2 { #expect(try stage.chat(ListedModel.second.id, stream: false).isDone) }
        #expect(try stage.chat(ListedModel.third.id).error != nil)
        try stage.script([(.second, [Answer.stallsAfterThreeWords])])
        let leaving = try stage.openChat(ListedModel.second.id)
        _ = try leaving.readChunk()
        leaving.close()
        #expect(try stage.client.post("/api/chat", json: "{").status == 400)
        #expect(try stage.client.request("GET", "/nowhere").status == 404)
        try stage.waitUntilIdle()

        let samples = try samples(stage)
        let (first, second, third) = (ListedModel.first.id, ListedModel.second.id, ListedModel.third.id)
        let expected: [String: Double] = [
            #"ollama_proxy_requests_total{route="/api/chat",status="400"}"#: 1,
            #"ollama_proxy_requests_total{route="other",status="404"}"#: 1,
            #"ollama_proxy_exchanges_total{outcome="answered"}"#: 5,
            #"ollama_proxy_exchanges_total{outcome="failed"}"#: 1,
            #"ollama_proxy_exchanges_total{outcome="client_left"}"#: 1,
            #"ollama_proxy_exchanges_total{outcome="shut_down"}"#: 0,
            #"ollama_proxy_attempts_total{model="\#(first)",outcome="unavailable"}"#: 3,
            #"ollama_proxy_attempts_total{model="\#(second)",outcome="answered"}"#: 5,
            #"ollama_proxy_attempts_total{model="\#(second)",outcome="given_up"}"#: 1,
            #"ollama_proxy_attempts_total{model="\#(third)",outcome="broken"}"#: 1,
            "ollama_proxy_fallbacks_total": 3,
            #"ollama_proxy_tokens_total{direction="prompt"}"#: 35,
            #"ollama_proxy_tokens_total{direction="completion"}"#: 40,
            "ollama_proxy_time_to_first_token_seconds_count": 7,
            "ollama_proxy_exchange_duration_seconds_count": 7,
            "ollama_proxy_exchanges_open": 0, "ollama_proxy_queue_length": 0, "ollama_proxy_models": 3,
            #"ollama_proxy_budget_remaining{window="minute"}"#: 10,
        ]
        for (name, value) in expected { #expect(samples[name] == value, "\(name)") }
        // One that left was counted as it was known: 200 when its head had been sent.
        #expect(
            [200, 499].compactMap { samples[#"ollama_proxy_requests_total{route="/api/chat",status="\#($0)"}"#] }
                .reduce(0, +) == 7)
        #expect(try #require(samples["ollama_proxy_upstream_received_bytes_total"]) > 1000)
        #expect(try #require(samples["ollama_proxy_client_sent_bytes_total"]) > 1000)
        let connections = ["true", "false"].compactMap {
            samples[#"ollama_proxy_upstream_connections_total{reused="\#($0)"}"#]
        }
        // Ten attempts, the models list and the account.
        #expect(connections.reduce(0, +) == 12)
        #expect(try #require(samples["process_resident_memory_bytes"]) > 1_000_000)
        #expect(try #require(samples["process_open_fds"]) > 5)
    }

    @Test func whatIsUnderWayShows() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.stallsAfterThreeWords)
        let streams = try (0..<3).map { _ in try stage.openChat() }
        for stream in streams { _ = try stream.readChunk() }
        #expect(try samples(stage)["ollama_proxy_exchanges_open"] == 3)
        for stream in streams { stream.close() }
        try stage.waitUntilIdle()
        #expect(try samples(stage)["ollama_proxy_exchanges_open"] == 0)
    }
}
