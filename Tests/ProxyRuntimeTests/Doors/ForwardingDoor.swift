import Foundation
import TestSupport
import Testing

/// A door that forwards a stream, and how its API says things.
enum ForwardingDoor: String, CaseIterable, CustomTestStringConvertible {
    case chat, responses, messages

    /// Those whose events have names.
    static let named = [ForwardingDoor.responses, .messages]

    var path: String {
        switch self {
        case .chat: "/v1/chat/completions"
        case .responses: "/v1/responses"
        case .messages: "/v1/messages"
        }
    }

    var endpoint: String { String(path.dropFirst(4)) }
    var testDescription: String { rawValue }

    func body(
        _ model: String = ListedModel.first.id, stream: Bool = true, _ changes: JSONObject = [:]
    ) -> String {
        let common: JSONObject = ["model": model, "stream": stream]
        let prompt: JSONObject =
            self == .responses
            ? ["input": "Hello"] : ["messages": [["role": "user", "content": "Hello"]], "max_tokens": 100]
        return JSON.text(common.merging(prompt) { $1 }.merging(changes) { $1 })
    }

    /// What only the end of a good answer says.
    var endMark: String {
        switch self {
        case .chat: "[DONE]"
        case .responses: "response.completed"
        case .messages: "message_stop"
        }
    }

    /// A tool that the client runs.
    var ownTool: JSONObject {
        switch self {
        case .chat: Requests.tool
        case .responses: ["type": "function", "name": "look", "parameters": ["type": "object"]]
        case .messages: ["name": "look", "input_schema": ["type": "object"]]
        }
    }

    /// Whether an error reply is shaped as the API's own.
    func isError(_ body: JSONObject) -> Bool {
        guard let error = body["error"] as? JSONObject, (error["message"] as? String)?.isEmpty == false else {
            return false
        }
        return self == .messages
            ? Set(body.keys) == ["type", "error", "request_id"] && body["type"] as? String == "error"
                && Set(error.keys) == ["type", "message"]
            : Set(body.keys) == ["error"] && Set(error.keys) == ["message", "type", "param", "code"]
    }

    /// Whether the last event of a stream is shaped as an error of the API's own.
    func isError(_ event: DoorReply.Event) -> Bool {
        switch self {
        case .chat: return event.name == nil && isError(event.json)
        case .messages: return event.name == "error" && isError(event.json)
        case .responses:
            let keys: Set = ["type", "code", "message", "param"]
            return event.name == "error" && event.json["type"] as? String == "error"
                && keys.isSubset(of: event.json.keys)
                && (event.json["message"] as? String)?.isEmpty == false
        }
    }
}

/// A reply of a forwarding door, streamed or not.
struct DoorReply {
    struct Event {
        var name: String?
        var data: String

        /// Empty when the data is no object.
        var json: JSONObject { (try? JSON.object(data)) ?? [:] }
    }

    let response: HTTPResponse
    let events: [Event]

    init(_ response: HTTPResponse) {
        self.response = response
        events = response.text.components(separatedBy: "\n\n").compactMap { block in
            var event = Event(name: nil, data: "")
            for line in block.split(separator: "\n") {
                if line.hasPrefix("event: ") { event.name = String(line.dropFirst(7)) }
                if line.hasPrefix("data: ") { event.data += line.dropFirst(6) }
            }
            return event.data.isEmpty ? nil : event
        }
    }

    var status: Int { response.status }
    var answeredBy: String? { response.headers["X-Proxy-Model"] }
    var attempts: String? { response.headers["X-Proxy-Attempts"] }

    /// The words of a stream in order, whichever API tells them.
    var words: [String] {
        events.compactMap { event in
            let json = event.json
            if json["type"] as? String == "response.output_text.delta" { return json["delta"] as? String }
            if let delta = json["delta"] as? JSONObject { return delta["text"] as? String }
            let delta = (json["choices"] as? [JSONObject])?.first?["delta"] as? JSONObject
            return (delta?["content"] as? String).flatMap { $0.isEmpty ? nil : $0 }
        }
    }

    func expectAnswer(_ expected: [String], by model: ListedModel, at door: ForwardingDoor) {
        #expect(status == 200)
        #expect(words == expected)
        #expect(answeredBy == model.id)
        #expect(response.text.components(separatedBy: "event: error").count == 1)
        #expect(events.count { $0.data == door.endMark || $0.name == door.endMark } == 1)
    }
}

extension Stage {
    func send(
        _ door: ForwardingDoor, to model: String = ListedModel.first.id, stream: Bool = true,
        _ changes: JSONObject = [:]
    ) throws -> DoorReply {
        DoorReply(try client.post(door.path, json: door.body(model, stream: stream, changes)))
    }

    /// Replaces all rules; what is not listed gets the fake's own answer.
    func script(_ door: ForwardingDoor, _ rules: [(model: ListedModel, answers: [JSONObject])]) throws {
        try upstream.setScript([
            "rules": rules.map { ["model": $0.model.id, "endpoint": door.endpoint, "answers": $0.answers] }
        ])
    }

    /// The requests of one door so far, the oldest first.
    func requests(_ door: ForwardingDoor) throws -> [FakeOpenRouter.RecordedRequest] {
        try upstream.requests().filter { $0.path.hasSuffix("/" + door.endpoint) }
    }

    /// The models asked so far, in order; a request that libcurl repeats by itself counts once.
    func modelsAsked(_ door: ForwardingDoor) throws -> [String] {
        try requests(door).map { $0.model ?? "" }.reduce(into: []) { models, model in
            if models.last != model { models.append(model) }
        }
    }
}
