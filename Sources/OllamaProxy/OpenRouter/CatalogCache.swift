/// The text of the cache file: one JSON object a line, in the shape of the models list, so that one reader serves
/// both. A line that is not an object is read as a bare model id, the older plain format.
package enum CatalogCache {
    package static func text(of models: [Model]) -> ByteBuffer {
        let output = ByteBuffer(capacity: models.count * 512)
        for model in models {
            append(model, to: output)
            output.append(UInt8(ascii: "\n"))
        }
        return output
    }

    /// The models of a cache file. A line that cannot be read is left out: the rest is still worth having.
    package static func models(in bytes: Bytes) -> [Model] {
        var models: [Model] = []
        for line in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            let line = Bytes(rebasing: line).trimmed
            if line.first == UInt8(ascii: "{") {
                var reader = JSONReader(line)
                if let model = try? ModelsList.model(from: &reader) { models.append(model) }
            } else if let model = modelWithoutEntry(line) {
                models.append(model)
            }
        }
        return models
    }

    private static func modelWithoutEntry(_ line: Bytes) -> Model? {
        guard !line.isEmpty, line.first != UInt8(ascii: "#"), line.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            return nil
        }
        var model = Model(id: line.text)
        // The plain format was only ever written for free models.
        model.prices.prompt = "0"
        model.prices.completion = "0"
        return model
    }

    private static func append(_ model: Model, to output: ByteBuffer) {
        var writer = JSONWriter(into: output)
        writer.object { entry in
            entry.field("id", model.id)
            if !model.displayName.isEmpty { entry.field("name", model.displayName) }
            entry.field("created", model.created)
            entry.field("context_length", model.contextLength)
            entry.key("architecture")
            entry.object { architecture in
                architecture.field("input_modalities", names(of: model.inputModalities))
                architecture.field("output_modalities", names(of: model.outputModalities))
            }
            entry.key("pricing")
            entry.object { pricing in
                pricing.field("prompt", model.prices.prompt)
                pricing.field("completion", model.prices.completion)
                if model.prices.hasOthers { pricing.field("other", "1") }
                if !model.prices.longPrompt.isEmpty {
                    pricing.key("overrides")
                    pricing.array { list in list.object { $0.field("prompt", model.prices.longPrompt) } }
                }
            }
            if model.maxCompletionTokens != nil || model.providerContextLength != nil {
                entry.key("top_provider")
                entry.object { provider in
                    if let length = model.providerContextLength { provider.field("context_length", length) }
                    if let limit = model.maxCompletionTokens { provider.field("max_completion_tokens", limit) }
                }
            }
            if model.knowsAbilities {
                entry.field(
                    "supported_parameters",
                    Model.Abilities.names.filter { model.abilities.contains($0.ability) }.map { $0.name.description })
            }
            if model.reasoning != Model.Reasoning() {
                entry.key("reasoning")
                entry.object { reasoning in
                    reasoning.field("mandatory", model.reasoning.isMandatory)
                    reasoning.field("supported_efforts", model.reasoning.supportedEfforts)
                }
            }
            if !model.huggingFaceID.isEmpty { entry.field("hugging_face_id", model.huggingFaceID) }
        }
    }

    private static func names(of modalities: Model.Modalities) -> [String] {
        var names = Model.Modalities.names.filter { modalities.contains($0.modality) }.map { $0.name.description }
        if modalities.contains(.other) { names.append("other") }
        return names
    }
}
