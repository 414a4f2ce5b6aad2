/// A request to `POST /api/generate`, read once. All its texts are borrowed from the body it was read from.
///
/// `template` and `context` mean something to a local runner only and are skipped, as is `raw`: without a template
/// every prompt is raw.
package struct OllamaGenerateRequest {
    package var generation = OllamaGeneration()
    package var prompt: JSONText?
    package var system: JSONText?
    package var images: [JSONText] = []
    /// What is to follow behind the generated text, for filling in.
    package var suffix: JSONText?

    /// No prompt: the client only wants the model loaded, or unloaded.
    package var isLoadOrUnload: Bool { (prompt?.isEmpty ?? true) && images.isEmpty }

    /// - Throws: `RequestError`, status 400.
    package init(_ body: Bytes, _ strings: LongStrings = .none) throws(RequestError) {
        var request = OllamaGenerateRequest()
        try RequestBody.read(body, strings) { key, reader in
            switch key {
            case "prompt": request.prompt = try reader.stringOrNull()
            case "system": request.system = try reader.stringOrNull()
            case "suffix": request.suffix = try reader.stringOrNull()
            case "images": request.images = try reader.stringsOrNull(atMost: 1000)
            case "raw": try reader.skip(.bool, expected: .bool)
            case "template": try reader.skip(.string, expected: .string)
            case "context": try reader.skip(.array, expected: .array)
            default: if try !request.generation.read(key, from: &reader) { try reader.skip() }
            }
        }
        guard !request.generation.model.isEmpty else { throw .modelRequired }
        self = request
    }

    private init() {}

    /// The same as a chat.
    package var messages: [OllamaChatRequest.Message] {
        var user = OllamaChatRequest.Message()
        user.content = prompt
        user.images = images
        guard let system, !system.isEmpty else { return [user] }
        var instruction = OllamaChatRequest.Message()
        instruction.role = .system
        instruction.content = system
        return [instruction, user]
    }
}

extension JSONText {
    /// The role of instructions.
    fileprivate static var system: JSONText {
        let text: StaticString = "system"
        return JSONText(escaped: Bytes(start: text.utf8Start, count: text.utf8CodeUnitCount), hasEscapes: false)
    }
}
