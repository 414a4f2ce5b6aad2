import Foundation
import TestSupport
import Testing

/// In free mode no request reaches a model that costs money, or asks for a service that does, whatever a client sends.
@Suite(.timeLimit(.minutes(10)))
struct NothingIsEverPaid {
    /// The dearest of all, and a free id with a price.
    private static let paid = ListedModel(id: "oak/paid", context: 900_000, price: "0.001")
    private static let priced = ListedModel(id: "oak/paid-after-all:free", context: 800_000, price: "0.001")
    private static let models = ListedModel.three + [paid, priced]

    /// Fields of a body in OpenAI's shape, each after a model and messages that are in order.
    static let hostileFields = [
        #""models":["oak/paid"]"#, #""\u006dodels":["oak/paid"]"#, #""models":"oak/paid""#, #""models":null"#,
        #""models":[],"models":["oak/paid"]"#, #""route":"fallback","models":["oak/paid","alpha-70b"]"#,
        #""rout\u0065":"fallback""#, #""preset":"paid""#, #""pres\u0065t":"paid""#, #""preset":{"slug":"paid"}"#,
        #""plugins":[{"id":"web"}]"#, #""\u0070lugins":[{"id":"web"}]"#, #""plugins":{"id":"file-parser"}"#,
        #""plugins":[],"plugins":[{"id":"web"}]"#, #""web_search_options":{"search_context_size":"high"}"#,
        #""web_search_option\u0073":{"search_context_size":"high"}"#, #""service_tier":"priority""#,
        #""\u0073ervice_tier":"flex""#, #""provider":{"only":["paid"],"order":["paid"],"allow_fallbacks":true}"#,
        #""provider":{"max_price":{"prompt":100},"sort":"throughput","data_collection":"deny"}"#,
        #""prov\u0069der":{"ord\u0065r":["paid"],"zdr":true}"#,
        #""provider":{"zdr":true},"provider":{"only":["paid"]}"#, #""provider":["paid"]"#, #""provider":"paid""#,
        #""tools":[{"type":"openrouter:web_search"}]"#, #""tools":[{"type":"web_search_preview"}]"#,
        #""tools":[{"\u0074ype":"openrouter:datetime"}]"#,
        #""tools":[{"type":"function","function":{"name":"f"}},{"type":"web_search"}]"#,
        #""tools":[],"tools":[{"type":"web_search"}]"#,
        #""tools":[{"type":"function","type":"web_search","function":{"name":"f"}}]"#,
        #""model":"oak/paid""#, #""mod\u0065l":"oak/paid""#, #""model":"oak\/paid""#,
    ]

    static let hostileNames = [
        "oak/paid", "paid", "OAK/Paid", "oak/paid:latest", "oak/paid:free", "oak/paid:online", "oak/paid:nitro",
        "oak/paid-after-all:free", "paid-after-all", "birch/alpha-70b", "birch/alpha-70b:online",
        "birch/alpha-70b:free:online", "alpha-70b:nitro", "birch/alpha-70b:free:nitro", "birch/alpha-70b:floor",
        "@preset/paid", "birch/alpha-70b:free@preset/paid", "openrouter/auto", "~openai/latest", "oak/paid ",
        " oak/paid", "oak/paid,birch/alpha-70b:free", "oak/paid\\u0000", "mine", "named",
    ]

    private func stage() throws -> Stage {
        // Names that stand for what costs money are not to be used either.
        let stage = try Stage(
            models: Self.models,
            settings: Stage.unlimited.merging(["MODEL_ALIASES": "mine=oak/paid,named=oak/paid-after-all:free"]) { $1 })
        try stage.scriptAll(Answer.words(["fine"]))
        return stage
    }

    /// Whatever was answered, what arrived upstream is free.
    private func expectNothingPaid(_ stage: Stage, _ given: String, status: Int) throws {
        let requests = try stage.upstream.chatRequests()
        // What is refused is refused here.
        #expect(requests.isEmpty == ([400, 404].contains(status)), "\(given)")
        for request in requests {
            let body = request.json
            #expect(ListedModel.three.map(\.id).contains(body["model"] as? String ?? ""), "\(given)")
            for field in ["models", "route", "preset", "service_tier"] { #expect(body[field] == nil, "\(given)") }
            for field in ["plugins", "web_search_options"] {
                let count = (body[field] as? [Any])?.count ?? (body[field] as? JSONObject)?.count ?? 0
                #expect(count == 0, "\(given)")
            }
            if let provider = body["provider"] {
                let kept: Set = ["data_collection", "zdr", "require_parameters", "quantizations", "ignore"]
                let keys = try #require(provider as? JSONObject).keys
                #expect(kept.isSuperset(of: keys) && !keys.isEmpty, "\(given)")
            }
            for tool in body["tools"] as? [JSONObject] ?? [] {
                #expect(tool["type"] as? String == "function", "\(given)")
            }
            // Of a field that comes twice, a parser shows but one.
            for word in ["paid", "\"web", "web_search", "priority", "flex", ":online", ":nitro", "max_price"] {
                #expect(!request.body.contains(word), "\(given) → \(request.body)")
            }
        }
        try stage.upstream.clearRequests()
    }

    @Test(arguments: [true, false])
    func noFieldBuysAnything(stream: Bool) throws {
        let stage = try stage()
        let rest = #""messages":[{"role":"user","content":"Hello"}],"stream":\#(stream)"#
        let model = #""model":"birch/alpha-70b:free""#
        for fields in Self.hostileFields {
            for given in [
                "{\(model),\(rest),\(fields)}", "{\(fields),\(rest),\(model)}", "{\(rest),\(fields),\(model)}",
            ] {
                let response = try stage.client.post("/v1/chat/completions", json: given)
                #expect([200, 400].contains(response.status), "\(given): \(response.text)")
                try expectNothingPaid(stage, given, status: response.status)
            }
        }
    }

    @Test(arguments: ["/v1/chat/completions", "/api/chat", "/api/generate"])
    func noNameBuysAnything(path: String) throws {
        let stage = try stage()
        for name in Self.hostileNames {
            let given =
                #"{"model":"\#(name)","prompt":"Hello","messages":[{"role":"user","content":"Hello"}],"stream":false}"#
            let response = try stage.client.post(path, json: given)
            #expect([200, 400, 404].contains(response.status), "\(given): \(response.text)")
            try expectNothingPaid(stage, given, status: response.status)
        }
    }

    /// Ollama's door hands none of these fields on, at the top level or among the options.
    @Test func noFieldOfOllamasDoorBuysAnything() throws {
        let stage = try stage()
        let rest = #""model":"birch/alpha-70b:free","messages":[{"role":"user","content":"Hello"}],"stream":false"#
        for fields in Self.hostileFields {
            for given in ["{\(rest),\(fields)}", "{\(rest),\"options\":{\(fields)}}"] {
                let response = try stage.client.post("/api/chat", json: given)
                #expect([200, 400].contains(response.status), "\(given): \(response.text)")
                try expectNothingPaid(stage, given, status: response.status)
            }
        }
    }

    /// When all free models fail, the paid ones are no fallback.
    @Test func noFailureLeadsToAPaidModel() throws {
        let stage = try stage()
        try stage.scriptAll(Answer.failure("503"))
        for name in ["oak/paid", "any", "auto", "mine"] { #expect(try stage.chat(name).status == 502) }
        try expectNothingPaid(stage, "failures", status: 502)
    }

    /// Neither by its name nor by a copy's.
    @Test func noPaidModelCanBeShownOrCopied() throws {
        let stage = try stage()
        for name in ["oak/paid", "oak/paid-after-all:free", "mine"] {
            #expect(try stage.client.post("/api/show", json: JSON.text(["model": name])).status == 404)
            let copy = JSON.text(["source": name, "destination": "cheap"])
            #expect(try stage.client.post("/api/copy", json: copy).status == 404)
        }
        #expect(try stage.listedNames() == ListedModel.three.map(\.id))
    }

    /// What protects the client's data stays; which provider serves is not the client's to say.
    @Test func theRestOfTheProvidersFieldIsForwarded() throws {
        let stage = try stage()
        let provider: JSONObject = [
            "data_collection": "deny", "zdr": true, "require_parameters": true, "quantizations": ["fp8"],
            "ignore": ["Fake"], "order": ["paid"], "only": ["paid"], "allow_fallbacks": false, "sort": "price",
            "max_price": ["prompt": 1] as JSONObject,
        ]
        #expect(try stage.openAIChat(ListedModel.first.id, ["provider": provider]).status == 200)
        let expected = provider.filter { !["order", "only", "allow_fallbacks", "sort", "max_price"].contains($0.key) }
        #expect(JSON.text(try stage.onlyRequest().json["provider"] ?? 0) == JSON.text(expected))
    }
}
