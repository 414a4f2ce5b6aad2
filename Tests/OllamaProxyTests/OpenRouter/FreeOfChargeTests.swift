import OllamaProxy
import Testing

/// Never pays: where money is guarded, a request holds what is known to be free of charge and nothing else.
struct FreeOfChargeTests {
    private struct Shape: CustomTestStringConvertible {
        let testDescription: String
        let dialect: Dialect
        let body: String
        /// Where it is, as the refusal says.
        let path: String

        init(_ dialect: Dialect, _ fields: String, at path: String) {
            self.dialect = dialect
            let prompt = dialect == .responses ? "\"input\":\"x\"" : "\"messages\":[]"
            body =
                fields.contains("\"messages\"") || fields.contains("\"input\"")
                ? "{\"model\":\"m\",\(fields)}" : "{\"model\":\"m\",\(prompt),\(fields)}"
            self.path = path
            testDescription = fields
        }
    }

    private static let webSearch = #"{"type":"openrouter:web_search"}"#

    private static let refused: [Shape] = [
        // A sandbox of the upstream's, by its short name.
        Shape(.responses, #""tools":[{"type":"shell"}]"#, at: "tools[0].type"),
        Shape(.responses, #""tools":[{"type":"openrouter:bash"}]"#, at: "tools[0].type"),
        Shape(.responses, #""tools":[{"name":"f"}]"#, at: "tools[0].type"),
        Shape(.chat, #""tools":[\#(webSearch)]"#, at: "tools[0].type"),
        Shape(.chat, #""tools":[{"type":"function","type":"web_search"}]"#, at: "tools[0].type"),
        Shape(.chat, #""tools":[[\#(webSearch)]]"#, at: "tools[0]"),
        Shape(.chat, #""Tools":[\#(webSearch)]"#, at: "Tools"),
        Shape(.messages, #""tools":[{"type":"advisor_20260301","model":"dear/one"}]"#, at: "tools[0].type"),
        Shape(.messages, #""tools":{"type":"custom"}"#, at: "tools"),
        // Tools elsewhere.
        Shape(
            .responses, #""input":[{"type":"additional_tools","role":"developer","tools":[\#(webSearch)]}]"#,
            at: "input[0].tools[0].type"),
        Shape(
            .responses,
            #""input":[{"type":"message","role":"user","content":"x"},{"type":"message","tools":[{"type":"shell"}]}]"#,
            at: "input[1].tools[0].type"),
        Shape(
            .responses, #""tools":[{"type":"namespace","name":"n","tools":[\#(webSearch)]}]"#,
            at: "tools[0].tools[0].type"),
        Shape(.responses, #""prompt":{"id":"p","variables":{"f":{"type":"input_file","file_url":"u"}}}"#, at: "prompt"),
        Shape(.messages, #""mcp_servers":[{"url":"u"}]"#, at: "mcp_servers"),
        // Choices that demand what was never listed.
        Shape(.responses, #""tool_choice":{"type":"shell"}"#, at: "tool_choice"),
        Shape(
            .responses, #""tool_choice":{"type":"allowed_tools","mode":"auto","tools":[\#(webSearch)]}"#,
            at: "tool_choice"),
        // Plugins, by whatever spelling.
        Shape(.chat, #""plugins":[{"id":"web"}]"#, at: "plugins[0].id"),
        Shape(.chat, #""plugins":[{"id":"response-healing"},{"id":"file-parser"}]"#, at: "plugins[1].id"),
        Shape(.chat, #""plugins":[{"id":"response-healing","id":"web"}]"#, at: "plugins[0].id"),
        Shape(.chat, #""plugins":[{"id":"web","enabled":false,"enabled":true}]"#, at: "plugins[0].id"),
        Shape(.chat, #""plugins":[["web"]]"#, at: "plugins[0]"),
        // Kinds of items, parts and blocks that nobody knows.
        Shape(.responses, #""input":[{"type":"openrouter:subagent","model":"dear/one"}]"#, at: "input[0].type"),
        Shape(.responses, #""input":[{"type":"mcp_approval_response","approve":true}]"#, at: "input[0].type"),
        Shape(.responses, #""input":[["x"]]"#, at: "input[0]"),
        Shape(
            .responses, #""input":[{"type":"message","content":[{"type":"tomorrow"}]}]"#, at: "input[0].content[0].type"
        ),
        Shape(.chat, #""messages":[{"role":"user","content":[{"type":"web"}]}]"#, at: "messages[0].content[0].type"),
        Shape(
            .chat, #""messages":[{"role":"user","content":[{"type":"text","t\u0079pe":"web"}]}]"#,
            at: "messages[0].content[0].type"),
        Shape(.chat, #""messages":[{"role":"user","content":[["x"]]}]"#, at: "messages[0].content[0]"),
        Shape(
            .messages, #""messages":[{"role":"user","content":[{"type":"web"}]}]"#, at: "messages[0].content[0].type"),
        Shape(.messages, #""messages":[{"role":"user","content":[{"text":"x"}]}]"#, at: "messages[0].content[0].type"),
        Shape(
            .messages, #""messages":[{"role":"user","content":[{"type":"text","type":"image"}]}]"#,
            at: "messages[0].content[0].type"),
        // Fields that nobody knows, at each level.
        Shape(.chat, #""tomorrow":true"#, at: "tomorrow"),
        Shape(.responses, #""tomorrow":true"#, at: "tomorrow"),
        Shape(.messages, #""tomorrow":true"#, at: "tomorrow"),
        Shape(.chat, #""messages":[{"role":"user","tomorrow":1}]"#, at: "messages[0].tomorrow"),
        Shape(
            .chat, #""messages":[{"content":[{"type":"text","text":"x","tomorrow":1}]}]"#,
            at: "messages[0].content[0].tomorrow"),
        Shape(.responses, #""input":[{"type":"message","tomorrow":1}]"#, at: "input[0].tomorrow"),
        // What would come out in another form, at another price.
        Shape(.chat, #""modalities":["text","image"]"#, at: "modalities[1]"),
        Shape(.chat, #""audio":{"voice":"v"}"#, at: "audio"),
    ]

    @Test(arguments: refused)
    private func whatMayCostMoneyIsRefusedByItsPath(shape: Shape) throws {
        for (freeOnly, limit) in [(true, Double?.none), (false, 0.5)] {
            let error = #expect(throws: RequestError.self) {
                try withBytes(shape.body) {
                    try ForwardedRequest($0, dialect: shape.dialect, freeOnly: freeOnly, priceLimit: limit)
                }
            }
            #expect(error?.status == 400)
            #expect(error?.message.hasPrefix("\(shape.path): ") == true, "\(error?.message ?? "")")
        }
        // Where money is the client's to spend, it is sent on.
        if !shape.body.contains("enabled") {
            _ = try withBytes(shape.body) { try ForwardedRequest($0, dialect: shape.dialect, freeOnly: false) }
        }
    }

    /// What becomes of a body in free mode.
    private func forwarded(_ dialect: Dialect, _ body: String) throws -> (text: String, needs: RequestNeeds) {
        let request = try withBytes(body) { try ForwardedRequest($0, dialect: dialect, freeOnly: true) }
        let upstream = UpstreamRequest(forwarding: ByteBuffer(body), edits: request.edits)
        return (upstream.body(for: model("f")).joined().text, request.needs)
    }

    @Test(arguments: [
        #"{"id":"response-healing"}"#, #"{"id":"context-compression"}"#, #"{"id":"web","enabled":false}"#,
        #"{"enabled":false}"#,
    ])
    func freePluginsPass(plugin: String) throws {
        let body = #"{"model":"f","messages":[],"plugins":[\#(plugin)]}"#
        #expect(try forwarded(.chat, body).text == body)
    }

    /// Fields that clients send unasked are cut out at every level, with the right commas.
    @Test(arguments: [
        (
            #"{"model":"f","options":{"num_ctx":1},"messages":[{"id":1,"role":"user","content":"x","timestamp":2}]}"#,
            #"{"model":"f","messages":[{"role":"user","content":"x"}]}"#
        ),
        (
            #"{"model":"f","messages":[{"role":"user","content":[{"type":"text","text":"x","id":"a","index":1}]}],"id":1}"#,
            #"{"model":"f","messages":[{"role":"user","content":[{"type":"text","text":"x"}]}]}"#
        ),
        (#"{"model":"f","messages":[{"id":1},{"type":2,"id":3}]}"#, #"{"model":"f","messages":[{},{}]}"#),
    ])
    func whatClientsSendUnaskedIsLeftOut(body: String, expected: String) throws {
        #expect(try forwarded(.chat, body).text == expected)
    }

    /// One walk finds what is asked of a model wherever it is.
    @Test(arguments: [
        (
            Dialect.responses,
            #""input":[{"type":"function_call_output","call_id":"c","output":[{"type":"input_file","file_url":"u"}]}]"#,
            Model.Modalities.file
        ),
        (
            .responses,
            #""input":[{"type":"function_call_output","call_id":"c","output":[{"type":"input_image","image_url":"u"}]}]"#,
            .image
        ),
        (
            .responses,
            #""input":[{"type":"custom_tool_call_output","output":[{"type":"input_image","image_url":"data:application/pdf;base64,x"}]}]"#,
            .file
        ),
        (.responses, #""input":[{"role":"user","content":[{"type":"input_audio","input_audio":{}}]}]"#, .audio),
        (
            .messages,
            #""messages":[{"content":[{"type":"tool_result","content":[{"type":"image","source":{"type":"url"}}]}]}]"#,
            .image
        ),
        (
            .messages,
            #""messages":[{"content":[{"type":"tool_result","content":[{"source":{},"type":"document"}]}]}]"#, .file
        ),
        (.chat, #""messages":[{"content":[{"type":"file","file":{"file_data":"x"}}]}]"#, .file),
        (.chat, #""messages":[{"role":"tool","content":[{"type":"image_url","image_url":{"url":"u"}}]}]"#, .image),
    ])
    func needsAreFoundWhereverTheyStand(dialect: Dialect, fields: String, needed: Model.Modalities) throws {
        let needs = try forwarded(dialect, "{\"model\":\"m\",\(fields)}").needs
        #expect(needs.inputs == [.text, needed])
        #expect(needs.attachments == 1)
    }

    @Test func toolsOfCodingAgentsAreFoundInNamespacesAndItems() throws {
        let tool = #"{"type":"function","name":"f"}"#
        for fields in [
            #""input":"x","tools":[{"type":"namespace","name":"n","tools":[\#(tool)]},{"type":"apply_patch"}]"#,
            #""input":[{"type":"additional_tools","tools":[\#(tool)]}]"#,
        ] {
            let body = "{\"model\":\"f\",\(fields)}"
            let (text, needs) = try forwarded(.responses, body)
            #expect(text == body)
            #expect(needs.usesTools)
        }
    }

    /// Ollama's door drops what it does not know, as Ollama does, and refuses services all the same.
    @Test func ollamasChatIsGuardedToo() throws {
        let read = { (fields: String, guards: Bool) throws in
            try withBytes("{\"model\":\"m\",\(fields)}") { bytes in
                let chat = try OllamaChatRequest(bytes)
                let needs = try RequestNeeds(chat, guardsMoney: guards)
                return (try UpstreamRequest(chat).body(for: model("f")).joined().text, needs)
            }
        }
        for fields in [
            #""messages":[],"tools":[\#(Self.webSearch)]"#,
            #""messages":[{"role":"user","content":[{"type":"web"}]}]"#,
        ] {
            #expect(throws: RequestError.self) { try read(fields, true) }
            _ = try read(fields, false)
        }
        let (text, needs) = try read(
            #""messages":[{"role":"user","content":[{"type":"image_url","image_url":"u","tomorrow":{}}]}]"#, true)
        #expect(text.contains(#""content":[{"type":"image_url","image_url":"u"}]"#), "\(text)")
        #expect(needs.inputs == [.text, .image])
    }
}
