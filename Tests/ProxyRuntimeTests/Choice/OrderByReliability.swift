import Foundation
import TestSupport
import Testing

/// `MODEL_ORDER=reliability`: what was seen of the models decides among those that fit, also after a restart.
@Suite(.timeLimit(.minutes(10)))
struct OrderByReliability {
    private let folder: TemporaryFolder
    private let upstream: FakeOpenRouter

    init() throws {
        folder = try TemporaryFolder()
        upstream = try FakeOpenRouter()
    }

    /// Cooldowns are off here, so that the order alone decides.
    private func stage(order: String = "reliability") throws -> Stage {
        let stage = try Stage(
            settings: ["MODEL_ORDER": order, "FAILURE_COOLDOWN_MINUTES": "0"], dataFolder: folder.url,
            upstream: upstream)
        try stage.script([
            (.first, [Answer.failure("503")]), (.second, [Answer.failure("503")]), (.third, [Answer.words(["fine"])]),
        ])
        return stage
    }

    @Test(arguments: [true, false])
    func theModelThatAnswersIsAskedFirst(isKilled: Bool) throws {
        do {
            let stage = try stage()
            #expect(try stage.chat("any").answeredBy == ListedModel.third.id)
            #expect(try stage.modelsAsked().count == 3)
            try stage.upstream.clearRequests()
            #expect(try stage.chat("any").answeredBy == ListedModel.third.id)
            #expect(try stage.modelsAsked() == [ListedModel.third.id])
            let sql = "SELECT model FROM performance ORDER BY model"
            let expected = ListedModel.three.map { [$0.id] }
            #expect(
                try FakeDatabase.rows(
                    at: folder.file("failures.db"), sql: sql, awaiting: expected, in: stage.proxy) == expected)
            if isKilled { stage.proxy.kill() } else { #expect(stage.proxy.terminate() == .exited(0)) }
        }
        let stage = try stage()
        #expect(try stage.chat("any").answeredBy == ListedModel.third.id)
        #expect(try stage.modelsAsked() == [ListedModel.third.id])
    }

    /// The order is for those who leave the choice to us.
    @Test func whoNamesAModelGetsItFirst() throws {
        let stage = try stage()
        for _ in 0..<2 { #expect(try stage.chat(ListedModel.second.id).answeredBy == ListedModel.third.id) }
        #expect(try stage.modelsAsked().filter { $0 == ListedModel.second.id }.count == 2)
    }

    @Test func theContextDecidesUnlessTold() throws {
        let stage = try stage(order: "")
        for _ in 0..<2 { #expect(try stage.chat("any").answeredBy == ListedModel.third.id) }
        #expect(try stage.modelsAsked().filter { $0 == ListedModel.first.id }.count == 2)
    }

    /// Of two that answer, the one that begins sooner comes first.
    @Test func theQuickerModelIsAskedFirst() throws {
        let stage = try Stage(models: [.first, .second], settings: ["MODEL_ORDER": "reliability"])
        try stage.script([
            (.first, [Answer.words(["late"], ["first_delay_ms": 1000])]), (.second, [Answer.words(["soon"])]),
        ])
        for model in [ListedModel.first, .second] { #expect(try stage.chat(model.id).answeredBy == model.id) }
        #expect(try stage.chat("any").answeredBy == ListedModel.second.id)
    }
}
