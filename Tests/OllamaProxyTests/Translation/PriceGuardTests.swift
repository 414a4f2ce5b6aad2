import OllamaProxy
import Testing

/// In free mode nothing that costs money gets through the OpenAI door.
struct PriceGuardTests {
    @Test(
        arguments: [
            (#"{"models":["paid/x"],"model":"m","messages":[]}"#, #"{"model":"f","messages":[]}"#),
            (#"{"model":"m","models":["paid/x"],"messages":[]}"#, #"{"model":"f","messages":[]}"#),
            (#"{"model":"m","messages":[],"models":["paid/x"] }"#, #"{"model":"f","messages":[] }"#),
            (
                #"{"model":"m","messages":[] , "route":"fallback","models":[1], "preset":"p"}"#,
                #"{"model":"f","messages":[]}"#
            ),
            (
                #"{"model":"m","route":"x","messages":[],"mod\u0065ls":["paid/x"],"seed":1}"#,
                #"{"model":"f","messages":[],"seed":1}"#
            ),
            (
                #"{"service_tier":"flex","model":"m","messages":[],"inner":{"models":[1]}}"#,
                #"{"model":"f","messages":[],"inner":{"models":[1]}}"#
            ),
            (#"{"model":"m","plugins":[],"messages":[]}"#, #"{"model":"f","plugins":[],"messages":[]}"#),
            (
                #"{"model":"m","messages":[],"tools":[{"type":"function","function":{"name":"f"}}]}"#,
                #"{"model":"f","messages":[],"tools":[{"type":"function","function":{"name":"f"}}]}"#
            ),
        ])
    func leavesOutWhatNamesOtherModels(body: String, forwarded: String) throws {
        #expect(try OpenAIRequestTests.forwarded(body, to: "f") == forwarded)
        #expect(
            try OpenAIRequestTests.forwarded(body, to: "f", freeOnly: false)
                == body.replacing(#""model":"m""#, with: #""model":"f""#))
    }

    @Test(
        arguments: [
            (#""plugins":[{"id":"web"}]"#, "plugins: costs money"),
            (#""web_search_options":{"search_context_size":"high"}"#, "web_search_options: costs money"),
            (#""tools":[{"type":"openrouter:web_search"}]"#, "openrouter:web_search"),
            (#""tools":[{"type":"function"},{"t\u0079pe":"web_search_preview"}]"#, "web_search_preview"),
        ])
    func refusesServicesWithAPriceOfTheirOwn(field: String, reason: String) throws {
        let body = #"{"model":"m","messages":[],\#(field)}"#
        let error = #expect(throws: RequestError.self) { try OpenAIRequestTests.forwarded(body, to: "f") }
        #expect(error?.status == 400 && error?.message.contains(reason) == true)
        #expect(try OpenAIRequestTests.forwarded(body, to: "f", freeOnly: false).contains(field))
    }

    @Test(
        arguments: [
            (#""provider":{"only":["x"],"order":["y"],"max_price":{"prompt":1},"sort":"price"}"#, nil),
            (#""provider":"anything""#, nil), (#""provider":null"#, nil),
            (
                #""provider": {"allow_fallbacks":false, "data_collection" : "deny","zdr":true,"only":["x"]}"#,
                #""provider": {"data_collection":"deny","zdr":true}"#
            ),
        ])
    func choosesTheProviderItself(field: String, remains: String?) throws {
        for body in [#"{"model":"m",\#(field),"messages":[]}"#, #"{"model":"m","messages":[],\#(field)}"#] {
            let expected = body.replacing(#""model":"m""#, with: #""model":"f""#)
                .replacing(remains == nil ? "," + field : field, with: remains ?? "")
            #expect(try OpenAIRequestTests.forwarded(body, to: "f") == expected)
            #expect(try OpenAIRequestTests.forwarded(body, to: "f", freeOnly: false).contains(field))
        }
    }

    @Test func underAPriceLimitNoOtherModelIsNamed() throws {
        let body = #"{"model":"m","models":["dear/x"],"route":"fallback","plugins":[{"id":"web"}],"messages":[]}"#
        let request = try withBytes(body) { try ForwardedRequest($0, freeOnly: false, hasPriceLimit: true) }
        let forwarded = UpstreamRequest(forwarding: ByteBuffer(body), edits: request.edits).body(for: model("f")).text
        #expect(forwarded == #"{"model":"f","plugins":[{"id":"web"}],"messages":[]}"#)
    }
}
