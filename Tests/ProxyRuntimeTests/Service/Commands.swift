import Foundation
import TestSupport
import Testing

/// The commands besides `serve`: what they print, what they do, and how they end.
@Suite(.timeLimit(.minutes(10)))
struct Commands {
    private struct Result {
        let status: TestSupport.ExitStatus?
        let output: String
        let errors: String
    }

    /// Runs a command with the settings that a proxy's own are like.
    private func run(_ arguments: [String], _ stage: Stage, _ settings: [String: String] = [:]) throws -> Result {
        let environment = [
            "OPENROUTER_API_KEY": "test-key", "OPENROUTER_BASE_URL": stage.upstream.baseURL,
            "DATA_DIR": stage.proxy.dataFolder.path, "PORT": String(stage.proxy.port),
        ]
        let process = try ChildProcess(
            executable: BuiltProducts.ollamaProxy(), arguments: arguments,
            environment: environment.merging(settings) { $1 }.filter { !$0.value.isEmpty })
        let status = process.waitForExit(timeout: 60)
        process.output.waitForEnd(timeout: 2)
        process.errors.waitForEnd(timeout: 2)
        return Result(
            status: status, output: process.output.lines.joined(separator: "\n"),
            errors: process.errors.lines.joined(separator: "\n"))
    }

    private func failFirstModel(of stage: Stage) throws {
        try stage.script([(.first, [Answer.failure("503")]), (.second, [Answer.words(["fine"])])])
        _ = try stage.chat()
        _ = try FakeDatabase.rows(
            at: stage.proxy.dataFolder.appendingPathComponent("failures.db"), sql: "SELECT model FROM failures",
            awaiting: [[ListedModel.first.id]], in: stage.proxy)
    }

    // MARK: check

    @Test func checkFindsEverythingWell() throws {
        let stage = try Stage()
        let result = try run(["check"], stage)
        #expect(result.status == .exited(0), "\(result)")
        #expect(result.output.split(separator: "\n").allSatisfy { $0.hasPrefix("ok ") }, "\(result.output)")
        for subject in ["configuration", "key", "models", "limits", "disk", "access", "server"] {
            #expect(result.output.contains(subject))
        }
        #expect(result.output.contains("3 of 3 may be used"))
        #expect(result.output.contains("running at 127.0.0.1:\(stage.proxy.port)"))
        #expect(try stage.upstream.chatRequests().isEmpty)
    }

    @Test func checkSaysWhatToDo() throws {
        let stage = try Stage()
        try stage.upstream.setKey(#"{"error":{"message":"User not found.","code":401}}"#, status: 401)
        try stage.upstream.setModels(#"{"data":[]}"#)
        let filter = stage.proxy.dataFolder.appendingPathComponent("file")
        try Data().write(to: filter)
        let result = try run(["check"], stage, ["DATA_DIR": filter.path + "/below"])
        #expect(result.status == .exited(1))
        let lines = result.output.split(separator: "\n").map(String.init)
        #expect(lines.contains { $0.hasPrefix("FAIL  key") && $0.contains("https://openrouter.ai/keys") })
        #expect(lines.contains { $0.hasPrefix("FAIL  models") && $0.contains("MODEL_FILTER_PATH") })
        #expect(lines.contains { $0.hasPrefix("FAIL  disk") && $0.contains("DATA_DIR") })
        #expect(!result.output.contains("test-key"))
    }

    @Test func checkWithoutAnUpstream() throws {
        let stage = try Stage()
        stage.upstream.stop()
        let result = try run(["check", "--json"], stage)
        #expect(result.status == .exited(1))
        let checks = try #require(JSON.object(result.output)["checks"] as? [JSONObject])
        #expect(checks.first { $0["subject"] as? String == "key" }?["verdict"] as? String == "failed")
        #expect(try JSON.object(result.output)["ok"] as? Bool == false)
    }

    @Test func checkWithAWrongConfigurationNamesIt() throws {
        let result = try run(["check"], try Stage(), ["FREE_MODE": "perhaps"])
        #expect(result.status == .exited(2))
        #expect(result.errors.contains("FREE_MODE=perhaps"))
    }

    // MARK: What the data folder holds

    @Test func modelsAndFailuresTellOfAModelThatRests() throws {
        let stage = try Stage()
        try failFirstModel(of: stage)
        let models = try run(["models"], stage, ["OPENROUTER_API_KEY": ""])
        #expect(models.status == .exited(0), "\(models)")
        let lines = models.output.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines[1].hasPrefix(ListedModel.first.id))
        #expect(lines[1].contains("unavailable, cooldown"))
        #expect(lines[2].hasSuffix("ready"))
        let failures = try JSON.object(try run(["failures", "--json"], stage).output)["failures"] as? [JSONObject]
        #expect(failures?.first?["model"] as? String == ListedModel.first.id)
        #expect(failures?.first?["in_cooldown"] as? Bool == true)
        let budget = try JSON.object(try run(["--json", "budget"], stage).output)["day"] as? JSONObject
        #expect(budget?["made"] as? Int == 2)
    }

    /// The server that runs forgets, not only the file beneath it.
    @Test func failuresAreForgottenByTheServer() throws {
        let stage = try Stage()
        try failFirstModel(of: stage)
        #expect(try stage.proxy.health()["in_cooldown"] == 1)
        #expect(try run(["failures", "--clear", ListedModel.second.id], stage).status == .exited(0))
        #expect(try stage.proxy.health()["in_cooldown"] == 1)
        let result = try run(["failures", "--clear", ListedModel.first.id], stage)
        #expect(result.status == .exited(0))
        #expect(result.output.contains("the server at 127.0.0.1:\(stage.proxy.port)"))
        #expect(try stage.proxy.health()["in_cooldown"] == 0)
    }

    @Test func failuresAreForgottenWithoutAServer() throws {
        let stage = try Stage()
        try failFirstModel(of: stage)
        stage.proxy.terminate()
        #expect(try run(["failures"], stage).output.contains(ListedModel.first.id))
        #expect(try run(["failures", "--clear"], stage).status == .exited(0))
        #expect(try run(["failures"], stage).output == "no model has failed lately")
    }

    @Test func withoutAModelsListModelsSaysWhy() throws {
        let stage = try Stage()
        let folder = try TemporaryFolder()
        // Nor is there a server that would know.
        stage.proxy.terminate()
        let result = try run(["models"], stage, ["DATA_DIR": folder.url.path])
        #expect(result.status == .exited(1))
        #expect(result.errors.contains("there is no models list yet"))
    }

    // MARK: healthcheck

    @Test func healthcheckTellsAServerFromNone() throws {
        let stage = try Stage(settings: ["PROXY_API_KEYS": "kitchen-key-1"])
        let keys = ["PROXY_API_KEYS": "kitchen-key-1"]
        // An image listens on all interfaces, and checks itself with the same settings.
        for host in ["", "0.0.0.0", "::", "localhost"] {
            let result = try run(["healthcheck"], stage, keys.merging(["OLLAMA_HOST": host]) { $1 })
            guard host != "::" else { continue }
            #expect(result.status == .exited(0), "\(host): \(result)")
            #expect(result.output.contains(#""status":"ok""#))
        }
        #expect(try run(["healthcheck"], stage).status == .exited(1))
        // A proxy for the way out is not on the way to this machine.
        #expect(
            try run(["healthcheck"], stage, keys.merging(["http_proxy": "http://127.0.0.1:1"]) { $1 }).status
                == .exited(0))
        stage.proxy.terminate()
        let result = try run(["healthcheck"], stage, keys)
        #expect(result.status == .exited(1))
        #expect(result.output.contains("does not answer"))
    }

    // MARK: Usage

    @Test(
        arguments: [
            ["models", "surplus"], ["serve", "--json"], ["budget", "--clear"], ["explain"], ["explain", "a", "b"],
            ["failures", "model-without-clear"], ["failures", "--clear", "a", "b"], ["unknown"], ["check", "--jsonx"],
            ["-x"], ["--", "-h"],
        ])
    func whatMakesNoSenseIsRefused(arguments: [String]) throws {
        let process = try ChildProcess(executable: BuiltProducts.ollamaProxy(), arguments: arguments)
        #expect(process.waitForExit(timeout: 20) == .exited(2))
        process.errors.waitForEnd(timeout: 2)
        #expect(process.errors.lines.first?.hasPrefix("ollama-proxy: ") == true)
        #expect(process.errors.lines.last == "Try 'ollama-proxy --help'.")
    }
}
