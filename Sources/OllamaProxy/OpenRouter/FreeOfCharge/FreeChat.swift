// What is free of charge in a chat of OpenAI's shape. Fields of the upstream's own API are those of its published description
// (August 2026); the others are what clients are known to send.

extension FreeOfCharge {
    static let chat = FreeOfCharge(
        fields: FieldRules(
            free: [
                "cache_control", "debug", "frequency_penalty", "function_call", "include_reasoning", "logit_bias",
                "logprobs", "metadata", "min_p", "parallel_tool_calls", "prediction", "presence_penalty",
                "prompt_cache_key", "prompt_cache_options", "repetition_penalty", "safety_identifier", "seed",
                "session_id", "stop", "stream_options", "structured_outputs", "temperature", "top_a", "top_k",
                "top_logprobs", "top_p", "trace", "transforms", "usage", "user", "verbosity",
            ],
            needs: [
                "max_completion_tokens", "max_tokens", "n", "reasoning", "reasoning_effort", "response_format",
            ],
            rules: [
                ("modalities", .list(.oneOf(["text"]))), ("tools", .tools),
                ("tool_choice", .toolChoice), ("functions", .prompt), ("plugins", .plugins),
            ],
            own: ["model", "stream", "provider", "messages"],
            leftOut: [
                // Other models, and dearer ways to the same.
                "models", "fallbacks", "route", "preset", "service_tier", "speed",
                // Of services that are not asked for.
                "stop_server_tools_when", "image_config",
                // Ollama's and other servers', which mean nothing upstream.
                "options", "keep_alive", "think", "format", "num_ctx", "num_predict", "truncate", "shift", "raw",
                "chat_template_kwargs", "enable_thinking", "thinking", "thinking_budget", "extra_body", "store",
                "prompt_cache_retention", "include", "drop_params", "tags", "id", "chat_id",
                // Of the other APIs.
                "prompt", "input", "instructions", "system", "suffix", "images", "max_output_tokens", "text",
                "stop_sequences", "template", "context",
            ],
            refused: [
                ("web_search_options", "a search on the web has a price of its own"),
                ("audio", "speech has a price of its own"),
            ]),
        prompt: .list(.object(message)), tools: ToolTypes(types: ["function", "custom"]))

    private static let message = FieldRules(
        free: ["annotations", "audio", "cache_control", "name", "prefix", "role", "tool_call_id"],
        rules: [
            ("content", .promptOr(.list(.object(part)))), ("function_call", .prompt), ("reasoning", .prompt),
            ("reasoning_content", .prompt), ("reasoning_details", .prompt), ("refusal", .prompt),
            ("tool_calls", .prompt), ("images", .list(.object(part))),
        ],
        leftOut: [
            "id", "type", "created_at", "timestamp", "thinking", "thinking_blocks", "signature", "tool_name", "phase",
            "provider_specific_fields", "providerOptions", "experimental_providerMetadata", "response_metadata",
            "additional_kwargs", "metadata", "parsed", "usage", "model", "finish_reason", "index", "weight", "status",
        ])

    /// One piece of a message.
    static let part = FieldRules(
        free: ["cache_control", "detail", "filename", "format", "prompt_cache_breakpoint"],
        rules: [
            ("type", .oneOf(partTypes)), ("text", .prompt), ("refusal", .prompt), ("thinking", .prompt),
            ("image_url", .attachment(.image)), ("image", .attachment(.image)), ("source", .attachment(.image)),
            ("input_audio", .attachment(.audio)), ("audio", .attachment(.audio)), ("file", .attachment(.file)),
            ("file_data", .attachment(.file)), ("file_url", .attachment(.file)), ("file_id", .attachment(.file)),
            ("video_url", .attachment(.video)), ("video", .attachment(.video)), ("input_video", .attachment(.video)),
        ],
        leftOut: [
            "id", "index", "annotations", "logprobs", "signature", "citations", "providerOptions", "metadata", "fps",
            "min_pixels", "max_pixels",
        ])

    private static let partTypes: [StaticString] = [
        "text", "input_text", "output_text", "summary_text", "reasoning_text", "refusal", "thinking", "image_url",
        "input_image", "image", "input_audio", "audio", "file", "input_file", "video_url", "input_video", "video",
    ]
}
