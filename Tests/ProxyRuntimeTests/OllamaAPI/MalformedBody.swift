import Foundation
import Testing

/// A body for one of the routes that take JSON, made wrong in one place.
struct MalformedBody: CustomTestStringConvertible {
    let route: PostRoute
    /// The field that the error has to name.
    let field: String
    let json: String

    var testDescription: String { "\(route.path) \(json.prefix(120))" }
}

/// A route of the Ollama API that takes a JSON body, with a body that it serves and the types of its fields.
struct PostRoute: CustomTestStringConvertible {
    /// What a field may hold; null is taken for nothing everywhere.
    enum Kind: String {
        case string, strings, bool, number, object, array
        /// A number of seconds or a duration.
        case duration
        /// true, false or a level.
        case think
        /// "json" or a schema.
        case format
        /// A text or several.
        case texts

        /// Values of every type that is not this one.
        var wrongValues: [String] {
            let all = ["5", "true", "{\"a\":1}", "[{}]", "[5]", "\"text\""]
            return all.filter { !accepts($0) }
        }

        private func accepts(_ value: String) -> Bool {
            switch (self, value) {
            case (.string, "\"text\""), (.bool, "true"), (.number, "5"), (.duration, "5"), (.think, "true"),
                (.object, "{\"a\":1}"), (.format, "{\"a\":1}"), (.array, "[{}]"), (.array, "[5]"),
                (.texts, "\"text\""):
                true
            default: false
            }
        }
    }

    let path: String
    var method = "POST"
    /// Fields that make a body which is served.
    let valid: String
    let kinds: [(field: String, kind: Kind)]

    var testDescription: String { path }
    var body: String { "{\(valid)}" }

    private static let model = "\"model\":\"alpha-70b\""

    private static let generation: [(field: String, kind: Kind)] = [
        ("model", .string), ("stream", .bool), ("format", .format), ("think", .think), ("keep_alive", .duration),
        ("options", .object), ("logprobs", .bool), ("top_logprobs", .number), ("truncate", .bool), ("shift", .bool),
    ]
    private static let options: [(field: String, kind: Kind)] = [
        ("temperature", .number), ("top_p", .number), ("top_k", .number), ("min_p", .number), ("seed", .number),
        ("num_predict", .number), ("repeat_penalty", .number), ("presence_penalty", .number),
        ("frequency_penalty", .number),
    ]
    private static let embedding: [(field: String, kind: Kind)] = [
        ("model", .string), ("truncate", .bool), ("keep_alive", .duration), ("options", .object),
        ("dimensions", .number),
    ]
    private static let management: [(field: String, kind: Kind)] = [
        ("model", .string), ("name", .string), ("stream", .bool), ("insecure", .bool), ("verbose", .bool),
        ("system", .string), ("template", .string), ("options", .object),
    ]

    static var all: [PostRoute] {
        [
            PostRoute(
                path: "/api/chat", valid: model + ",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]",
                kinds: generation + options + [("messages", .array), ("tools", .array)]),
            PostRoute(
                path: "/api/generate", valid: model + ",\"prompt\":\"hi\"",
                kinds: generation + options + [
                    ("prompt", .string), ("system", .string), ("suffix", .string), ("images", .strings),
                    ("raw", .bool), ("template", .string), ("context", .array),
                ]),
            PostRoute(
                path: "/api/embed", valid: model + ",\"input\":\"hi\"", kinds: embedding + [("input", .texts)]),
            PostRoute(
                path: "/api/embeddings", valid: model + ",\"prompt\":\"hi\"",
                kinds: embedding + [("prompt", .string)]),
            PostRoute(path: "/api/show", valid: model, kinds: management),
            PostRoute(path: "/api/pull", valid: model, kinds: management),
            PostRoute(
                path: "/api/copy", valid: "\"source\":\"alpha-70b\",\"destination\":\"mine\"",
                kinds: [("source", .string), ("destination", .string)]),
            PostRoute(path: "/api/delete", method: "DELETE", valid: "\"model\":\"mine\"", kinds: [("model", .string)]),
        ]
    }

    /// The body with each field in turn as each type that it is not.
    var wrongTypes: [MalformedBody] {
        kinds.flatMap { field, kind in
            kind.wrongValues.filter { !(kind == .array && field != "context" && $0 == "[5]") }.map { value in
                // Behind the valid one, as the last one counts.
                MalformedBody(route: self, field: field, json: "{\(valid),\"\(field)\":\(value)}")
            }
        } + wrongElements
    }

    /// The same inside of the fields that are made of others.
    private var wrongElements: [MalformedBody] {
        switch path {
        case "/api/chat": wrongMessages + wrongOptions
        case "/api/generate": wrongOptions
        default: []
        }
    }

    private var wrongOptions: [MalformedBody] {
        (Self.options + [("stop", .texts)]).flatMap { field, kind in
            kind.wrongValues.map { value in
                MalformedBody(route: self, field: field, json: "{\(valid),\"options\":{\"\(field)\":\(value)}}")
            }
        }
    }

    private var wrongMessages: [MalformedBody] {
        let elements: [(path: String, json: String, kind: Kind)] = [
            ("messages[0]", "@", .object), ("messages[0].role", "{\"role\":@}", .string),
            ("messages[0].thinking", "{\"thinking\":@}", .string), ("messages[0].images", "{\"images\":@}", .strings),
            ("messages[0].tool_name", "{\"tool_name\":@}", .string),
            ("messages[0].tool_call_id", "{\"tool_call_id\":@}", .string),
            ("messages[0].tool_calls[0]", "{\"tool_calls\":[@]}", .object),
            ("messages[0].tool_calls[0].id", "{\"tool_calls\":[{\"id\":@}]}", .string),
            ("messages[0].tool_calls[0].function", "{\"tool_calls\":[{\"function\":@}]}", .object),
            (
                "messages[0].tool_calls[0].function.name", "{\"tool_calls\":[{\"function\":{\"name\":@}}]}", .string
            ),
        ]
        return elements.flatMap { path, json, kind in
            kind.wrongValues.map { value in
                let message = json.replacingOccurrences(of: "@", with: value)
                return MalformedBody(
                    route: self, field: path, json: "{\"model\":\"alpha-70b\",\"messages\":[\(message)]}")
            }
        }
    }
}
