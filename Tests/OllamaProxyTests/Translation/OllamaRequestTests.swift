import Foundation
import OllamaProxy
import Testing

/// What a request to `/api/chat` becomes upstream.
struct OllamaRequestTests {
    private static func upstream(_ json: String, model chosen: Model = model("v/m:free")) throws -> [String: Any] {
        try withBytes(json) { bytes in
            let request = try UpstreamRequest(try OllamaChatRequest(bytes))
            let body = request.body(for: chosen).joined().bytes
            return try #require(try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])
        }
    }

    private static func message(_ fields: String) throws -> [String: Any] {
        let body = try upstream(#"{"model":"m","messages":[\#(fields)]}"#)
        return try #require((body["messages"] as? [[String: Any]])?.last)
    }

    /// Compares JSON values by their canonical text.
    private static func expect(_ value: Any?, is json: String, _ location: SourceLocation = #_sourceLocation) throws {
        let expected = try JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed)
        #expect(JSONTree.isEqual(value ?? "missing", expected), "\(value ?? "missing")", sourceLocation: location)
    }

    @Test func carriesAPlainChatOver() throws {
        let body = try Self.upstream(
            #"{"model":"m","messages":[{"role":"system","content":"s\u00e9"},{"role":"user","content":"hi"}]}"#)
        try Self.expect(
            body,
            is: """
                {"messages":[{"role":"system","content":"sé"},{"role":"user","content":"hi"}],"stream":true,
                 "stream_options":{"include_usage":true},"model":"v/m:free"}
                """)
    }

    @Test func translatesOptionsAndDropsTheRunnersOwn() throws {
        let body = try Self.upstream(
            """
            {"model":"m","messages":[{"role":"user","content":"x"}],"options":{"temperature":0.5,"top_p":0.9,"top_k":40,
             "min_p":0.1,"seed":7,"stop":["a","b"],"num_predict":128,"repeat_penalty":1.1,"presence_penalty":0.2,
             "frequency_penalty":0.3,"num_ctx":8192,"num_gpu":1,"mirostat":null}}
            """)
        for (key, value) in [
            ("temperature", "0.5"), ("top_p", "0.9"), ("top_k", "40"), ("min_p", "0.1"), ("seed", "7"),
            ("stop", #"["a","b"]"#), ("max_tokens", "128"), ("repetition_penalty", "1.1"),
            ("presence_penalty", "0.2"), ("frequency_penalty", "0.3"),
        ] {
            try Self.expect(body[key], is: value)
        }
        #expect(body.keys.count == 14)
    }

    @Test(arguments: ["-1", "-2", "0", "null"])
    func anUnlimitedAnswerHasNoLimit(value: String) throws {
        let body = try Self.upstream(
            #"{"model":"m","messages":[{"role":"user","content":"x"}],"options":{"num_predict":\#(value)}}"#)
        #expect(body["max_tokens"] == nil)
    }

    @Test func takesOptionsAtTheTopLevelAndStopAsAText() throws {
        let body = try Self.upstream(
            #"{"model":"m","messages":[{"role":"user","content":"x"}],"temperature":0,"stop":"END","seed":null}"#)
        try Self.expect(body["temperature"], is: "0")
        try Self.expect(body["stop"], is: #"["END"]"#)
        #expect(body["seed"] == nil)
    }

    @Test func translatesFormats() throws {
        let schema = #"{"type":"object","properties":{"a":{"type":"string"}}}"#
        let json = try Self.upstream(#"{"model":"m","messages":[{"role":"user","content":"x"}],"format":"json"}"#)
        try Self.expect(json["response_format"], is: #"{"type":"json_object"}"#)
        let withSchema = try Self.upstream(
            #"{"model":"m","messages":[{"role":"user","content":"x"}],"format":\#(schema)}"#)
        try Self.expect(
            withSchema["response_format"],
            is: #"{"type":"json_schema","json_schema":{"name":"response","schema":\#(schema)}}"#)
        for none in ["null", #""""#] {
            let body = try Self.upstream(#"{"model":"m","messages":[{"role":"user"}],"format":\#(none)}"#)
            #expect(body["response_format"] == nil)
        }
    }

    @Test(
        arguments: [
            ("true", false, #"{"enabled":true}"#), ("false", false, #"{"enabled":false}"#),
            ("false", true, #"{"exclude":true}"#), (#""low""#, false, #"{"effort":"low"}"#),
            (#""max""#, false, #"{"effort":"high"}"#), (#""max""#, true, #"{"effort":"xhigh"}"#),
            (#""low""#, true, #"{"effort":"medium"}"#),
        ])
    func translatesThink(think: String, isMandatory: Bool, reasoning: String) throws {
        let chosen = model("v/m") {
            $0.reasoning = .init(isMandatory: isMandatory, supportedEfforts: isMandatory ? ["xhigh", "medium"] : [])
        }
        let body = try Self.upstream(
            #"{"model":"m","messages":[{"role":"user","content":"x"}],"think":\#(think)}"#, model: chosen)
        try Self.expect(body["reasoning"], is: reasoning)
    }

    @Test func givesEveryAttemptItsOwnModel() throws {
        try withBytes(#"{"model":"m","messages":[{"role":"user","content":"x"}],"think":true}"#) { bytes in
            let request = try UpstreamRequest(try OllamaChatRequest(bytes))
            let first = request.body(for: model("a/long-name:free")).joined().text
            let second = request.body(for: model("b/x")).joined().text
            #expect(first.replacing("a/long-name:free", with: "b/x") == second)
        }
    }

    @Test(
        arguments: [
            ("iVBORw0KGgoAAAANSUhEUg==", "image/png"), ("/9j/4AAQSkZJRgABAQ==", "image/jpeg"),
            (#"\/9j\/4AAQSkZJRgABAQ=="#, "image/jpeg"), ("R0lGODlhAQABAIAAAA==", "image/gif"),
            ("UklGRiIAAABXRUJQVlA4", "image/webp"),
        ])
    func recognisesImagesByTheirBytes(base64: String, type: String) throws {
        let message = try Self.message(#"{"role":"user","content":"what?","images":["\#(base64)"]}"#)
        let plain = base64.replacing("\\", with: "")
        try Self.expect(
            message["content"],
            is: """
                [{"type":"text","text":"what?"},
                 {"type":"image_url","image_url":{"url":"data:\(type);base64,\(plain)"}}]
                """)
    }

    @Test(arguments: [#"iVBORw0KGgo\u0022}}],\u0022models\u0022:[\u0022x"#, "iVBORw0KGgo=\\\\", "iVBORw0KGgo é"])
    func refusesWhatOnlyBeginsLikeAnImage(image: String) {
        #expect(throws: RequestError.self) {
            try Self.message(#"{"role":"user","content":"","images":["\#(image)"]}"#)
        }
    }

    @Test func refusesMoreMessagesThanAnyChatHas() {
        let messages = String(repeating: "{},", count: 60_000) + "{}"
        let error = #expect(throws: RequestError.self) {
            try Self.upstream(#"{"model":"m","messages":[\#(messages)]}"#)
        }
        #expect(error?.message.contains("messages[50000]: more than 50000 elements") == true)
    }

    @Test(
        arguments: [
            (#"{"model":"m","messages":[{},{"role":7}]}"#, "messages[1].role: found a number, expected a string"),
            (#"{"model":"m","messages":[{"tool_calls":[{"function":[]}]}]}"#, "messages[0].tool_calls[0].function: "),
            (#"{"model":"m","options":7}"#, "options: found a number, expected an object"),
        ])
    func namesTheField(json: String, field: String) {
        let error = #expect(throws: RequestError.self) { try Self.upstream(json) }
        #expect(error?.message.contains(field) == true, "\(error?.message ?? "")")
    }

    @Test func refusesMoreToolCallsThanAnyChatHas() {
        let calls = String(repeating: "{},", count: 6000) + "{}"
        let message = #"{"tool_calls":[\#(calls)]}"#
        let error = #expect(throws: RequestError.self) {
            try Self.upstream(#"{"model":"m","messages":[\#(message),\#(message)]}"#)
        }
        #expect(error?.message.contains("messages[1].tool_calls[") == true)
    }

    @Test func namesAFieldHoweverDeepTheRestIs() {
        let body = #"{"model":"m","x":"# + String(repeating: "[", count: 100_000)
        let error = #expect(throws: RequestError.self) { try Self.upstream(body) }
        #expect(error?.message.contains("more than 512 levels") == true)
        #expect((error?.message.utf8.count ?? 0) < 200)
    }

    @Test func passesDataURLsOn() throws {
        let escaped = try Self.message(#"{"role":"user","content":"","images":["data:image\/png;base64,AA=="]}"#)
        try Self.expect(
            escaped["content"], is: #"[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]"#)
        let message = try Self.message(#"{"role":"user","content":"","images":["data:image/png;base64,AA=="]}"#)
        try Self.expect(
            message["content"], is: #"[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]"#)
    }

    @Test func pairsToolResultsWithTheirCalls() throws {
        let body = try Self.upstream(
            """
            {"model":"m","messages":[
             {"role":"assistant","content":"","tool_calls":[
               {"function":{"name":"first","arguments":{"a":"\\"x\\""}}},
               {"id":"given","function":{"name":"second","arguments":"{\\"b\\":1}"}},
               {"function":{"name":"third"}}]},
             {"role":"tool","content":"by id","tool_call_id":"given"},
             {"role":"tool","content":"by name","tool_name":"third"},
             {"role":"tool","content":"by order"}]}
            """)
        try Self.expect(
            body["messages"],
            is: #"""
                [{"role":"assistant","content":"","tool_calls":[
                   {"id":"call_0","type":"function","function":{"name":"first","arguments":"{\"a\":\"\\\"x\\\"\"}"}},
                   {"id":"given","type":"function","function":{"name":"second","arguments":"{\"b\":1}"}},
                   {"id":"call_1","type":"function","function":{"name":"third","arguments":"{}"}}]},
                 {"role":"tool","content":"by id","tool_call_id":"given"},
                 {"role":"tool","content":"by name","tool_call_id":"call_1","name":"third"},
                 {"role":"tool","content":"by order","tool_call_id":"call_0"}]
                """#)
    }

    @Test func carriesToolsAndThinkingOver() throws {
        let tools = #"[{"type":"function","function":{"name":"f"},"extra":[1]}]"#
        let body = try Self.upstream(
            #"{"model":"m","tools":\#(tools),"messages":[{"role":"assistant","content":"c","thinking":"t"}]}"#)
        try Self.expect(body["tools"], is: tools)
        try Self.expect(body["messages"], is: #"[{"role":"assistant","content":"c","reasoning":"t"}]"#)
        let none = try Self.upstream(#"{"model":"m","tools":[],"messages":[{"role":"user","content":"c"}]}"#)
        #expect(none["tools"] == nil)
    }

    @Test(
        arguments: [
            (#"{"messages":[]}"#, "model is required"),
            (#"{"model":""}"#, "model is required"),
            (#"{"model":7}"#, "found a number, expected a string"),
            (#"{"model":"m","messages":{}}"#, "found an object, expected an array"),
            (#"{"model":"m","messages":[{"images":[1]}]}"#, "found a number, expected a string"),
            (#"{"model":"m","options":{"temperature":"hot"}}"#, #"option "temperature" must be of type float32"#),
            (#"{"model":"m","options":{"seed":1.5}}"#, #"option "seed" must be of type integer"#),
            (#"{"model":"m","options":{"stop":[1]}}"#, #"option "stop" must be of type array of strings"#),
            (#"{"model":"m","format":"xml"}"#, #"invalid format: "xml""#),
            (#"{"model":"m","think":"sometimes"}"#, "invalid think value"),
            (#"{"model":"m"} trailing"#, "unexpected bytes after the value"),
            (#"{"model":"#, "unexpected end of JSON input"),
            (#"{"model":"m","messages":[{"role":"user","images":["SGVsbG8="]}]}"#, "unsupported image"),
        ])
    func refusesWithAReason(json: String, reason: String) {
        let error = #expect(throws: RequestError.self) { try Self.upstream(json) }
        #expect(error?.status == 400)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        ("0", true), ("\"0\"", true), ("\"0s\"", true), ("\"5m\"", false), ("-1", false), ("null", false),
    ])
    func recognisesLoadsAndUnloads(keepAlive: String, isUnload: Bool) throws {
        try withBytes(#"{"model":"m","messages":[],"keep_alive":\#(keepAlive)}"#) { bytes in
            let request = try OllamaChatRequest(bytes)
            #expect(request.isLoadOrUnload)
            #expect(request.generation.isUnload == isUnload)
        }
    }
}

/// What a request to `/v1/chat/completions` becomes upstream.
struct OpenAIRequestTests {
    static func forwarded(_ json: String, to id: String, freeOnly: Bool = true) throws -> String {
        try withBytes(json) { bytes in
            let request = try ForwardedRequest(bytes, freeOnly: freeOnly)
            let upstream = UpstreamRequest(forwarding: ByteBuffer(copying: bytes), edits: request.edits)
            return upstream.body(for: model(id)).joined().text
        }
    }

    @Test func replacesEveryModelThatIsNamed() throws {
        let body = #"{"model":"paid/one","messages":[],"mod\u0065l":"paid/two"}"#
        #expect(try Self.forwarded(body, to: "v/n") == #"{"model":"v/n","messages":[],"mod\u0065l":"v/n"}"#)
    }

    @Test func changesNoMoreThanAnyClientNeeds() {
        let body = #"{"model":"m","messages":[\#(String(repeating: #"{"id":1},"#, count: 50_000)){}]}"#
        let error = #expect(throws: RequestError.self) { try Self.forwarded(body, to: "v/n") }
        #expect(error?.message.contains("one field too many") == true)
    }

    @Test func changesNothingButTheModel() throws {
        let body = #" { "metadata" : [1.50, {"model":"inner"}], "model" : "old" , "messages": [], "stream":true}"#
        #expect(try Self.forwarded(body, to: "v/new:free") == body.replacing(#""old""#, with: #""v/new:free""#))
        let other = body.replacing("metadata", with: "tomorrow's field")
        #expect(
            try Self.forwarded(other, to: "v/new", freeOnly: false) == other.replacing(#""old""#, with: #""v/new""#))
    }

    @Test(
        arguments: [
            (#"{"messages":[]}"#, "model is required"), (#"{"model":"m"}"#, "messages is required"),
            ("[]", "found an array, expected an object"),
        ])
    func refusesWithAReason(json: String, reason: String) {
        let error = #expect(throws: RequestError.self) { try Self.forwarded(json, to: "v/n") }
        #expect(error?.status == 400 && error?.message.contains(reason) == true)
    }
}
