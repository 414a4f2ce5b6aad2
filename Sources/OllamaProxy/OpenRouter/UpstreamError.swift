/// An error as the upstream reports it, in a body of its own, inside a 200, or in the middle of a stream.
package struct UpstreamError: Equatable {
    /// The number in the error itself; nil when there is none, or when the code is a word.
    package var code: Int?
    package var message = ""
    /// What the model's provider said, which is the real reason behind "Provider returned error".
    package var raw = ""
    package var hasProvider = false
    package var limitSource = ""
    package var errorType = ""
    /// Moderation says why it objects.
    package var hasModerationReasons = false
    /// From whatever place the error names it in.
    package var retryAfter: Span?
    /// When the limit resets.
    package var reset: UnixTime?
    /// The limit that was met, in requests.
    package var limit: Int?
    /// How long the request is in the upstream's own count, in tokens, where the error says it.
    package var requestedTokens: Int? {
        guard let (_, rest) = message.cut(at: "requested about ") else { return nil }
        return Int(rest.prefix { ("0"..."9").contains($0) })
    }

    package init() {}

    /// Reads the error of a body that should hold one: an object with `error`, which may be an object or a text.
    /// - Returns: nil when the bytes are no JSON object or hold no error, such as the HTML page of a gateway.
    package static func inBody(_ bytes: Bytes) -> UpstreamError? {
        var reader = JSONReader(bytes.trimmed)
        guard (try? reader.kind()) == .object else { return nil }
        var found: UpstreamError?
        try? reader.forEachField { key, reader throws(JSONError) in
            if key == "error" { found = try read(from: &reader) } else { try reader.skip() }
        }
        return found
    }

    /// Reads the value of an `error` key; nil for null.
    package static func read(from reader: inout JSONReader) throws(JSONError) -> UpstreamError? {
        var error = UpstreamError()
        switch try reader.kind() {
        case .object: try error.readFields(from: &reader)
        case .string: error.message = cut(try reader.string().string)
        default:
            let isNull = try reader.kind() == .null
            try reader.skip()
            if isNull { return nil }
        }
        return error
    }

    /// What is longer explains nothing more, and some upstreams send the whole request back.
    private static func cut(_ text: String) -> String {
        text.utf8.count <= 2000 ? text : String(decoding: text.utf8.prefix(2000), as: UTF8.self) + "…"
    }

    private mutating func readFields(from reader: inout JSONReader) throws(JSONError) {
        try reader.forEachField { key, reader throws(JSONError) in
            switch key {
            case "code": try readCode(from: &reader)
            // Anthropic's shape has no code, only a type.
            case "type":
                let type = try reader.stringIfAny()?.string ?? ""
                if errorType.isEmpty { errorType = type }
            case "message": message = Self.cut(try reader.stringIfAny()?.string ?? "")
            case "metadata":
                try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                    try readMetadata(key, from: &reader)
                }
            case "availability":
                try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                    if key == "retry_after" {
                        retryAfter = try reader.secondsIfAny()
                    } else {
                        try reader.skip()
                    }
                }
            default: try reader.skip()
            }
        }
    }

    /// A number, or a number in a text, or a word, which then says what a type would.
    private mutating func readCode(from reader: inout JSONReader) throws(JSONError) {
        guard try reader.kind() == .string else { return code = try reader.integerIfAny() }
        let text = try reader.string().string
        code = Int(text)
        if code == nil, errorType.isEmpty { errorType = text }
    }

    private mutating func readMetadata(_ key: JSONText, from reader: inout JSONReader) throws(JSONError) {
        switch key {
        case "raw":
            raw = Self.cut(try reader.kind() == .string ? reader.string().string : reader.slice().text)
        case "provider_name": hasProvider = try reader.stringIfAny().map { !$0.isEmpty } ?? false
        case "limit_source": limitSource = try reader.stringIfAny()?.string ?? ""
        case "error_type": errorType = try reader.stringIfAny()?.string ?? errorType
        case "reasons": hasModerationReasons = try reader.kind() == .array; try reader.skip()
        case "retry_after_seconds", "retry_after": retryAfter = try reader.secondsIfAny() ?? retryAfter
        case "headers":
            try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                switch key.string.lowercased() {
                case "retry-after": retryAfter = try reader.secondsIfAny() ?? retryAfter
                case "x-ratelimit-limit": limit = try reader.integerIfAny()
                case "x-ratelimit-reset": reset = try reader.integerIfAny().map { .epoch + .milliseconds($0) }
                default: try reader.skip()
                }
            }
        default: try reader.skip()
        }
    }

    /// One sentence for a person: the provider's own words where the upstream only relays them.
    package var explanation: String {
        let detail = Self.firstSentence(of: raw)
        let text = message.trimmingSpaces
        if text.isEmpty { return detail.isEmpty ? "no reason given" : detail }
        return detail.isEmpty || text.includes(detail) ? text : "\(text): \(detail)"
    }

    /// Providers relay whole bodies; the message inside says it best.
    private static func firstSentence(of raw: String) -> String {
        let message: String? = raw.withBytes { bytes in
            guard let nested = inBody(bytes), !nested.message.isEmpty else { return nil }
            return nested.message
        }
        let line = (message ?? raw).split(whereSeparator: \.isNewline).joined(separator: " ").trimmingSpaces
        return line.count > 300 ? line.prefix(300) + "…" : line
    }
}
