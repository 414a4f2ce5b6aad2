import OllamaProxy
import Testing

struct PatienceTests {
    /// "x" fails, "." works; the waits are those after each failure.
    @Test(
        arguments: [
            ("", []),
            ("x", [2]),
            ("xxx", [2, 5, 30]),
            ("xxxxxx", [2, 5, 30, 30, 30, 30]),
            (".", []),
            ("xx.x", [2, 5, 2]),
            ("xxxx.xx", [2, 5, 30, 30, 2, 5]),
            ("x..xx", [2, 2, 5]),
        ] as [(String, [Int])])
    func waitsEverLongerUntilItWorks(attempts: String, waits: [Int]) {
        var patience = Patience(seconds: 2, 5, 30)
        var waited: [Span] = []
        for attempt in attempts {
            if attempt == "x" { waited.append(patience.failed()) } else { patience.succeeded() }
        }
        #expect(waited == waits.map { Span.seconds($0) })
        #expect(patience.failures == attempts.reversed().prefix { $0 == "x" }.count)
    }
}
