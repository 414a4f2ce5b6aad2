/// The APIs, by the shape of their errors.
package enum APIFamily {
    case ollama
    case openAI
    /// OpenAI's as well, but for its streams.
    case responses
    case anthropic

    /// The body of an error reply.
    package func errorBody(status: Int, message: String) -> ByteBuffer {
        JSONWriter.object { body in
            switch self {
            case .ollama: body.field("error", message)
            case .openAI, .responses: Self.writeOpenAIError(status, message, to: &body)
            case .anthropic:
                body.field("type", "error")
                body.key("error")
                body.object { error in
                    error.field("type", Self.anthropicType(status: status))
                    error.field("message", message)
                }
                body.key("request_id")
                body.null()
            }
        }
    }

    /// Appends an error as the last words of a stream.
    func appendStreamError(status: Int, message: String, to output: ByteBuffer) {
        switch self {
        case .ollama:
            output.append(errorBody(status: status, message: message))
            output.append("\n")
        case .openAI:
            output.append("data: ")
            output.append(errorBody(status: status, message: message))
            output.append("\n\n")
        case .responses:
            output.append("event: error\ndata: ")
            output.append(
                JSONWriter.object { event in
                    event.field("type", "error")
                    event.field("code", Self.openAIType(status: status))
                    event.field("message", message)
                    event.key("param")
                    event.null()
                    // By this object OpenAI's own libraries know an error in any stream.
                    Self.writeOpenAIError(status, message, to: &event)
                })
            output.append("\n\n")
        case .anthropic:
            output.append("event: error\ndata: ")
            output.append(errorBody(status: status, message: message))
            output.append("\n\n")
        }
    }

    private static func writeOpenAIError(_ status: Int, _ message: String, to body: inout JSONWriter) {
        body.key("error")
        body.object { error in
            error.field("message", message)
            error.field("type", openAIType(status: status))
            error.key("param")
            error.null()
            error.key("code")
            error.null()
        }
    }

    /// The types that Ollama's OpenAI door uses.
    private static func openAIType(status: Int) -> String {
        switch status {
        case 400: "invalid_request_error"
        case 404: "not_found_error"
        default: "api_error"
        }
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
