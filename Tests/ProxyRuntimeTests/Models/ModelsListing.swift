import Foundation
import TestSupport
import Testing

/// What clients read of the models.
@Suite(.timeLimit(.minutes(10)))
struct ModelsListing {
    private func rows(_ stage: Stage) throws -> [JSONObject] {
        let response = try stage.client.request("GET", "/api/tags")
        #expect(response.headers["Content-Type"] == "application/json; charset=utf-8")
        return try #require(try response.jsonObject()["models"] as? [JSONObject])
    }

    private func names(_ stage: Stage) throws -> [String] { try stage.listedNames() }

    @Test func freeModelsByContextLargestFirst() throws {
        let stage = try Stage(models: [
            .third, ListedModel(id: "oak/paid", context: 999_999, price: "0.001"), .first,
            ListedModel(id: "oak/half-free:free", context: 999_999, price: "0.001"),
            ListedModel(id: "oak/music", context: 999_999, outputs: ["text", "audio"]),
            ListedModel(id: "oak/music:free", context: 999_999, outputs: ["text", "audio"]),
            ListedModel(id: "oak/zero-priced", context: 999_999), .second,
        ])
        #expect(try names(stage) == ListedModel.three.map(\.id))
    }

    @Test func rowsHaveWhatClientsRead() throws {
        let stage = try Stage(models: [
            ListedModel(id: "birch/vision-7b:free", context: 32_768, inputs: ["text", "image"])
        ])
        let row = try #require(try rows(stage).first)
        for name in ["name", "model", "remote_model"] { #expect(row[name] as? String == "birch/vision-7b:free") }
        #expect(row["size"] as? Int == 0)
        let digest = try #require(row["digest"] as? String)
        #expect(digest.count == 64 && digest.allSatisfy(\.isHexDigit))
        let modified = try #require(row["modified_at"] as? String)
        #expect(ISO8601DateFormatter().date(from: modified) != nil)
        let details = try #require(row["details"] as? JSONObject)
        for name in ["parent_model", "format", "family", "parameter_size", "quantization_level"] {
            #expect(details[name] is String, "\(name)")
        }
        #expect((details["families"] as? [String])?.contains("clip") == true)
        #expect(details["context_length"] as? Int == 32_768)
        #expect(Set(row["capabilities"] as? [String] ?? []) == ["completion", "tools", "vision", "thinking"])
        #expect(row["remote_host"] as? String == "http://127.0.0.1:\(stage.upstream.port)")
    }

    /// Koog breaks on any capability that Ollama does not have.
    @Test func capabilitiesAreOllamasOwn() throws {
        let stage = try Stage(models: [
            ListedModel(
                id: "birch/ears-7b:free", context: 1, parameters: [], inputs: ["text", "audio", "video", "file"])
        ])
        #expect(try rows(stage).first?["capabilities"] as? [String] == ["completion"])
    }

    @Test(arguments: ["model", "name"])
    func showTellsWhatClientsRead(key: String) throws {
        let stage = try Stage()
        let response = try stage.client.post(
            "/api/show", json: "{\"\(key)\":\"birch/alpha-70b:free\",\"verbose\":true}")
        #expect(response.status == 200)
        let body = try response.jsonObject()
        for name in ["license", "modelfile", "parameters", "template", "modified_at", "remote_model", "remote_host"] {
            #expect(body[name] is String, "\(name)")
        }
        #expect((body["parameters"] as? String)?.split(separator: " ").last == "300000")
        #expect((body["template"] as? String)?.contains(".Suffix") == false)
        #expect((body["template"] as? String)?.contains(".Tools") == true)
        #expect(body["details"] is JSONObject)
        #expect(body["capabilities"] as? [String] == ["completion", "tools", "thinking"])
        let info = try #require(body["model_info"] as? JSONObject)
        let architecture = try #require(info["general.architecture"] as? String)
        #expect(!architecture.contains("."))
        #expect(info["general.basename"] as? String == "birch/alpha-70b:free")
        #expect(info["\(architecture).context_length"] as? Int == 300_000)
        #expect(info["\(architecture).embedding_length"] is Int)
        #expect(info["general.parameter_count"] as? Int == 70_000_000_000)
    }

    @Test func showOfAnUnknownModel() throws {
        let stage = try Stage()
        let response = try stage.client.post("/api/show", json: "{\"model\":\"nonesuch\"}")
        #expect(response.status == 404)
        #expect(try response.jsonObject()["error"] as? String == "model 'nonesuch' not found")
    }

    @Test func openAIClientsGetTheSameList() throws {
        let stage = try Stage()
        let body = try stage.client.request("GET", "/v1/models").jsonObject()
        #expect(body["object"] as? String == "list")
        let data = try #require(body["data"] as? [JSONObject])
        #expect(data.map { $0["id"] as? String } == ListedModel.three.map(\.id) + HTTPClient.bestNames)
        for row in data {
            #expect(row["object"] as? String == "model")
            #expect(row["created"] is Int)
            #expect(row["owned_by"] is String)
        }
    }

    @Test func paidModelsInTheirMode() throws {
        let stage = try Stage(
            models: [.first, ListedModel(id: "oak/paid-1", context: 500_000, price: "0.001")],
            settings: ["FREE_MODE": "false"])
        // Clients add ":latest" to names without a tag, and look for that in the list.
        #expect(try names(stage) == ["oak/paid-1:latest", "birch/alpha-70b:free"])
    }

    @Test(arguments: [true, false])
    func toolUseOnly(freeMode: Bool) throws {
        let stage = try Stage(
            models: [
                ListedModel(id: "oak/talker:free", context: 9, parameters: ["temperature"]),
                ListedModel(id: "oak/caller:free", context: 8, parameters: ["tools"]),
                ListedModel(id: "oak/chooser:free", context: 7, parameters: ["tool_choice"]),
            ], settings: ["FREE_MODE": "\(freeMode)", "TOOL_USE_ONLY": "true"])
        #expect(try names(stage) == ["oak/caller:free", "oak/chooser:free"])
    }

    /// The newest recorded list gives the models that its description names.
    @Test(.enabled(if: SharedRecordings.isAvailable, "\(SharedRecordings.skipReason)"))
    func recordedListsParse() throws {
        for list in SharedRecordings.models() {
            let upstream = try FakeOpenRouter()
            let body = try String(contentsOf: list, encoding: .utf8)
            try upstream.setModels(body)
            let proxy = try ProxyProcess(upstream: upstream.baseURL)
            try proxy.waitForLog(event: "models_ready", containing: "source=upstream")
            let listed = try proxy.client.listedNames()
            // The rule in words: named free (or the router), both prices zero, and nothing but text comes out.
            let models = try #require(try JSON.object(body)["data"] as? [JSONObject])
            let expected = models.filter { model in
                let id = model["id"] as? String ?? ""
                let pricing = model["pricing"] as? JSONObject ?? [:]
                let architecture = model["architecture"] as? JSONObject ?? [:]
                let modality = architecture["modality"] as? String ?? "->text"
                let outputs =
                    architecture["output_modalities"] as? [String] ?? [String(modality.split(separator: ">")[1])]
                return (id.hasSuffix(":free") || id == "openrouter/free") && pricing["prompt"] as? String == "0"
                    && pricing["completion"] as? String == "0" && outputs == ["text"]
            }.compactMap { $0["id"] as? String }
            // The router has no tag, and gets the one that clients look for.
            let ids = listed.map { $0.replacingOccurrences(of: ":latest", with: "") }
            #expect(Set(ids) == Set(expected), "\(list.lastPathComponent)")
            #expect(listed.count == expected.count)
            #expect(!expected.isEmpty)
        }
    }
}
