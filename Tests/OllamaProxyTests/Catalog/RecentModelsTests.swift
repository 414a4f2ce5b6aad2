import OllamaProxy
import Testing

struct RecentModelsTests {
    /// Those in use at a time, by their ids, with the moments when they leave.
    private func uses(_ recent: RecentModels, at seconds: Double) -> [String: RecentModels.Use] {
        var recent = recent
        return recent.current(now: .at(seconds))
    }

    @Test func eachLeavesAtItsTime() {
        var recent = RecentModels()
        recent.record("a", keepAlive: .lasting(.seconds(10)), now: .at(0))
        recent.record("b", keepAlive: .forever, now: .at(0))
        #expect(uses(recent, at: 9).keys.sorted() == ["a", "b"])
        #expect(uses(recent, at: 9)["a"]?.expires == Moment.at(10).wall)
        #expect(uses(recent, at: 10).keys.sorted() == ["b"])
        let last = uses(recent, at: 1e6)
        #expect(last.count == 1 && last["b"]?.expires == nil)
    }

    @Test func theLatestUseCounts() {
        var recent = RecentModels()
        recent.record("a", keepAlive: .forever, now: .at(0))
        recent.record("a", keepAlive: .lasting(.seconds(5)), now: .at(1))
        #expect(uses(recent, at: 2)["a"]?.expires == Moment.at(6).wall)
        recent.record("a", keepAlive: .lasting(.zero), now: .at(3))
        #expect(uses(recent, at: 3).isEmpty)
    }
}
