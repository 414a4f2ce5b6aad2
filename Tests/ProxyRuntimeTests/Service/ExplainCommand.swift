import Foundation
import TestSupport
import Testing

/// `ollama-proxy explain` says which models a request would be sent to, and why, without sending anything.
@Suite(.timeLimit(.minutes(10)))
struct ExplainCommand {
    private let folder: TemporaryFolder
    private let upstream: FakeOpenRouter

    init() throws {
        folder = try TemporaryFolder()
        upstream = try FakeOpenRouter()
    }

    private func explain(_ subject: String, _ settings: [String: String] = [:]) throws
        -> (status: TestSupport.ExitStatus?, output: String, errors: String)
    {
        let process = try ChildProcess(
            executable: BuiltProducts.ollamaProxy(), arguments: ["explain", subject],
            environment: ["DATA_DIR": folder.url.path].merging(settings) { $1 })
        let status = process.waitForExit(timeout: 20)
        process.output.waitForEnd(timeout: 2)
        process.errors.waitForEnd(timeout: 2)
        return (status, process.output.lines.joined(separator: "\n"), process.errors.lines.joined(separator: "\n"))
    }

    private func stage(_ models: [ListedModel] = ListedModel.three) throws -> Stage {
        try Stage(models: models, dataFolder: folder.url, upstream: upstream)
    }

    /// The ids in the order in which they are explained.
    private func order(_ output: String, _ models: [ListedModel]) -> [String] {
        let found = models.compactMap { model in output.range(of: ". \(model.id)").map { (model.id, $0.lowerBound) } }
        return found.sorted { $0.1 < $1.1 }.map(\.0)
    }

    @Test func theCandidatesOfAName() throws {
        let stage = try stage()
        try stage.scriptAll(Answer.words(["fine"]))
        let (status, output, errors) = try explain("beta-30b")
        #expect(status == .exited(0))
        #expect(errors.isEmpty)
        #expect(order(output, ListedModel.three) == [ListedModel.second, .first, .third].map(\.id))
        // It needs no key, and sends nothing.
        #expect(try stage.upstream.requests().isEmpty)
    }

    /// What it says is what happens.
    @Test func aModelThatRestsIsSaidToRest() throws {
        let stage = try stage()
        try stage.script([(.first, [Answer.failure("503")]), (.second, [Answer.words(["fine"])])])
        _ = try stage.chat()
        let rows = try FakeDatabase.rows(
            at: folder.file("failures.db"), sql: "SELECT model FROM failures", awaiting: [[ListedModel.first.id]],
            in: stage.proxy)
        #expect(rows.count == 1)
        let line = try explain("any").output.split(separator: "\n").first { $0.contains(ListedModel.first.id) }
        #expect(line?.contains("in cooldown until") == true)
        #expect(line?.contains("unavailable") == true)
    }

    @Test func theCandidatesOfARequest() throws {
        let stage = try stage(ListedModel.specialists)
        #expect(stage.proxy.terminate() == .exited(0))
        let body = Stage.chatBody(ListedModel.talker.id, ["tools": [Requests.tool]])
        let (status, output, _) = try explain(folder.write(body, to: "request.json").path)
        #expect(status == .exited(0))
        #expect(order(output, ListedModel.specialists).first == ListedModel.caller.id)
        #expect(output.contains("\(ListedModel.talker.id) does not support tools"))
    }

    @Test func theModelsListIsMissed() throws {
        let (status, output, errors) = try explain("any")
        #expect(status == .exited(1))
        #expect(output.isEmpty)
        #expect(errors.contains("models list"))
    }

    @Test func wrongSettingsAreTold() throws {
        let (status, _, errors) = try explain("any", ["MODEL_ORDER": "best"])
        #expect(status == .exited(2))
        #expect(errors.contains("MODEL_ORDER"))
    }
}
