// What a request asks of a model, read from the request itself.

extension RequestNeeds {
    /// A chat in Ollama's shape.
    package init(_ chat: OllamaChatRequest) {
        self.init(chat.generation)
        for message in chat.messages { add(message) }
        if let tools = chat.tools {
            usesTools = true
            addText(tools)
        }
    }

    /// A prompt in Ollama's shape.
    package init(_ prompt: OllamaGenerateRequest) {
        self.init(prompt.generation)
        for message in prompt.messages { add(message) }
    }

    private init(_ generation: OllamaGeneration) {
        self.init()
        answerTokens = generation.options.maxTokens
        switch generation.format {
        case .json: structuredOutput = .json
        case .schema: structuredOutput = .schema
        case nil: break
        }
        switch generation.think {
        case .on, .level: thinks = true
        case .off, nil: break
        }
    }

    private mutating func add(_ message: OllamaChatRequest.Message) {
        for text in [message.content, message.thinking, message.toolName] {
            if let text { addText(text.escaped) }
        }
        if let parts = message.contentParts {
            var reader = JSONReader(parts)
            // The array was checked when it was sliced, so nothing is thrown here.
            try? readParts(from: &reader)
        }
        for call in message.toolCalls {
            if let name = call.name { addText(name.escaped) }
            if let arguments = call.arguments { addText(arguments) }
        }
        if !message.images.isEmpty {
            inputs.insert(.image)
            attachments += message.images.count
        }
    }

    // MARK: OpenAI's shape

    /// Reads the value of `messages`.
    mutating func readMessages(from reader: inout JSONReader) throws(JSONError) {
        var needs = self
        try reader.forEachElementIfArray { reader throws(JSONError) in
            try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                switch key {
                case "content":
                    if try reader.kind() == .array {
                        try needs.readParts(from: &reader)
                    } else if let text = try reader.stringIfAny() {
                        needs.addText(text.escaped)
                    }
                case "role": try reader.skip()
                default: needs.addText(try reader.slice())
                }
            }
        }
        self = needs
    }

    /// Reads the parts of a message: text, and what is no text.
    mutating func readParts(from reader: inout JSONReader) throws(JSONError) {
        var needs = self
        try reader.forEachElementIfArray { reader throws(JSONError) in
            try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                if key == "text", try reader.kind() == .string { return needs.addText(try reader.string().escaped) }
                guard let row = Self.parts.first(where: { key == $0.key }) else { return try reader.skip() }
                needs.attachments += 1
                // A document that is called a picture is still a document.
                let isDocument = Self.holdsDocument(try reader.slice())
                needs.inputs.insert(isDocument ? .file : row.modality)
            }
        }
        self = needs
    }

    private static func holdsDocument(_ part: Bytes) -> Bool {
        var url: JSONText?
        var reader = JSONReader(part)
        if part.first == UInt8(ascii: "\"") {
            url = try? reader.string()
        } else {
            try? reader.forEachFieldIfObject { key, reader throws(JSONError) in
                if key == "url" { url = try reader.stringIfAny() } else { try reader.skip() }
            }
        }
        return url.map { $0.escaped.prefix(16).elementsEqual("data:application".utf8) } ?? false
    }

    /// The fields that hold what is no text. A file that a model cannot read is read for it by a service that costs
    /// money.
    private static let parts: [(key: StaticString, modality: Model.Modalities)] = [
        ("image_url", .image), ("input_image", .image), ("image", .image), ("input_audio", .audio), ("audio", .audio),
        ("file", .file), ("input_file", .file), ("video_url", .video), ("input_video", .video), ("video", .video),
    ]

    /// Reads a field of a body in OpenAI's shape.
    /// - Returns: whether the key names one that matters here; the value is untouched otherwise.
    mutating func readOpenAIField(_ key: JSONText, from reader: inout JSONReader) throws(JSONError) -> Bool {
        switch key {
        case "messages": try readMessages(from: &reader)
        case "max_tokens", "max_completion_tokens":
            guard let count = try reader.integerIfAny(), count > 0 else { return true }
            answerTokens = max(answerTokens ?? 0, count)
            answerTokensAreFixed = true
        case "response_format":
            var found = StructuredOutput.none
            try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                guard key == "type", let type = try reader.stringIfAny() else { return try reader.skip() }
                if type == "json_schema" { found = .schema } else if type == "json_object" { found = .json }
            }
            structuredOutput = max(structuredOutput, found)
        case "reasoning_effort":
            if let effort = try reader.stringIfAny(), !effort.isEmpty, effort != "none" { thinks = true }
        case "reasoning":
            var isOn: Bool?
            try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                switch key {
                case "enabled": isOn = try reader.boolIfAny() ?? isOn
                case "effort": if let effort = try reader.stringIfAny() { isOn = isOn ?? (effort != "none") }
                case "max_tokens": if try reader.integerIfAny() ?? 0 > 0 { isOn = isOn ?? true }
                default: try reader.skip()
                }
            }
            if isOn == true { thinks = true }
        default: return false
        }
        return true
    }

    /// Notes the `tools` array that has been read.
    mutating func addTools(_ array: Bytes) {
        guard array.count > 2, !array.part(1..<array.count - 1).trimmed.isEmpty, array.first == UInt8(ascii: "[") else {
            return
        }
        usesTools = true
        addText(array)
    }
}

extension JSONText {
    package static func != (text: JSONText, other: StaticString) -> Bool { !(text == other) }
}
