/// What the upstream speaks at one of its paths: how a request is read of which nothing is known, and what an answer says.
/// Requests of the same API are forwarded as they are; other doors translate into the dialect of their choice.
package final class Dialect: Sendable {
    /// Reads the value of a field that tells what a model must be able to do, or passes over it.
    typealias NeedReader = @Sendable (JSONText, inout RequestNeeds, inout JSONReader) throws -> Void

    /// Behind the base URL.
    let path: String
    /// The field that holds the prompt, and what is said when there is none.
    let promptField: StaticString
    let promptIsMissing: StaticString
    /// Whether the value of that field, which comes next in the reader, is a prompt.
    let isPrompt: @Sendable (inout JSONReader) throws(JSONError) -> Bool
    /// Whether a model can be asked to go on with an answer that is the last message.
    let canBeResumed: Bool
    let readNeed: NeedReader
    /// What may be sent upstream without paying for it.
    let free: FreeOfCharge
    /// What one event of a stream says.
    let readEvent: @Sendable (Bytes) throws(JSONError) -> AnswerEvent
    /// What a whole answer says.
    let readDocument: @Sendable (Bytes) throws(JSONError) -> AnswerEvent
    /// Whether nearly all events of an answer differ in nothing but the text.
    let eventsRecur: Bool
    /// Whether an answer is data, of which nothing needs to be understood.
    let answersData: Bool

    init(
        path: String, promptField: StaticString, promptIsMissing: StaticString,
        isPrompt: @escaping @Sendable (inout JSONReader) throws(JSONError) -> Bool, canBeResumed: Bool = false,
        readNeed: @escaping NeedReader, free: FreeOfCharge,
        readEvent: @escaping @Sendable (Bytes) throws(JSONError) -> AnswerEvent,
        readDocument: @escaping @Sendable (Bytes) throws(JSONError) -> AnswerEvent, eventsRecur: Bool = false,
        answersData: Bool = false
    ) {
        self.path = path
        self.promptField = promptField
        self.promptIsMissing = promptIsMissing
        self.isPrompt = isPrompt
        self.canBeResumed = canBeResumed
        self.readNeed = readNeed
        self.free = free
        self.readEvent = readEvent
        self.readDocument = readDocument
        self.eventsRecur = eventsRecur
        self.answersData = answersData
    }

    /// A prompt that is an array, as messages are.
    static let isArray: @Sendable (inout JSONReader) throws(JSONError) -> Bool = { reader throws(JSONError) in
        try reader.kind() == .array
    }
}

extension Dialect {
    /// `POST /chat/completions`, which OpenAI's and Ollama's chats are asked for in.
    package static let chat = Dialect(
        path: "/chat/completions", promptField: "messages",
        promptIsMissing: "messages is required and must be an array", isPrompt: isArray, canBeResumed: true,
        readNeed: { key, needs, reader in try needs.readChatField(key, from: &reader) }, free: .chat,
        readEvent: { data throws(JSONError) in try AnswerEvent(data) },
        readDocument: { text throws(JSONError) in try AnswerEvent(text) }, eventsRecur: true)

    /// `POST /embeddings`
    package static let embeddings = Dialect(
        path: "/embeddings", promptField: "input", promptIsMissing: "input is required and must not be empty",
        isPrompt: { reader throws(JSONError) in
            var ahead = reader
            let input = try ahead.slice()
            return !["null", "\"\"", "[]"].contains { input.equals($0) }
        },
        readNeed: { _, _, reader in
            guard let format = try reader.stringIfAny(), !(format == "float"), !(format == "base64") else { return }
            throw RequestError.badRequest("encoding_format must be float or base64")
        }, free: .embeddings,
        readEvent: { data throws(JSONError) in try AnswerEvent(data) },
        readDocument: { text throws(JSONError) in try AnswerEvent(text) }, answersData: true)
}

extension Dialect: Equatable {
    package static func == (dialect: Dialect, other: Dialect) -> Bool { dialect === other }
}
