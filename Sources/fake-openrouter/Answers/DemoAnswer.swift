/// The built-in answers to requests for which no script speaks: they do what a pleasant model would do.
struct DemoAnswer {
    let tokens: Int
    let delay: Delay

    private static let greeting =
        "Hello! This is the built-in demo upstream, so no real model is at work. Set OPENROUTER_API_KEY to get real "
        + "models from OpenRouter. Enjoy exploring!"
    private static let more =
        " Until then these words keep coming at a steady pace, which is all that a demo of streaming needs."
    private static let thoughts = ["The user ", "would like ", "an answer, ", "so I ", "will give one."]

    /// The answer to a chat request.
    func completion(for request: ChatRequest) -> Completion {
        var completion = Completion()
        completion.comments.before = 2
        completion.firstDelay = delay
        completion.delay = delay
        if request.wantsReasoning { completion.reasoning = Self.thoughts }

        if let tool = request.toolToCall {
            let arguments = SchemaInstance(root: tool["parameters"] ?? ["type": "object"]).value
            completion.toolCalls = [
                Completion.ToolCall(
                    identifier: "call_fake_\(request.messageCount)", name: tool["name"]?.string ?? "unnamed",
                    arguments: String(decoding: arguments.rendered, as: UTF8.self), fragments: 4)
            ]
            completion.finishReason = "tool_calls"
            return completion
        }
        completion.content = words(for: request)
        if let maximum = request.maximumTokens, maximum >= 0, maximum < completion.content.count {
            completion.content = Array(completion.content.prefix(maximum))
            completion.finishReason = "length"
        }
        return completion
    }

    private func words(for request: ChatRequest) -> [String] {
        if let schema = request.responseSchema {
            return Self.words(of: String(decoding: SchemaInstance(root: schema).value.rendered, as: UTF8.self))
        }
        if request.wantsJSONObject { return ["{\"answer\":", "\"example\"}"] }
        if let result = request.toolResult {
            return Self.words(of: "The tool answered: \"\(result)\". That is all this demo makes of it.")
        }
        var words = Self.words(of: Self.greeting)
        let further = Self.words(of: Self.more)
        while words.count < tokens { words += further }
        return Array(words.prefix(tokens))
    }

    /// Cuts before every space, so that the parts joined are the text again.
    private static func words(of text: String) -> [String] {
        var words: [String] = []
        var word = ""
        for character in text {
            if character == " ", !word.isEmpty {
                words.append(word)
                word = ""
            }
            word.append(character)
        }
        return words + [word]
    }
}

/// What the demo needs to know of a chat request.
struct ChatRequest {
    let body: JSONValue
    /// Whether the model always reasons.
    let isReasoningMandatory: Bool

    var model: String? { body["model"]?.string ?? body["models"]?.array?.first?.string }
    var isStream: Bool { body["stream"]?.bool ?? false }
    var messageCount: Int { body["messages"]?.array?.count ?? 0 }
    var maximumTokens: Int? { body["max_tokens"]?.int ?? body["max_completion_tokens"]?.int }

    var wantsReasoning: Bool {
        if body["reasoning"]?["exclude"]?.bool == true { return false }
        if isReasoningMandatory { return true }
        if let effort = body["reasoning"]?["effort"]?.string ?? body["reasoning_effort"]?.string {
            return effort != "none"
        }
        return body["reasoning"]?["enabled"]?.bool == true
    }

    /// The function of the tool that an obliging model would call now.
    var toolToCall: JSONValue? {
        guard lastMessage?["role"]?.string == "user", body["tool_choice"]?.string != "none" else { return nil }
        let functions = (body["tools"]?.array ?? []).compactMap { $0["function"] }
        guard let wanted = body["tool_choice"]?["function"]?["name"] else { return functions.first }
        return functions.first { $0["name"] == wanted }
    }

    /// The text of the last message if a tool sent it.
    var toolResult: String? {
        guard let message = lastMessage, message["role"]?.string == "tool" else { return nil }
        if let parts = message["content"]?.array { return parts.compactMap { $0["text"]?.string }.joined() }
        return message["content"]?.string ?? ""
    }

    var responseSchema: JSONValue? {
        guard body["response_format"]?["type"]?.string == "json_schema" else { return nil }
        return body["response_format"]?["json_schema"]?["schema"]
    }

    var wantsJSONObject: Bool { body["response_format"]?["type"]?.string == "json_object" }

    /// Whether the answer depends on nothing but the model and whether it reasons.
    var isPlain: Bool {
        toolToCall == nil && toolResult == nil && responseSchema == nil && !wantsJSONObject && maximumTokens == nil
    }

    private var lastMessage: JSONValue? { body["messages"]?.array?.last }
}
