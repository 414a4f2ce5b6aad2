import OllamaProxy

/// Errors in the upstream's own words.
enum UpstreamErrors {
    static let midway = #"{"code":502,"message":"Upstream error from provider: internal server error"}"#

    static func gone(_ model: String) -> String {
        #"{"error":{"message":"No endpoints found for \#(model).","code":404}}"#
    }

    static let noToolUse = #"{"error":{"message":"No endpoints found that support tool use.","code":404}}"#
    static let noneFits =
        #"{"error":{"message":"No endpoints found that can handle the requested parameters.","code":404}}"#
    static let noPictures = #"{"error":{"message":"No endpoints found that support image input","code":404}}"#

    static func tooLong(holds: Int, tokens: Int) -> String {
        #"{"error":{"message":"This endpoint's maximum context length is \#(holds) tokens. "#
            + #"However, you requested about \#(tokens) tokens (\#(tokens) of text input).","code":400}}"#
    }

    static let poolExhausted =
        #"{"error":{"message":"Provider returned error","code":429,"metadata":{"raw":"the model is temporarily "#
        + #"rate-limited upstream. Please retry shortly.","provider_name":"Somebody","is_byok":false}}}"#

    static let unavailable =
        #"{"error":{"message":"Provider returned error","code":502,"metadata":{"raw":"bad gateway","#
        + #""provider_name":"Somebody","error_type":"provider_unavailable"}}}"#

    static let overloaded =
        #"{"error":{"message":"No instances available","code":503,"metadata":{"error_type":"provider_overloaded"}}}"#

    static let page = "<html><head><title>502 Bad Gateway</title></head><body>cloudflare</body></html>"

    /// A limit of the account's, with the headers that only come with it.
    static func accountLimit(_ name: String, limit: Int, reset: UnixTime) -> String {
        let milliseconds = (reset - .epoch).millisecondsRoundedUp
        return #"{"error":{"message":"Rate limit exceeded: \#(name). ","code":429,"metadata":{"headers":{"#
            + #""X-RateLimit-Limit":"\#(limit)","X-RateLimit-Remaining":"0","X-RateLimit-Reset":"\#(milliseconds)"}}}}"#
    }
}
