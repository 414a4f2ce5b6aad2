import Testing

@testable import OllamaProxy

struct StatusReportTests {
    private let now = Moment.at(0)

    private func catalog(_ ids: String...) -> Catalog {
        let models = ids.map { id in
            var model = Model(id: id)
            model.displayName = "Name of \(id)"
            model.contextLength = 8192
            model.prices.prompt = id.hasSuffix(":free") ? "0" : "0.000001"
            model.prices.completion = model.prices.prompt
            return model
        }
        return Catalog(models, selection: .init(freeOnly: ids.allSatisfy { $0.hasSuffix(":free") }))
    }

    private func ledgers(cooling: [String: Int] = [:], perMinute: Int = 20, perDay: Int = 50) -> Ledgers {
        let ledgers = Ledgers(budget: BudgetLedger(policy: .init(perMinute: perMinute, perDay: perDay)))
        let rows = cooling.map { model, seconds in
            let record = FailureLedger.Record(
                kind: .rateLimited, failedAt: now.wall - .seconds(10), consecutive: 2,
                until: now.wall + .seconds(seconds))
            return (model: model, record: record)
        }
        ledgers.failures.load(rows, now: now)
        return ledgers
    }

    private func report(_ catalog: Catalog?, _ ledgers: Ledgers, _ recent: RecentRequests = .init()) -> StatusReport {
        StatusReport(
            .init(version: "1.2.3", upstream: "openrouter.ai", freeMode: true), Load(), catalog,
            missingReason: catalog == nil ? "it is being fetched" : nil, ledgers, recent, now: now)
    }

    @Test func theStateIsOneSentence() {
        let two = catalog("v/a:free", "v/b:free")
        var report = report(nil, ledgers())
        #expect(report.state == .starting)
        #expect(report.summary == "The models list is missing: it is being fetched; trying again.")
        report = self.report(two, ledgers())
        #expect(report.state == .ready)
        #expect(report.summary == "All 2 models are ready; 50 of 50 free requests left today.")
        report = self.report(two, ledgers(cooling: ["v/a:free": 60]))
        #expect(report.summary == "1 of 2 models are ready; 50 of 50 free requests left today.")
        report = self.report(two, ledgers(cooling: ["v/a:free": 60, "v/b:free": 45]))
        #expect(report.state == .failing)
        #expect(report.summary == "All 2 models are in cooldown after failures; the first is tried again in 45 s.")
        report = self.report(two, ledgers(cooling: [FailureLedger.account: 30]))
        #expect(report.state == .limited)
        #expect(report.summary == "All free models are in cooldown for 30 s: the upstream limits this account.")
        report = self.report(two, ledgers(perMinute: 0, perDay: 0))
        #expect(report.summary == "All 2 models are ready.")
        report = self.report(catalog(), ledgers())
        #expect(report.state == .failing)
    }

    @Test func aLimitThatIsReachedIsSaid() {
        let two = catalog("v/a:free", "v/b:free")
        let day = ledgers(perDay: 1)
        day.budget.count(now: now)
        #expect(report(two, day).state == .limited)
        #expect(report(two, day).summary.hasPrefix("Today's quota of 1 free requests is used up; it resets in "))
        let minute = ledgers(perMinute: 1)
        minute.budget.count(now: now)
        #expect(report(two, minute).state == .limited)
        // What is paid for can still answer.
        #expect(report(catalog("v/a:free", "v/b"), minute).state == .ready)
    }

    /// What a server tells, a command shows as if it had looked for itself.
    @Test func commandsReadWhatTheServerWrites() throws {
        let ledgers = ledgers(cooling: ["v/a:free": 250])
        ledgers.budget.count(now: now)
        ledgers.performance.recordSuccess(
            of: "v/b", firstToken: .seconds(1), answer: .seconds(1), tokens: 50, now: now)
        let catalog = catalog("v/a:free", "v/b")
        let status = try report(catalog, ledgers).json().withBytes { bytes throws(JSONError) in try ServerStatus(bytes)
        }
        let pairs: [(any Report, any Report)] = [
            (status.models, ModelsReport(catalog, ledgers, now: now)),
            (status.failures, FailuresReport(ledgers.failures, now: now)),
            (status.budget, BudgetReport(ledgers.budget, now: now)),
        ]
        for (told, seen) in pairs {
            #expect(told.text(colours: true) == seen.text(colours: true))
            #expect(told.json().text == seen.json().text)
        }
    }

    @Test(arguments: ["", "{}", "[]", #"{"models":[],"failures":[]}"#, #"{"models":{},"failures":[],"budget":{}}"#])
    func whatIsNoStatusIsRefused(text: String) {
        #expect(throws: JSONError.self) { try ByteBuffer(text).withBytes { try ServerStatus($0) } }
    }

    @Test func requestsAreShownWithEachAttempt() throws {
        var recent = RecentRequests()
        let usage = AnswerEvent.Usage(promptTokens: 3, completionTokens: 4)
        let report = ExchangeRecord(
            outcome: .answered, requestedName: "auto", model: "v/b:free", attemptCount: 2,
            status: 200, waited: .seconds(5), timeToFirstToken: .nanoseconds(812_999_999), usage: usage,
            attempts: [
                AttemptRecord(
                    model: "v/a:free", outcome: .failed(.rateLimited), reason: "status 429",
                    duration: .milliseconds(120)),
                AttemptRecord(model: "v/b:free", outcome: .answered, duration: .seconds(2)),
            ])
        recent.record(
            RequestRecord(id: "one", received: now, route: .chat, report: report, duration: .milliseconds(2310)))
        let json = self.report(catalog("v/a:free"), ledgers(), recent).json().text
        let expected =
            #"{"id":"one","at":1790000000,"route":"/api/chat","asked":"auto","model":"v/b:free","outcome":"answered","status":200,"duration_ms":2310,"first_token_ms":812,"#
            + #""waited_ms":5000,"prompt_tokens":3,"completion_tokens":4,"attempts":["#
            + #"{"model":"v/a:free","outcome":"rate_limited","reason":"status 429","ms":120},"#
            + #"{"model":"v/b:free","outcome":"answered","reason":"","ms":2000}]}"#
        #expect(json.contains(expected))
    }
}
