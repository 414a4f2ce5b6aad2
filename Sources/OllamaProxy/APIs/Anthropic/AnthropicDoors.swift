extension Door {
    /// `POST /v1/messages`
    package static func messages(stream: Bool) -> Door { stream ? messagesStream : messagesWhole }
    private static let messagesStream = Door(
        "messages", streams: true, streamsUpstream: true, isForwarding: true, dialect: .messages, errors: .anthropic,
        translator: { _ in
            NamedEventForwarding(lastEvent: "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")
        })
    private static let messagesWhole = Door(
        "messages", streams: false, streamsUpstream: false, isForwarding: true, dialect: .messages,
        errors: .anthropic, translator: { _ in BodyForwarding() })
}

extension Dialect {
    /// `POST /messages`
    package static let messages = Dialect(
        path: "/messages", promptField: "messages", promptIsMissing: "messages is required and must be an array",
        isPrompt: isArray,
        readNeed: { key, needs, reader in try needs.readMessagesField(key, from: &reader) }, free: .messages,
        readEvent: { data throws(JSONError) in try AnswerEvent(messagesEvent: data) },
        readDocument: { text throws(JSONError) in try AnswerEvent(messagesBody: text) })
}

extension ErrorShape {
    package static let anthropic = ErrorShape(lead: "event: error\ndata: ", end: "\n\n") { status, message, body in
        body.field("type", "error")
        body.key("error")
        body.object { error in
            error.field("type", anthropicType(status: status))
            error.field("message", message)
        }
        body.key("request_id")
        body.null()
    }

    /// The types of Anthropic's API: https://docs.anthropic.com/en/api/errors
    private static func anthropicType(status: Int) -> String {
        switch status {
        case 401: "authentication_error"
        case 402: "billing_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 413: "request_too_large"
        case 429: "rate_limit_error"
        case 504: "timeout_error"
        case 503, 529: "overloaded_error"
        case 400..<500: "invalid_request_error"
        default: "api_error"
        }
    }
}
