import OllamaProxy
import Testing

struct ReportTests {
    private let now = Moment.at(0)

    private var catalog: Catalog {
        var large = Model(id: "birch/alpha-70b:free")
        large.contextLength = 300_000
        large.abilities = [.tools]
        large.prices.prompt = "0"
        large.prices.completion = "0"
        var small = large
        small.id = "maple/gamma-7b:free"
        small.contextLength = 8192
        small.abilities = [.reasoning]
        small.inputModalities = [.text, .image]
        return Catalog([large, small], selection: .init())
    }

    private func ledgers(cooling model: String? = nil) -> Ledgers {
        let ledgers = Ledgers(failures: FailureLedger(), budget: BudgetLedger())
        if let model {
            let record = FailureLedger.Record(
                kind: .rateLimited, failedAt: now.wall - .seconds(10), consecutive: 2, until: now.wall + .seconds(250))
            ledgers.failures.load([(model, record)], now: now)
        }
        return ledgers
    }

    @Test func modelsAreATable() {
        let report = ModelsReport(catalog, ledgers(cooling: "maple/gamma-7b:free"), now: now)
        #expect(
            report.text(colours: false) == """
                MODEL                 CONTEXT  TOOLS  VISION  THINKS  PRICE  STATE
                birch/alpha-70b:free   300000  yes    -       -        free  ready
                maple/gamma-7b:free      8192  -      yes     yes      free  rate limited, cooldown 5 min

                """)
        #expect(report.json().text.contains(#""state":"cooldown","reason":"rate_limited","cooldown_seconds":250"#))
    }

    /// A limit of the account puts all free models into cooldown.
    @Test func anAccountThatRestsRestsEveryModel() {
        let text = ModelsReport(catalog, ledgers(cooling: FailureLedger.account), now: now).text(colours: false)
        #expect(text.split(separator: "\n").count { $0.contains("cooldown 5 min") } == 2)
    }

    @Test func coloursAreNoPartOfAColumnsWidth() {
        let report = ModelsReport(catalog, ledgers(), now: now)
        let coloured = report.text(colours: true)
        #expect(coloured.contains("\u{1B}[32mready\u{1B}[0m"))
        let plain = coloured.split(separator: "\u{1B}", omittingEmptySubsequences: false).enumerated().map {
            index, piece in
            index == 0 ? String(piece) : String(piece.drop { $0 != "m" }.dropFirst())
        }.joined()
        #expect(plain == report.text(colours: false))
    }

    /// A list may hold anything, and a terminal obeys what it is sent.
    @Test func namesCannotMoveTheCursor() {
        let record = FailureLedger.Record(kind: .gone, failedAt: .epoch, consecutive: 1, until: UnixTime(seconds: .max))
        let failures = FailureLedger()
        failures.load([("evil\u{1B}[2J/model", record)], now: now)
        #expect(!FailuresReport(failures, now: now).text(colours: false).contains("\u{1B}"))
    }

    @Test func theBudgetSaysWhatIsLeft() {
        let budget = BudgetLedger(policy: .init(perMinute: 20, perDay: 50))
        for _ in 0..<3 { budget.count(now: now) }
        let report = BudgetReport(budget, now: now)
        #expect(report.text(colours: false).contains("within a minute     3     20    17"))
        #expect(report.text(colours: false).contains("today (UTC)         3     50    47"))
        #expect(
            report.json().text.hasPrefix(#"{"minute":{"made":3,"limit":20,"remaining":17},"day":{"made":3,"limit":50"#))
        let free = BudgetReport(BudgetLedger(policy: .init(perMinute: 0, perDay: 0)), now: now)
        #expect(free.json().text.contains(#""limit":null,"remaining":null"#))
    }

    @Test func failuresAreForgottenOneByOneOrAll() {
        let failures = ledgers(cooling: "a/b").failures
        #expect(failures.forget("c/d") == 0)
        #expect(failures.forget("a/b") == 1)
        #expect(failures.takeUnsaved() == [.init(model: "a/b", record: nil)])
        failures.load(
            [("a/b", .init(kind: .gone, failedAt: .epoch, consecutive: 1, until: UnixTime(seconds: 9)))], now: now)
        #expect(failures.forget(nil) == 1)
        #expect(failures.all.isEmpty)
    }
}
