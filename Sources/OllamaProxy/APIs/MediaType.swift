/// The values of `Content-Type` that replies have, as Ollama writes them where it has them.
package enum MediaType {
    package static let json: StaticString = "application/json; charset=utf-8"
    package static let jsonLines: StaticString = "application/x-ndjson"
    package static let eventStream: StaticString = "text/event-stream"
    package static let html: StaticString = "text/html; charset=utf-8"
    package static let css: StaticString = "text/css; charset=utf-8"
    package static let javaScript: StaticString = "text/javascript; charset=utf-8"
    package static let metrics: StaticString = "text/plain; version=0.0.4; charset=utf-8"
    package static let text: StaticString = "text/plain; charset=utf-8"
}
