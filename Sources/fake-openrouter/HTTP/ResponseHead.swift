/// Renders status lines and headers.
enum ResponseHead {
    /// The head of an answer whose body comes in chunks.
    static func chunked(
        status: Int = 200, contentType: String, headers: [(String, String)] = [], closes: Bool = false
    ) -> [UInt8] {
        render(
            status: status, contentType: contentType, headers: headers + [("Transfer-Encoding", "chunked")],
            closes: closes)
    }

    /// The head of an answer whose body has a known length.
    static func sized(
        status: Int, contentType: String, length: Int, headers: [(String, String)] = [], closes: Bool = false
    ) -> [UInt8] {
        render(
            status: status, contentType: contentType, headers: headers + [("Content-Length", String(length))],
            closes: closes)
    }

    private static func render(
        status: Int, contentType: String, headers: [(String, String)], closes: Bool
    ) -> [UInt8] {
        var text = "HTTP/1.1 \(status) \(reason(of: status))\r\n"
        text += "Content-Type: \(contentType)\r\n"
        text += "Connection: \(closes ? "close" : "keep-alive")\r\n"
        text += "Server: fake-openrouter\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        return Array((text + "\r\n").utf8)
    }

    private static func reason(of status: Int) -> String {
        switch status {
        case 200: "OK"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 402: "Payment Required"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 413: "Content Too Large"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        default: "Status"
        }
    }
}

extension ResponsePlan {
    /// A whole answer with a body of known length.
    static func sized(
        status: Int = 200, contentType: String = "application/json", headers: [(String, String)] = [], body: [UInt8],
        ending: Ending = .complete
    ) -> ResponsePlan {
        var builder = PlanBuilder()
        builder.raw(
            ResponseHead.sized(
                status: status, contentType: contentType, length: body.count, headers: headers,
                closes: ending == .close))
        builder.raw(body)
        return builder.plan(ending: ending)
    }

    /// A whole answer with a JSON body.
    static func json(_ value: JSONValue, status: Int = 200, headers: [(String, String)] = []) -> ResponsePlan {
        .sized(status: status, headers: headers, body: value.rendered)
    }

    /// OpenRouter's error shape.
    static func error(_ status: Int, _ message: String) -> ResponsePlan {
        .json(["error": ["message": .string(message), "code": .int(status)]], status: status)
    }
}
