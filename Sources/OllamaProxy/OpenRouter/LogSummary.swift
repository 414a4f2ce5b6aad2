/// A failure in words that cannot come out of a message. Upstreams quote what they object to, and the log keeps it.
enum LogSummary {
    static func of(_ symptom: Symptom, rule: StaticString) -> String {
        var parts = ["status \(symptom.code)", rule.description]
        if let known = knownMessages.first(where: { symptom.error.message.hasPrefix($0) }) { parts.append(known) }
        let type = symptom.error.errorType
        if !type.isEmpty, type.utf8.count <= longestType,
            type.utf8.allSatisfy({ $0 == 0x5F || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) })
        {
            parts.append(type)
        }
        return parts.joined(separator: ", ")
    }

    /// No type of OpenRouter's is half as long, in bytes.
    private static let longestType = 64

    /// What OpenRouter's own messages begin with. Nothing else of an upstream's message goes into the log.
    private static let knownMessages = [
        "Rate limit exceeded: free-models-per-min", "Rate limit exceeded: free-models-per-day", "Rate limit exceeded",
        "Provider returned error", "No endpoints found that support tool use", "No endpoints found that support image",
        "No endpoints found that can handle the requested parameters",
        "No endpoints found matching your data policy", "No endpoints found", "No allowed providers are available",
        "This model is unavailable for free", "This model is not available in your region", "Key limit exceeded",
        "User not found", "No auth credentials found", "Missing Authentication header", "Insufficient credits",
        "This request requires more credits", "This request would exceed your available credits",
        "This endpoint's maximum context length", "OpenRouter could not verify available credits",
        "Internal server error", "Upstream error",
    ]
}
