/// The values of `Content-Type` that replies have, as Ollama writes them.
package enum MediaType {
    package static let json: StaticString = "application/json; charset=utf-8"
    package static let jsonLines: StaticString = "application/x-ndjson"
    package static let eventStream: StaticString = "text/event-stream"
    package static let text: StaticString = "text/plain; charset=utf-8"
}
