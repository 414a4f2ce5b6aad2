/// The models that the upstream lists: built in, or whatever bytes a test or a file gave.
struct ModelCatalogue {
    let body: [UInt8]
    /// Other than 200 when the list is to fail.
    var status = 200
    private let mandatoryReasoning: [String: Bool]

    /// Takes any bytes, because a broken list is worth testing too; such a list names no models.
    init(body: [UInt8], status: Int = 200) {
        (self.body, self.status) = (body, status)
        let value = try? JSONValue(parsing: body)
        let models = value?["data"]?.array ?? value?.array ?? []
        mandatoryReasoning = Dictionary(
            models.compactMap { model in
                model["id"]?.string.map { ($0, model["reasoning"]?["mandatory"]?.bool ?? false) }
            }, uniquingKeysWith: { first, _ in first })
    }

    func contains(_ model: String) -> Bool { mandatoryReasoning[model] != nil }

    func requiresReasoning(_ model: String) -> Bool { mandatoryReasoning[model] ?? false }

    static let builtIn = ModelCatalogue(
        body: JSONValue(dictionaryLiteral: ("data", .array(builtInModels)), ("total_count", .int(builtInModels.count)))
            .with("links", ["next": nil]).rendered)

    private static let builtInModels: [JSONValue] = [
        model(
            "meadow/finch-7b:free", "Meadow: Finch 7B (free)", context: 32_768, output: 8192,
            parameters: ["max_tokens", "response_format", "seed", "temperature", "tool_choice", "tools", "top_p"]),
        model(
            "meadow/heron-70b:free", "Meadow: Heron 70B (free)", context: 262_144, output: 32_768,
            parameters: [
                "frequency_penalty", "include_reasoning", "max_tokens", "min_p", "presence_penalty", "reasoning",
                "repetition_penalty", "response_format", "seed", "stop", "structured_outputs", "temperature",
                "tool_choice", "tools", "top_k", "top_p",
            ], reasoning: ["mandatory": false, "default_enabled": false]),
        model(
            "lantern/iris-12b-vision:free", "Lantern: Iris 12B Vision (free)", context: 131_072, output: nil,
            inputs: ["text", "image"],
            parameters: ["max_tokens", "seed", "stop", "temperature", "tool_choice", "tools", "top_k", "top_p"]),
        model(
            "lantern/sage-20b:free", "Lantern: Sage 20B (free)", context: 131_072, output: 65_536,
            parameters: [
                "include_reasoning", "max_tokens", "reasoning", "reasoning_effort", "response_format", "stop",
                "temperature", "tool_choice", "tools", "top_p",
            ],
            reasoning: [
                "mandatory": true, "supported_efforts": ["high", "medium", "low"], "default_effort": "medium",
            ]),
        model(
            "harbor/story-3b:free", "Harbor: Story 3B (free)", context: 8192, output: 2048,
            parameters: ["max_tokens", "stop", "temperature", "top_p"]),
        model(
            "harbor/watch-content-safety:free", "Harbor: Watch Content Safety (free)", context: 16_384, output: 1024,
            parameters: ["max_tokens", "temperature"]),
        model(
            "lantern/opal-400b", "Lantern: Opal 400B", context: 1_000_000, output: 128_000, inputs: ["text", "image"],
            prices: ("0.0000012", "0.000006"),
            parameters: [
                "include_reasoning", "max_tokens", "reasoning", "response_format", "structured_outputs", "temperature",
                "tool_choice", "tools", "top_p",
            ], reasoning: ["mandatory": false, "default_enabled": true]),
        model(
            "openrouter/free", "Free Models Router", context: 200_000, output: nil, inputs: ["text", "image"],
            parameters: [
                "include_reasoning", "max_tokens", "reasoning", "response_format", "structured_outputs", "temperature",
                "tool_choice", "tools", "top_p",
            ], isRouter: true),
    ]

    private static func model(
        _ identifier: String, _ name: String, context: Int, output: Int?, inputs: [String] = ["text"],
        prices: (prompt: String, completion: String) = ("0", "0"), parameters: [String], reasoning: JSONValue? = nil,
        isRouter: Bool = false
    ) -> JSONValue {
        let slug = identifier.replacing(":free", with: "")
        let model: JSONValue = [
            "id": .string(identifier), "canonical_slug": .string(slug), "hugging_face_id": "", "name": .string(name),
            "created": 1_780_000_000, "description": .string("\(name) is an invented model of the built-in upstream."),
            "context_length": .int(context),
            "architecture": [
                "modality": .string(inputs.joined(separator: "+") + "->text"),
                "input_modalities": .array(inputs.map(JSONValue.string)), "output_modalities": ["text"],
                "tokenizer": isRouter ? "Router" : "Other", "instruct_type": nil,
            ],
            "pricing": ["prompt": .string(prices.prompt), "completion": .string(prices.completion)],
            "top_provider": [
                "context_length": isRouter ? nil : .int(context),
                "max_completion_tokens": output.map(JSONValue.int) ?? .null, "is_moderated": false,
            ],
            "per_request_limits": nil, "supported_parameters": .array(parameters.map(JSONValue.string)),
            "default_parameters": ["temperature": nil, "top_p": nil, "frequency_penalty": nil],
            "supported_voices": nil, "knowledge_cutoff": nil, "expiration_date": nil,
            "links": ["details": .string("/api/v1/models/\(slug)/endpoints")],
        ]
        return reasoning.map { model.with("reasoning", $0) } ?? model
    }
}
