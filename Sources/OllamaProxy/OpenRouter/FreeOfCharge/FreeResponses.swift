// What is free of charge in OpenAI's responses. Sources as for chats.

extension FreeOfCharge {
    static let responses = FreeOfCharge(
        fields: FieldRules(
            free: [
                "background", "cache_control", "debug", "frequency_penalty", "include", "max_tool_calls", "metadata",
                "parallel_tool_calls", "presence_penalty", "previous_response_id", "prompt_cache_key",
                "prompt_cache_options", "safety_identifier", "session_id", "store", "stream_options", "temperature",
                "top_k", "top_logprobs", "top_p", "trace", "truncation", "user", "verbosity", "seed", "client_metadata",
            ],
            needs: ["max_output_tokens", "reasoning", "text"],
            rules: [
                ("instructions", .promptOr(.list(.object(item)))),
                ("modalities", .list(.oneOf(["text"]))), ("tools", .tools), ("tool_choice", .toolChoice),
                ("plugins", .plugins),
            ],
            own: ["model", "stream", "provider", "input"],
            leftOut: [
                "models", "fallbacks", "route", "preset", "service_tier", "speed", "stop_server_tools_when",
                "image_config", "prompt_cache_retention", "context_management", "conversation", "options", "keep_alive",
                "think", "store_output", "extra_body",
                // Of the other APIs.
                "messages", "system", "max_tokens", "max_completion_tokens", "n", "stop", "stop_sequences", "format",
                "response_format", "reasoning_effort",
            ],
            refused: [("prompt", "a stored prompt may bring tools, files and models of its own")]),
        prompt: .promptOr(.list(.object(item))),
        // Coding agents bring tools of their own. `shell` is the upstream's, in a sandbox that it charges for.
        tools: ToolTypes(
            types: ["function", "custom", "local_shell", "apply_patch", "namespace"], needsType: true,
            areListedUnasked: true))

    /// An item of the input: a message, a call, or what came of one.
    private static let item = FieldRules(
        free: [
            "id", "status", "role", "phase", "call_id", "name", "namespace", "encrypted_content", "max_output_length",
            "author", "recipient", "agent", "cache_control", "pending_safety_checks", "acknowledged_safety_checks",
        ],
        rules: [
            ("type", .oneOf(itemTypes)), ("content", .promptOr(.list(.object(contentPart)))), ("arguments", .prompt),
            ("output", .promptOr(.list(.object(contentPart)))), ("summary", .prompt), ("input", .prompt),
            ("operation", .prompt), ("action", .prompt), ("queries", .prompt), ("results", .prompt),
            ("text", .prompt), ("tools", .tools),
        ],
        leftOut: [
            "annotations", "created_by", "metadata", "environment", "subagent_id", "subagent_items",
            "internal_chat_message_metadata_passthrough",
        ])

    /// A piece of an item. What tools return may hold what a shell has printed as well.
    private static let contentPart = FieldRules(
        free: ["detail", "filename", "prompt_cache_breakpoint", "cache_control", "outcome", "status"],
        rules: [
            ("type", .oneOf(contentTypes)), ("text", .prompt), ("refusal", .prompt), ("stdout", .prompt),
            ("stderr", .prompt), ("encrypted_content", .prompt), ("image_url", .attachment(.image)),
            ("image", .attachment(.image)), ("input_audio", .attachment(.audio)), ("audio", .attachment(.audio)),
            ("file", .attachment(.file)), ("file_data", .attachment(.file)), ("file_url", .attachment(.file)),
            ("file_id", .attachment(.file)), ("video_url", .attachment(.video)), ("video", .attachment(.video)),
        ],
        leftOut: ["id", "annotations", "logprobs", "created_by"])

    /// Calls of tools that the upstream would run for money are not among them, unless they are history and hold nothing but
    /// words.
    private static let itemTypes: [StaticString] = [
        "message", "reasoning", "function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output",
        "local_shell_call", "local_shell_call_output", "shell_call", "shell_call_output", "apply_patch_call",
        "apply_patch_call_output", "web_search_call", "file_search_call", "additional_tools", "item_reference",
        "compaction", "context_compaction", "agent_message", "computer_call", "computer_call_output",
    ]

    private static let contentTypes: [StaticString] = [
        "input_text", "output_text", "text", "refusal", "reasoning_text", "summary_text", "input_image", "image_url",
        "input_audio", "input_file", "input_video", "encrypted_content", "computer_screenshot",
    ]
}
