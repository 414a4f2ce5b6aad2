/// The APIs in which a completion can be told, by the end of their paths.
enum Dialect: String, CaseIterable {
    case chat = "chat/completions"
    case responses
    case messages
}

/// A completion as the events of a stream.
struct EventSequence {
    /// Sent at once, and not counted: nothing is said yet.
    var opening: [[UInt8]] = []
    /// One for each word, thought and fragment of a call, with the events that frame it.
    var spoken: [[UInt8]]
    /// The words without what frames them, for streams that repeat them without end.
    var repeated: [[UInt8]]
    var closing: [[UInt8]]
    /// An error in the midst of the stream.
    var error: [UInt8]
    /// What may still come after an error, if a script wants so.
    var usageAfterError: [UInt8] = []
    var done: [UInt8]

    /// One event with its name, which is the type that the data tells as well.
    static func named(_ value: JSONValue) -> [UInt8] {
        let name = value["type"]?.string.map { "event: \($0)\n" } ?? ""
        return Array(name.utf8) + CompletionChunks.event(value)
    }
}

extension Completion {
    func events(model: String, as dialect: Dialect) -> EventSequence {
        switch dialect {
        case .chat: chatEvents(model: model)
        case .responses:
            {
                var writer = ResponsesWriter(self, model: model)
                return writer.events()
            }()
        case .messages: MessagesWriter(completion: self, model: model).events()
        }
    }

    /// Prompt and completion tokens, for the APIs that have names of their own for them.
    var tokenCounts: (prompt: JSONValue, completion: JSONValue) {
        (usageValue?["prompt_tokens"] ?? 0, usageValue?["completion_tokens"] ?? 0)
    }
}
