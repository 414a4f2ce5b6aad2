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
                #"{"service_tier":"flex","model":"m","messages":[],"metadata":{"models":[1]}}"#,
                #"{"model":"f","messages":[],"metadata":{"models":[1]}}"#
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
            (#""plugins":[{"id":"web"}]"#, "plugins[0].id: the plugin \"web\" costs money"),
            (
                #""web_search_options":{"search_context_size":"high"}"#,
                "web_search_options: a search on the web has a price"
            ),
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

    @Test(
        arguments: [
            (
                #" {"model":"m","models":["dear/x"],"route":"fallback","messages":[]}"#,
                #" {"provider":{"max_price":{"prompt":0.5,"completion":0.5}},"model":"f","messages":[]}"#
            ),
            (
                #"{"model":"m","messages":[],"provider":{"order":["a"],"max_price":{"prompt":99}}}"#,
                #"{"provider":{"order":["a"],"max_price":{"prompt":0.5,"completion":0.5}},"model":"f","messages":[]}"#
            ),
        ])
    func underAPriceLimitTheUpstreamIsToldSo(body: String, forwarded: String) throws {
        let request = try withBytes(body) { try ForwardedRequest($0, freeOnly: false, priceLimit: 0.5) }
        let upstream = UpstreamRequest(forwarding: ByteBuffer(body), edits: request.edits)
        #expect(upstream.body(for: model("f"), priceLimit: 0.5).joined().text == forwarded)
    }

    @Test func underAPriceLimitNothingWithAPriceOfItsOwnIsAskedFor() {
        for field in [#""plugins":[{"id":"web"}]"#, #""tools":[{"type":"openrouter:web_search"}]"#] {
            #expect(throws: RequestError.self) {
                try withBytes(#"{"model":"m","messages":[],\#(field)}"#) {
                    try ForwardedRequest($0, freeOnly: false, priceLimit: 1)
                }
            }
        }
    }

    @Test func aTranslatedRequestIsCappedTooUnlessItCostsNothing() throws {
        let upstream = try withBytes(#"{"model":"m","messages":[{"content":"x"}]}"#) {
            try UpstreamRequest(OllamaChatRequest($0))
        }
        #expect(
            upstream.body(for: model("v/paid"), priceLimit: 2).joined().text
                .hasSuffix(#""model":"v/paid","provider":{"max_price":{"prompt":2.0,"completion":2.0}}}"#))
        #expect(upstream.body(for: model("v/m:free"), priceLimit: 2).joined().text.hasSuffix(#""model":"v/m:free"}"#))
    }

    @Test func codingAgentsToolsAreLeftOutBesideTheirOwn() throws {
        let cases: [(Dialect, String, String)] = [
            (
                .responses, #"{"type":"web_search"},{"type":"function","name":"f"},{"type":"local_shell"}"#,
                #"{"type":"function","name":"f"},{"type":"local_shell"}"#
            ),
            (
                .messages,
                #"{"name":"f","input_schema":{}},{"type":"web_search_20250305","name":"w"},{"type":"bash_20250124"}"#,
                #"{"name":"f","input_schema":{}},{"type":"bash_20250124"}"#
            ),
        ]
        for (dialect, tools, kept) in cases {
            let prompt = dialect == .responses ? #""input":"x""# : #""messages":[]"#
            let body = #"{"model":"m",\#(prompt),"tools":[\#(tools)]}"#
            let request = try withBytes(body) { try ForwardedRequest($0, dialect: dialect, freeOnly: true) }
            let forwarded = UpstreamRequest(forwarding: ByteBuffer(body), edits: request.edits).body(for: model("f")).joined()
                .text
            #expect(forwarded == #"{"model":"f",\#(prompt),"tools":[\#(kept)]}"#)
        }
        #expect(throws: RequestError.self) {
            try withBytes(#"{"model":"m","messages":[],"tools":[{"type":"web_search_20250305"}]}"#) {
                try ForwardedRequest($0, dialect: .messages, freeOnly: true)
            }
        }
    }

    @Test func aToolThatWasLeftOutCannotBeDemanded() throws {
        let tools = #""tools":[{"type":"web_search"},{"type":"function","name":"f"}]"#
        let read = { (choice: String) in
            try withBytes(#"{"model":"m","tool_choice":\#(choice),"input":"x",\#(tools)}"#) {
                try ForwardedRequest($0, dialect: .responses, freeOnly: true)
            }
        }
        #expect(throws: RequestError.self) { try read(#"{"type":"web_search"}"#) }
        for choice in ["\"auto\"", #"{"type":"function","name":"f"}"#] { _ = try read(choice) }
        #expect(throws: RequestError.self) {
            try withBytes(#"{"model":"m","messages":[],"tools":{"type":"web_search"}}"#) {
                try ForwardedRequest($0, freeOnly: true)
            }
        }
    }
}
