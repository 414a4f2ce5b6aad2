/// A request that cannot be served as it is, with the status and the words to answer. The door it came through
/// decides on the shape.
package struct RequestError: Error, Equatable {
    package let status: Int
    package let message: String
    /// After how long trying again makes sense; nil when it does not depend on time.
    package var retryAfter: Span?

    package init(status: Int, message: String, retryAfter: Span? = nil) {
        self.status = status
        self.message = message
        self.retryAfter = retryAfter
    }

    package static func badRequest(_ message: String) -> RequestError {
        RequestError(status: 400, message: message)
    }

    /// - Parameter body: the text that the error was found in, to name the field.
    package static func invalidBody(
        _ error: JSONError, _ body: Bytes, _ strings: LongStrings = .none
    ) -> RequestError {
        guard let field = JSONPath.path(to: error.offset, in: body, strings) else {
            return badRequest("invalid request body: \(error)")
        }
        return badRequest("invalid request body: \(field): \(error)")
    }

    package static func modelNotFound(_ name: String) -> RequestError {
        RequestError(status: 404, message: "model '\(name.prefix(500))' not found")
    }

    package static let shuttingDown = RequestError(
        status: 503, message: "the server is shutting down", retryAfter: .seconds(5))

    package static let keyRequired = RequestError(
        status: 401,
        message: "this server asks for a key: send one of PROXY_API_KEYS as \"Authorization: Bearer KEY\" or "
            + "\"x-api-key: KEY\", or put /key/KEY before the path")

    /// - Parameter limit: how many there may be.
    package static func tooManyRequests(_ limit: Int) -> RequestError {
        RequestError(
            status: 503, message: "server busy, please try again: \(limit) requests are under way",
            retryAfter: .seconds(5)
        )
    }

    package static let modelRequired = badRequest("model is required")
}
