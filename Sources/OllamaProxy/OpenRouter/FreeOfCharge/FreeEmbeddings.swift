extension FreeOfCharge {
    static let embeddings = FreeOfCharge(
        fields: FieldRules(
            free: ["dimensions", "input_type", "user"], needs: ["encoding_format"],
            own: ["model", "provider", "input"],
            leftOut: ["models", "route", "preset", "service_tier", "options", "keep_alive", "truncate", "stream"]),
        prompt: .anything, tools: ToolTypes(types: []))
}
