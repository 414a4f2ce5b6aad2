import OllamaProxy
import Simulation

/// A request as its client writes it, read as the proxy reads it.
struct RandomRequest {
    let door: Door
    let needs: RequestNeeds
    let request: UpstreamRequest
    let name: String

    /// - Throws: `RequestError` for what is refused before any model is asked.
    init(naming name: String, in catalog: Catalog, _ random: inout SplitMix64) throws {
        let stream = random.chance(0.6)
        self.name = name
        switch random.integer(0...2) {
        case 0:
            let tools =
                random.chance(0.2) ? ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"look\"}}]" : ""
            let body =
                "{\"model\":\"\(name)\",\"stream\":\(stream),\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]\(tools)}"
            (door, needs, request) = try body.withBytes { bytes throws(RequestError) in
                let chat = try OllamaChatRequest(bytes)
                return (
                    .ollamaChat(stream: stream), try RequestNeeds(chat, guardsMoney: false), try UpstreamRequest(chat)
                )
            }
        case 1:
            let body = "{\"model\":\"\(name)\",\"stream\":\(stream),\"prompt\":\"hello\"}"
            (door, needs, request) = try body.withBytes { bytes throws(RequestError) in
                let prompt = try OllamaGenerateRequest(bytes)
                return (.ollamaGenerate(stream: stream), RequestNeeds(prompt), try UpstreamRequest(prompt))
            }
        default:
            let extras = random.element(of: [
                "", ",\"models\":[\"v/p0\",\"v/p1\"]", ",\"route\":\"fallback\"",
                ",\"provider\":{\"order\":[\"dear\"]}",
                ",\"service_tier\":\"priority\"", ",\"plugins\":[{\"id\":\"web\"}]",
            ])
            let body = ByteBuffer(
                "{\"model\":\"\(name)\"\(extras),\"stream\":\(stream),"
                    + "\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}")
            let chat = try body.withBytes { bytes throws(RequestError) in
                try ForwardedRequest(
                    bytes, freeOnly: catalog.freeOnly, priceLimit: catalog.selection.maxPricePerMillion)
            }
            (door, needs, request) = (
                .openAIChat(stream: chat.stream), chat.needs, UpstreamRequest(forwarding: body, edits: chat.edits)
            )
        }
    }
}
