import Foundation
import TestSupport
import Testing

/// Killed at any moment, the proxy leaves a database that opens, and a count that lacks no more than the last second.
@Suite(.timeLimit(.minutes(10)))
struct BudgetSurvivesKill {
    /// Folders that are used side by side, and how often each sees a kill.
    private static let folders = 4
    private static let killsEach = 50

    /// The requests of one run, each with the attempts it takes, and when its answer was whole.
    private struct Run {
        var sent = 0
        var answered: [(at: Date, attempts: Int)] = []
    }

    @Test func atTwoHundredRandomPoints() throws {
        let upstream = try FakeOpenRouter()
        try upstream.setModels(ListedModel.three.json)
        // A failure is written at once, and a success in time: both ways of writing are killed.
        try upstream.setScript([
            "rules": [
                ["model": ListedModel.first.id, "answers": [Answer.failure("503")]],
                ["model": "*", "answers": [Answer.words(["fine"])]],
            ]
        ])
        let seed = UInt64.random(in: 0..<UInt64.max)
        let problems = Problems()
        DispatchQueue.concurrentPerform(iterations: Self.folders) { index in
            do {
                try Self.killAgainAndAgain(upstream, Generator(state: seed &+ UInt64(index)), problems)
            } catch {
                problems.add("\(error)")
            }
        }
        #expect(problems.found.isEmpty, "seed \(seed)")
    }

    private static func killAgainAndAgain(
        _ upstream: FakeOpenRouter, _ generator: Generator, _ problems: Problems
    ) throws {
        var generator = generator
        let folder = try TemporaryFolder()
        let database = folder.file("failures.db")
        var before = 0
        for round in 0..<killsEach {
            let proxy = try ProxyProcess(
                upstream: upstream.baseURL, settings: Stage.unlimited.merging(["FAILURE_COOLDOWN_MINUTES": "0"]) { $1 },
                dataFolder: folder.url)
            // The first run has no list in its cache.
            if round == 0 { try proxy.waitForLog(event: "models_ready") }
            // Most runs are short, some long enough for what was counted to be due.
            let share = Double.random(in: 0...1, using: &generator)
            let life = 1.5 * share * share * share
            let start = Date()
            DispatchQueue.global().asyncAfter(deadline: .now() + life) { proxy.kill() }
            let run = ask(proxy, &generator)
            _ = proxy.waitForExit(timeout: 10)
            let killed = start.addingTimeInterval(life)

            // Told as a problem: an expectation on a thread of its own is none of this test's.
            let integrity = try FakeDatabase.rows(at: database, sql: "PRAGMA integrity_check")
            if integrity != [["ok"]] { problems.add("round \(round): \(integrity)") }
            let rows = try FakeDatabase.rows(at: database, sql: "SELECT total(attempts) FROM budget_days")
            let count = Int(Double(rows.first?.first ?? "") ?? -1)
            let least = run.answered.filter { $0.at < killed.addingTimeInterval(-1) }.map(\.attempts).reduce(0, +)
            if count - before < least { problems.add("round \(round): \(count - before) kept, \(least) made in time") }
            if count - before > run.sent { problems.add("round \(round): \(count - before) kept, \(run.sent) made") }
            before = count
        }
    }

    /// Sends one request after the other until the proxy is gone.
    private static func ask(_ proxy: ProxyProcess, _ generator: inout Generator) -> Run {
        var run = Run()
        while proxy.process.isRunning {
            let isFailing = Int.random(in: 0..<8, using: &generator) == 0
            run.sent += isFailing ? 2 : 1
            let model = isFailing ? ListedModel.first : .second
            guard let response = try? proxy.client.post("/api/chat", json: Stage.chatBody(model.id)),
                ChatReply(response).isDone
            else { continue }
            run.answered.append((Date(), isFailing ? 2 : 1))
            // A moment between two requests, so that kills find it idle as well.
            usleep(.random(in: 0..<20_000, using: &generator))
        }
        return run
    }

    /// SplitMix64, so that a seed tells all.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    private final class Problems: @unchecked Sendable {
        // Guards `texts`.
        private let lock = NSLock()
        private var texts: [String] = []

        var found: [String] { lock.withLock { texts } }
        func add(_ text: String) { lock.withLock { texts.append(text) } }
    }
}
