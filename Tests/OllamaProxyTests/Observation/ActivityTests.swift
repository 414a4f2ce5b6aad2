import Testing

@testable import OllamaProxy

struct ActivityTests {
    private func record(
        _ id: String = "id", _ outcome: ExchangeRecord.Outcome = .answered, attemptCount: Int = 1,
        firstToken seconds: Double? = nil, attempts: [AttemptRecord] = []
    ) -> RequestRecord {
        let report = ExchangeRecord(
            outcome: outcome, requestedName: "auto", model: "v/m:free", attemptCount: attemptCount, status: 200,
            waited: .zero,
            timeToFirstToken: seconds.map { .seconds($0) },
            usage: AnswerEvent.Usage(promptTokens: 3, completionTokens: 4), attempts: attempts)
        return RequestRecord(
            id: id, received: .at(0), route: .chat, report: report,
            duration: .seconds(2))
    }

    private func metrics(_ activity: Activity) -> [Substring] {
        let text = Metrics.text(
            version: "1", activity, Traffic(), Load(), nil, Ledgers(), now: .at(0)
        ).text
        return text.split(separator: "\n")
    }

    @Test func theNewestHundredAreKeptNewestFirst() {
        var recent = RecentRequests()
        for number in 1...250 { recent.record(record(String(number))) }
        #expect(recent.newestFirst.map(\.id) == (151...250).reversed().map(String.init))
    }

    @Test func whatIsCountedAddsUp() {
        let activity = Activity()
        activity.recordReply(route: .chat, status: 200)
        activity.recordReply(route: .chat, status: 200)
        activity.recordReply(route: nil, status: 404)
        activity.record(
            record(
                attemptCount: 2, firstToken: 0.3,
                attempts: [
                    AttemptRecord(model: "v/a:free", outcome: .failed(.rateLimited), events: 2),
                    AttemptRecord(model: "v/m:free", outcome: .answered, events: 5),
                ]))
        activity.record(
            record("other", .clientLeft, attempts: [AttemptRecord(model: "v/m:free", outcome: .givenUp, events: 1)]))
        let lines = metrics(activity)
        for line in [
            #"ollama_proxy_requests_total{route="/api/chat",status="200"} 2"#,
            #"ollama_proxy_requests_total{route="other",status="404"} 1"#,
            #"ollama_proxy_exchanges_total{outcome="answered"} 1"#,
            #"ollama_proxy_exchanges_total{outcome="failed"} 0"#,
            #"ollama_proxy_exchanges_total{outcome="client_left"} 1"#,
            #"ollama_proxy_attempts_total{model="v/a:free",outcome="rate_limited"} 1"#,
            #"ollama_proxy_attempts_total{model="v/m:free",outcome="answered"} 1"#,
            #"ollama_proxy_attempts_total{model="v/m:free",outcome="given_up"} 1"#,
            "ollama_proxy_fallbacks_total 1", "ollama_proxy_upstream_events_total 8",
            #"ollama_proxy_tokens_total{direction="prompt"} 6"#,
            #"ollama_proxy_tokens_total{direction="completion"} 8"#,
            #"ollama_proxy_time_to_first_token_seconds_bucket{le="0.25"} 0"#,
            #"ollama_proxy_time_to_first_token_seconds_bucket{le="0.5"} 1"#,
            #"ollama_proxy_time_to_first_token_seconds_bucket{le="+Inf"} 1"#,
            "ollama_proxy_time_to_first_token_seconds_sum 0.3", "ollama_proxy_time_to_first_token_seconds_count 1",
            "ollama_proxy_exchange_duration_seconds_sum 4", "ollama_proxy_exchange_duration_seconds_count 2",
        ] {
            #expect(lines.contains { $0 == line }, "\(line)")
        }
    }

    /// However many models there are, the metrics stay as they are.
    @Test func onlyTheFirstModelsAreToldApart() {
        let activity = Activity()
        for number in 0..<1000 {
            activity.record(record(attempts: [AttemptRecord(model: "v/m\(number)", outcome: .answered)]))
        }
        let attempts = metrics(activity).filter { $0.hasPrefix("ollama_proxy_attempts_total{") }
        #expect(attempts.count == Activity.mostModels + 1)
        #expect(attempts.contains { $0 == #"ollama_proxy_attempts_total{model="other",outcome="answered"} 900"# })
    }

    /// A model's id is another's text.
    @Test func labelsAreEscaped() {
        let activity = Activity()
        activity.record(record(attempts: [AttemptRecord(model: "a\"b\\c\nd", outcome: .answered)]))
        let line = #"ollama_proxy_attempts_total{model="a\"b\\c\nd",outcome="answered"} 1"#
        #expect(metrics(activity).contains { $0 == line })
    }

    @Test(arguments: [
        (0.0, 3, "0"), (1, 3, "1"), (0.5, 3, "0.5"), (1.0 / 3, 3, "0.333"), (2.0 / 3, 3, "0.667"), (0.0004, 3, "0"),
        (-1.25, 1, "-1.3"), (-0.01, 1, "0"), (12_345.678_9, 2, "12345.68"), (0.001, 6, "0.001"),
        (1e300, 0, "9000000000000000000"),
    ])
    func decimalsAreRounded(value: Double, digits: Int, text: String) {
        let output = ByteBuffer()
        Decimals.append(value, digits: digits, to: output)
        #expect(output.text == text)
    }
}
