// What is free of charge in Anthropic's messages. Sources as for chats.

extension FreeOfCharge {
    static let messages = FreeOfCharge(
        fields: FieldRules(
            free: [
                "cache_control", "context_management", "metadata", "session_id", "stop_sequences", "temperature",
                "top_k", "top_p", "trace", "user",
            ],
            needs: ["max_tokens", "output_config", "output_format", "thinking"],
            rules: [
                ("system", .promptOr(.list(.typed(blocks)))), ("tools", .tools),
                ("tool_choice", .toolChoice), ("plugins", .plugins),
            ],
            own: ["model", "stream", "provider", "messages"],
            leftOut: [
                "models", "fallbacks", "route", "preset", "service_tier", "speed", "stop_server_tools_when",
                "safeguards", "betas", "anthropic_beta", "anthropic_version", "diagnostics", "inference_geo", "options",
                "keep_alive", "think", "extra_body", "user_profile_id",
                // Of the other APIs.
                "prompt", "input", "instructions", "n", "stop", "max_completion_tokens", "max_output_tokens", "format",
                "response_format", "reasoning", "reasoning_effort", "stream_options", "seed", "presence_penalty",
                "frequency_penalty", "parallel_tool_calls",
            ],
            refused: [
                ("container", "code that the upstream runs has a price of its own"),
                ("mcp_servers", "tools that the upstream calls have a price of their own"),
            ]),
        prompt: .list(.object(message)),
        tools: ToolTypes(
            types: ["function", "custom"], prefixes: ["bash_", "text_editor_", "computer_", "memory_"],
            areListedUnasked: true))

    private static let message = FieldRules(
        free: ["role", "cache_control"],
        rules: [("content", .promptOr(.list(.typed(blocks))))],
        leftOut: ["id", "type", "model", "stop_reason", "stop_sequence", "usage", "name", "metadata"])

    private static let words = FieldRules(
        free: ["type", "cache_control", "citations", "signature", "data"],
        rules: [("text", .prompt), ("thinking", .prompt), ("content", .prompt), ("encrypted_content", .prompt)],
        leftOut: ["id", "index"])

    private static let picture = FieldRules(
        free: ["type", "cache_control"], rules: [("source", .attachment(.image))], leftOut: ["id"])

    private static let document = FieldRules(
        free: ["type", "cache_control", "citations", "title", "context"], rules: [("source", .attachment(.file))],
        leftOut: ["id"])

    private static let call = FieldRules(
        free: ["type", "id", "name", "cache_control", "caller"], rules: [("input", .prompt)], leftOut: ["index"])

    private static let result = FieldRules(
        free: ["type", "tool_use_id", "is_error", "cache_control"],
        rules: [("content", .promptOr(.list(.typed(resultBlocks))))], leftOut: ["id", "name"])

    /// What a search has found, as history.
    private static let found = FieldRules(
        free: ["type", "tool_use_id", "cache_control", "title", "source", "url", "page_age", "citations", "tool_name"],
        rules: [("content", .prompt), ("encrypted_content", .prompt)])

    /// What tools return: blocks that hold no blocks.
    private static let resultBlocks: [(type: StaticString, fields: FieldRules)] = [
        ("text", words), ("image", picture), ("document", document), ("search_result", found),
        ("tool_reference", found),
    ]

    private static let blocks: [(type: StaticString, fields: FieldRules)] = [
        ("text", words), ("image", picture), ("document", document), ("tool_use", call), ("tool_result", result),
        ("thinking", words), ("redacted_thinking", words), ("compaction", words), ("server_tool_use", call),
        ("web_search_tool_result", found), ("search_result", found), ("tool_reference", found),
    ]
}
