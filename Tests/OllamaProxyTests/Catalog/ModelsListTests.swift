import Foundation
import OllamaProxy
import TestSupport
import Testing

struct ModelsListTests {
    @Test func readsWhatMattersAndForgivesTheRest() throws {
        let text = """
            {"total_count":2,"data":[
             {"id":"a/b:free","name":"A: B","created":1.7e9,"context_length":0,"hugging_face_id":null,
              "architecture":{"modality":"text+image->text","input_modalities":null},
              "pricing":{"prompt":"0","completion":0,"overrides":[{"prompt":"0"}],"discount":0},
              "top_provider":{"context_length":4096,"max_completion_tokens":null},
              "supported_parameters":["tools","surprise",7],"reasoning":{"mandatory":true,"supported_efforts":["low"]}},
             {"name":"no id"}, "rubbish", null,
             {"id":"c/d","architecture":{"output_modalities":["embeddings"]},"pricing":null,"reasoning":null}
            ]}
            """
        let models = try withBytes(text) { try ModelsList.models(in: $0) }
        #expect(models.map(\.id) == ["a/b:free", "c/d"])
        let first = models[0]
        #expect(first.contextLength == 4096)
        #expect(first.created == UnixTime(seconds: 1_700_000_000))
        #expect(first.inputModalities == [.text, .image])
        #expect(first.isFreeChat)
        #expect(first.usesTools)
        #expect(first.reasoning == .init(isMandatory: true, supportedEfforts: ["low"]))
        #expect(models[1].isChat == false)
    }

    @Test func readsABareArray() throws {
        #expect(try withBytes(#"[{"id":"x/y"}]"#) { try ModelsList.models(in: $0) }.map(\.id) == ["x/y"])
    }

    @Test(arguments: ["", "<html>", "{}", "{\"data\":{}}", "{\"error\":\"no\"}", "[{\"id\":\"x\"}"])
    func refusesWhatIsNoList(text: String) {
        #expect(throws: JSONError.self) { try withBytes(text) { try ModelsList.models(in: $0) } }
    }
}

/// The lists as OpenRouter really answered them.
@Suite(.enabled(if: SharedRecordings.isAvailable, Comment(rawValue: SharedRecordings.skipReason)))
struct RecordedModelsListTests {
    private static func models(_ name: String) throws -> [Model] {
        let file = try #require(SharedRecordings.models().first { $0.lastPathComponent == name })
        return try withBytes(Array(try Data(contentsOf: file))) { try ModelsList.models(in: $0) }
    }

    @Test func theNewestListHoldsTheseFreeModels() throws {
        let models = try Self.models("models-2026-08-16.json")
        #expect(models.count == 413)
        let expected = [
            "cohere/north-mini-code:free", "dots-studio/dots-3-note-preview:free", "google/gemma-4-26b-a4b-it:free",
            "google/gemma-4-31b-it:free", "liquid/lfm-2.5-2.6b:free", "nvidia/nemotron-3-nano-30b-a3b:free",
            "nvidia/nemotron-3-nano-omni-30b-a3b-reasoning:free", "nvidia/nemotron-3-super-120b-a12b:free",
            "nvidia/nemotron-3-ultra-550b-a55b:free", "nvidia/nemotron-3.5-content-safety:free",
            "nvidia/nemotron-3.5-lightning:free", "nvidia/nemotron-nano-12b-v2-vl:free",
            "nvidia/nemotron-nano-9b-v2:free", "openai/gpt-oss-20b:free", "openrouter/free",
            "poolside/laguna-s-2.1:free", "poolside/laguna-xs-2.1:free",
        ]
        let catalog = Catalog(models, selection: .init())
        #expect(catalog.models.map(\.id).sorted() == expected)
        #expect(catalog.models[0].contextLength == 1_000_000)
        let withTools = Catalog(models, selection: .init(toolUseOnly: true))
        #expect(withTools.models.count == 16)
        #expect(catalog.entry(named: "gpt-oss-20b")?.model.reasoning.isMandatory == true)
    }

    @Test(arguments: [("models-2025-05-20.json", 321, 70), ("models-2024-11-10.json", 194, 23)])
    func olderListsParse(name: String, count: Int, free: Int) throws {
        let models = try Self.models(name)
        #expect(models.count == count)
        #expect(models.count { $0.prices.prompt == "0" && $0.prices.completion == "0" } == free)
        let catalog = Catalog(models, selection: .init())
        #expect(!catalog.models.isEmpty)
        #expect(catalog.models.allSatisfy { $0.id.hasSuffix(":free") && $0.contextLength > 0 })
    }

    @Test func everyListedNameFindsItsModel() throws {
        let catalog = Catalog(try Self.models("models-2026-08-16.json"), selection: .init(freeOnly: false))
        for (model, name) in zip(catalog.models, catalog.listedNames) {
            #expect(catalog.entry(named: name)?.model.id == model.id)
        }
    }
}
