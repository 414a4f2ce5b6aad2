// Requests of the newer APIs, told as chats: the built-in answers know how to reply to those.

extension Dialect {
    /// The body as a request for a chat; what the built-in answers do not look at is lost.
    func chatBody(of body: JSONValue) -> JSONValue {
        switch self {
        case .chat: body
        case .responses: Self.chatBody(ofResponses: body)
        case .messages: Self.chatBody(ofMessages: body)
        }
    }

    private static func chatBody(ofResponses body: JSONValue) -> JSONValue {
        var chat: JSONValue = [
            "messages": .array(
                body["input"]?.array.map { $0.map(message(ofItem:)) }
                    ?? [["role": "user", "content": body["input"] ?? ""]])
        ]
        let tools = (body["tools"]?.array ?? []).filter { $0["type"]?.string == "function" }
        chat = chat.with("tools", .array(tools.map { ["type": "function", "function": $0] }))
        if let name = body["tool_choice"]?["name"] {
            chat = chat.with("tool_choice", ["type": "function", "function": ["name": name]])
        } else if let choice = body["tool_choice"] {
            chat = chat.with("tool_choice", choice)
        }
        if let format = body["text"]?["format"] {
            chat = chat.with("response_format", ["type": format["type"] ?? nil, "json_schema": format])
        }
        return chat.copying(["model", "models", "stream", "reasoning"], from: body)
            .copying(["max_output_tokens"], from: body, as: "max_tokens")
    }

    private static func message(ofItem item: JSONValue) -> JSONValue {
        switch item["type"]?.string {
        case "function_call_output": ["role": "tool", "content": item["output"] ?? ""]
        case nil, "message": ["role": item["role"] ?? "user", "content": item["content"] ?? ""]
        default: ["role": "assistant", "content": ""]
        }
    }

    private static func chatBody(ofMessages body: JSONValue) -> JSONValue {
        var chat: JSONValue = ["messages": .array((body["messages"]?.array ?? []).map(message(ofMessage:)))]
        let tools = (body["tools"]?.array ?? []).filter { $0["input_schema"] != nil }
        chat = chat.with(
            "tools",
            .array(
                tools.map { tool in
                    ["type": "function", "function": tool.with("parameters", tool["input_schema"] ?? nil)]
                }))
        switch body["tool_choice"]?["type"]?.string {
        case "none": chat = chat.with("tool_choice", "none")
        case "tool":
            chat = chat.with("tool_choice", ["function": ["name": body["tool_choice"]?["name"] ?? nil]])
        default: break
        }
        if let type = body["thinking"]?["type"]?.string {
            chat = chat.with("reasoning", ["enabled": .bool(type != "disabled")])
        }
        if let format = body["output_config"]?["format"] ?? body["output_format"] {
            chat = chat.with("response_format", ["type": format["type"] ?? nil, "json_schema": format])
        }
        return chat.copying(["model", "models", "stream", "max_tokens"], from: body)
    }

    private static func message(ofMessage message: JSONValue) -> JSONValue {
        let results = (message["content"]?.array ?? []).filter { $0["type"]?.string == "tool_result" }
        guard let result = results.last else { return message }
        return ["role": "tool", "content": result["content"] ?? ""]
    }
}

extension JSONValue {
    /// The object with those members that another one has.
    fileprivate func copying(_ names: [String], from other: JSONValue, as newName: String? = nil) -> JSONValue {
        names.reduce(self) { result, name in
            other[name].map { result.with(newName ?? name, $0) } ?? result
        }
    }
}
