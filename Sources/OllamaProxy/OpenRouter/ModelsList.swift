/// Reads `GET /models`: `{"data":[…]}`, or the bare array that some servers answer.
///
/// Lenient towards every field but the id, because the list has changed its shape each year.
package enum ModelsList {
    /// - Throws: `JSONError` when the text is not JSON, or holds no list.
    package static func models(in bytes: Bytes) throws(JSONError) -> [Model] {
        var reader = JSONReader(bytes)
        var models: [Model] = []
        if try reader.kind() == .array {
            try appendModels(to: &models, from: &reader)
        } else {
            var hasList = false
            try reader.forEachField { key, reader throws(JSONError) in
                guard key == "data", try reader.kind() == .array else { return try reader.skip() }
                hasList = true
                try appendModels(to: &models, from: &reader)
            }
            guard hasList else {
                throw JSONError(reason: .wrongKind(found: .object, expected: .array), offset: reader.offset)
            }
        }
        try reader.end()
        return models
    }

    private static func appendModels(to models: inout [Model], from reader: inout JSONReader) throws(JSONError) {
        try reader.forEachElement { reader throws(JSONError) in
            guard try reader.kind() == .object else { return try reader.skip() }
            if let model = try model(from: &reader) { models.append(model) }
        }
    }

    /// One entry of the list; nil when it has no id.
    package static func model(from reader: inout JSONReader) throws(JSONError) -> Model? {
        var model = Model(id: "")
        try reader.forEachField { key, reader throws(JSONError) in
            switch key {
            case "id": model.id = try reader.stringIfAny()?.string ?? ""
            case "name": model.displayName = try reader.stringIfAny()?.string ?? ""
            case "created": model.created = try reader.unixTimeIfAny() ?? .epoch
            case "context_length": model.contextLength = max(0, try reader.integerIfAny() ?? 0)
            case "hugging_face_id": model.huggingFaceID = try reader.stringIfAny()?.string ?? ""
            case "architecture": try readArchitecture(into: &model, from: &reader)
            case "pricing": try readPricing(into: &model, from: &reader)
            case "supported_parameters": try readAbilities(into: &model, from: &reader)
            case "reasoning": try readReasoning(into: &model, from: &reader)
            case "top_provider":
                try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                    switch key {
                    case "context_length": model.providerContextLength = try reader.integerIfAny()
                    case "max_completion_tokens":
                        model.maxCompletionTokens = try reader.integerIfAny().flatMap { $0 > 0 ? $0 : nil }
                    default: try reader.skip()
                    }
                }
            default: try reader.skip()
            }
        }
        if model.contextLength == 0 { model.contextLength = max(0, model.providerContextLength ?? 0) }
        return model.id.isEmpty ? nil : model
    }

    private static func readArchitecture(into model: inout Model, from reader: inout JSONReader) throws(JSONError) {
        var input: Model.Modalities?
        var output: Model.Modalities?
        var arrow: String?
        try reader.forEachFieldIfObject { key, reader throws(JSONError) in
            switch key {
            case "input_modalities": input = try modalities(from: &reader)
            case "output_modalities": output = try modalities(from: &reader)
            case "modality": arrow = try reader.stringIfAny()?.string
            default: try reader.skip()
            }
        }
        // Lists of 2024 say only "text+image->text".
        let sides = (arrow ?? "").split(separator: "-", maxSplits: 1).map(String.init)
        if sides.count == 2, sides[1].hasPrefix(">") {
            input = input ?? modalities(named: sides[0])
            output = output ?? modalities(named: String(sides[1].dropFirst()))
        }
        model.inputModalities = input ?? .text
        model.outputModalities = output ?? .text
    }

    private static func modalities(from reader: inout JSONReader) throws(JSONError) -> Model.Modalities? {
        guard try reader.kind() == .array else {
            try reader.skip()
            return nil
        }
        var found: Model.Modalities = []
        try reader.forEachElement { reader throws(JSONError) in
            if let name = try reader.stringIfAny() { found.formUnion(modality(named: name.string)) }
        }
        return found
    }

    private static func modalities(named list: String) -> Model.Modalities {
        list.split(separator: "+").reduce(into: []) { $0.formUnion(modality(named: String($1))) }
    }

    private static func modality(named name: String) -> Model.Modalities {
        Model.Modalities.names.first { $0.name.description == name }?.modality ?? .other
    }

    private static func readPricing(into model: inout Model, from reader: inout JSONReader) throws(JSONError) {
        try reader.forEachFieldIfObject { key, reader throws(JSONError) in
            switch key {
            case "prompt": model.prices.prompt = try price(from: &reader)
            case "completion": model.prices.completion = try price(from: &reader)
            case "discount": try reader.skip()
            case "overrides": try readOverrides(into: &model, from: &reader)
            default: if (Double(try price(from: &reader)) ?? 0) != 0 { model.prices.hasOthers = true }
            }
        }
    }

    /// Long prompts may cost more.
    private static func readOverrides(into model: inout Model, from reader: inout JSONReader) throws(JSONError) {
        try reader.forEachElementIfArray { reader throws(JSONError) in
            try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                guard key == "prompt" || key == "completion" else { return try reader.skip() }
                let price = try price(from: &reader)
                if Double(price) ?? 0 > Double(model.prices.longPrompt) ?? 0 { model.prices.longPrompt = price }
            }
        }
    }

    /// The price as it is written; empty for what is none.
    private static func price(from reader: inout JSONReader) throws(JSONError) -> String {
        if try reader.kind() == .number { return try reader.number().text }
        return try reader.stringIfAny()?.string ?? ""
    }

    private static func readAbilities(into model: inout Model, from reader: inout JSONReader) throws(JSONError) {
        model.knowsAbilities = try reader.kind() == .array
        try reader.forEachElementIfArray { reader throws(JSONError) in
            guard let parameter = try reader.stringIfAny() else { return }
            if let known = Model.Abilities.names.first(where: { parameter == $0.name }) {
                model.abilities.insert(known.ability)
            }
        }
    }

    private static func readReasoning(into model: inout Model, from reader: inout JSONReader) throws(JSONError) {
        try reader.forEachFieldIfObject { key, reader throws(JSONError) in
            switch key {
            case "mandatory": model.reasoning.isMandatory = try reader.boolIfAny() ?? false
            case "supported_efforts":
                try reader.forEachElementIfArray { reader throws(JSONError) in
                    if let effort = try reader.stringIfAny() { model.reasoning.supportedEfforts.append(effort.string) }
                }
            default: try reader.skip()
            }
        }
    }
}
