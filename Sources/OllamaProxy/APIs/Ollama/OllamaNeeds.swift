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
            if let text { addText(text) }
        }
        if let parts = message.contentParts {
            var reader = JSONReader(parts)
            // The array was checked when it was sliced, so nothing is thrown here.
            try? readParts(from: &reader)
        }
        for call in message.toolCalls {
            if let name = call.name { addText(name) }
            if let arguments = call.arguments { addText(arguments) }
        }
        if !message.images.isEmpty {
            inputs.insert(.image)
            attachments += message.images.count
        }
    }
}
