import OllamaProxy

/// What can be fuzzed, each a function from bytes to nothing that ends the process when something does not hold.
enum FuzzTarget: String, CaseIterable {
    case json
    case text
    case lines
    case events
    case ollamaRequest = "ollama-request"
    case forwardedRequest = "forwarded-request"
    case chatAnswer = "chat-answer"
    case responsesAnswer = "responses-answer"
    case messagesAnswer = "messages-answer"
    case embedAnswer = "embed-answer"
    case exchange
    case modelsList = "models-list"
    case modelsCache = "models-cache"
    case filter
    case aliases
    case needs
    case configuration
    case access
    case http

    func run(_ bytes: Bytes) {
        switch self {
        case .json: JSONTarget.run(bytes)
        case .text: TextTarget.run(bytes)
        case .lines: LinesTarget.run(bytes)
        case .events: EventsTarget.run(bytes)
        case .ollamaRequest: OllamaRequestTarget.run(bytes)
        case .forwardedRequest: ForwardedRequestTarget.run(bytes)
        case .chatAnswer: AnswerTarget.run(bytes, doors: AnswerTarget.chatDoors)
        case .responsesAnswer: AnswerTarget.run(bytes, doors: AnswerTarget.responsesDoors)
        case .messagesAnswer: AnswerTarget.run(bytes, doors: AnswerTarget.messagesDoors)
        case .embedAnswer: AnswerTarget.run(bytes, doors: AnswerTarget.embedDoors)
        case .exchange: ExchangeTarget.run(bytes)
        case .modelsList: ModelsListTarget.run(bytes)
        case .modelsCache: ModelsCacheTarget.run(bytes)
        case .filter: FilterTarget.run(bytes)
        case .aliases: AliasesTarget.run(bytes)
        case .needs: NeedsTarget.run(bytes)
        case .configuration: ConfigurationTarget.run(bytes)
        case .access: AccessTarget.run(bytes)
        case .http: HTTPTarget.run(bytes)
        }
    }
}
