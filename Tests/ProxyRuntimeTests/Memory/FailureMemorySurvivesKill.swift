import TestSupport
import Testing

/// What failed is remembered across an orderly end and a kill alike.
@Suite(.timeLimit(.minutes(10)))
struct FailureMemorySurvivesKill {
    private let folder: TemporaryFolder
    private let upstream: FakeOpenRouter

    init() throws {
        folder = try TemporaryFolder()
        upstream = try FakeOpenRouter()
    }

    private func stage(_ settings: [String: String] = [:]) throws -> Stage {
        let stage = try Stage(settings: settings, dataFolder: folder.url, upstream: upstream)
        try stage.script([(.first, [Answer.failure("503")]), (.second, [Answer.words(["from the second"])])])
        return stage
    }

    @Test(arguments: [true, false])
    func aFailedModelIsSkippedAfterTheRestart(isKilled: Bool) throws {
        do {
            let stage = try stage()
            #expect(try stage.chat().content == "from the second")
            #expect(try stage.modelsAsked() == [ListedModel.first.id, ListedModel.second.id])
            #expect(try stage.proxy.health()["in_cooldown"] == 1)
            let expected = [[ListedModel.first.id]]
            let rows = try FakeDatabase.rows(
                at: folder.file("failures.db"), sql: "SELECT model FROM failures", awaiting: expected, in: stage.proxy)
            #expect(rows == expected)
            if isKilled { stage.proxy.kill() } else { #expect(stage.proxy.terminate() == .exited(0)) }
        }
        let stage = try stage()
        #expect(try stage.proxy.health()["in_cooldown"] == 1)
        #expect(try stage.chat().content == "from the second")
        #expect(try stage.modelsAsked() == [ListedModel.second.id])
    }

    /// No rest at all can be set, and then nothing is skipped.
    @Test func noCooldownMeansNoSkipping() throws {
        let stage = try stage(["FAILURE_COOLDOWN_MINUTES": "0"])
        for _ in 0..<2 { #expect(try stage.chat().content == "from the second") }
        #expect(try stage.modelsAsked().filter { $0 == ListedModel.first.id }.count == 2)
    }
}
