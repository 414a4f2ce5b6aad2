/// A request to `POST /v1/completions`, OpenAI's older API for prompts. All its texts are borrowed from the body.
package struct CompletionRequest {
    package var model = ""
    package var stream = false
    package var includesUsage = false
    /// Nothing to write: the answer to an empty prompt is empty, and models have to be asked something.
    package private(set) var prompt: JSONText?
    /// Fields that the chat API has as well, as they are.
    private var fields: [(name: StaticString, value: Bytes)] = []
    package var maxTokens: Int?

    private static let sharedFields: [StaticString] = [
        "temperature", "top_p", "stop", "presence_penalty", "frequency_penalty", "seed", "logit_bias", "user",
    ]

    /// - Throws: `RequestError`, status 400, also for what a chat cannot do: filling in, repeating the prompt, several
    ///   answers at once.
    package init(_ body: Bytes, _ strings: LongStrings = .none) throws(RequestError) {
        var request = CompletionRequest()
        try RequestBody.read(body, strings) { key, reader in
            switch key {
            case "model": request.model = try RequestBody.name(from: &reader) ?? ""
            case "prompt": request.prompt = try Self.prompt(from: &reader)
            case "stream": request.stream = try reader.boolIfAny() ?? false
            case "max_tokens": request.maxTokens = try reader.integerIfAny().flatMap { $0 > 0 ? $0 : nil }
            case "stream_options":
                try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                    if key == "include_usage" {
                        request.includesUsage = try reader.boolIfAny() ?? false
                    } else {
                        try reader.skip()
                    }
                }
            case "n", "best_of":
                guard try reader.integerIfAny() ?? 1 == 1 else {
                    throw RequestError.badRequest("\(key.string) must be 1: each answer would be a request of its own")
                }
            case "echo":
                guard try reader.boolIfAny() != true else {
                    throw RequestError.badRequest("echo is not supported: hosted models answer and do not repeat")
                }
            case "suffix":
                guard try reader.stringIfAny()?.isEmpty ?? true else {
                    throw RequestError.badRequest("suffix is not supported: hosted models do not fill in")
                }
            default:
                guard let name = Self.sharedFields.first(where: { key == $0 }) else { return try reader.skip() }
                let value = try reader.slice()
                if !value.equals("null") { request.fields.append((name, value)) }
            }
        }
        guard !request.model.isEmpty else { throw .modelRequired }
        guard let prompt = request.prompt, !prompt.isEmpty else {
            throw .badRequest("prompt is required and must be a text, or an array that holds one")
        }
        self = request
    }

    private init() {}

    /// A text, or an array with a single one.
    private static func prompt(from reader: inout JSONReader) throws -> JSONText? {
        switch try reader.kind() {
        case .string: return try reader.string()
        case .array:
            var texts: [JSONText] = []
            try reader.forEachElement(atMost: 1000) { reader throws(JSONError) in
                if let text = try reader.stringIfAny() { texts.append(text) }
            }
            guard texts.count == 1 else {
                throw RequestError.badRequest("prompt: an array must hold one text; send a request for each prompt")
            }
            return texts[0]
        default:
            try reader.skip()
            return nil
        }
    }

    /// Writes the fields of a chat that are the same for every model, without the braces around them.
    /// - Returns: where the messages' bracket closes in `output`.
    func writeCommonFields(to output: ByteBuffer, borrowing borrowed: BorrowedTexts?) -> Int {
        var writer = JSONWriter(into: output, borrowing: borrowed)
        writer.key("messages")
        writer.array { messages in
            messages.object { message in
                message.field("role", "user")
                if let prompt { message.field("content", prompt) }
            }
        }
        let messagesEnd = output.count - 1
        for field in fields { writer.field(field.name, raw: field.value) }
        writer.field("stream", true)
        writer.key("stream_options")
        writer.object { $0.field("include_usage", true) }
        return messagesEnd
    }
}

extension UpstreamRequest {
    /// A prompt in OpenAI's older shape, sent as a chat.
    /// - Parameter body: what the request was read from, whose long texts are not copied; nil to copy all.
    package init(_ request: CompletionRequest, body: ByteBuffer? = nil) {
        let borrowed = body.flatMap { BorrowedTexts(of: $0) }
        let output = ByteBuffer(capacity: 512)
        output.append("{")
        let messagesEnd = request.writeCommonFields(to: output, borrowing: borrowed)
        self.init(
            output, messagesEnd: messagesEnd, fields: ModelFields(maxTokens: request.maxTokens), borrowed: borrowed)
    }
}

extension RequestNeeds {
    /// A prompt in OpenAI's older shape.
    package init(_ request: CompletionRequest) {
        self.init()
        answerTokens = request.maxTokens
        if let prompt = request.prompt { addText(prompt) }
    }
}
