// What a request asks of a model, read from the request itself.

extension RequestNeeds {
    /// A chat in Ollama's shape.
    /// - Parameter guardsMoney: whether nothing may be asked for that costs money.
    /// - Throws: `RequestError`, status 400, for what may cost money.
    package init(_ chat: OllamaChatRequest, guardsMoney: Bool) throws(RequestError) {
        self.init(chat.generation)
        var walk = BodyWalk(.translated(isGuarded: guardsMoney), chat.strings, tools: FreeOfCharge.chat.tools)
        for (index, message) in chat.messages.enumerated() {
            add(message)
            if let parts = message.contentParts {
                try walk.part(parts, .list(.object(FreeOfCharge.part)), named: "messages[\(index)].content")
            }
        }
        if let tools = chat.tools { try walk.part(tools, .tools, named: "tools") }
        add(walk.needs)
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
