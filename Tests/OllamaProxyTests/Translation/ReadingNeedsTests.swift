import OllamaProxy
import Testing

/// What a request asks of a model, read from the request in any of its shapes.
struct ReadingNeedsTests {
    private func ofChat(_ fields: String) throws -> RequestNeeds {
        try withBytes("{\"model\":\"m\",\(fields)}") { try RequestNeeds(OllamaChatRequest($0), guardsMoney: false) }
    }

    private func ofOpenAI(_ fields: String) throws -> RequestNeeds {
        let messages = fields.contains("\"messages\"") ? "" : "\"messages\":[],"
        return try withBytes("{\"model\":\"m\",\(messages)\(fields)}") {
            try ForwardedRequest($0, freeOnly: true).needs
        }
    }

    @Test func readsOllamasChat() throws {
        let tools = #""tools":[{"type":"function","function":{"name":"f"}}]"#
        #expect(try ofChat("\(tools),\"messages\":[]").usesTools)
        #expect(try !ofChat(#""tools":[],"messages":[]"#).usesTools)
        #expect(try ofChat(#""messages":[{"content":"x","images":["iVBORw0KGgo="]}]"#).inputs == [.text, .image])
        #expect(try ofChat(#""messages":[],"format":"json""#).structuredOutput == .json)
        #expect(try ofChat(#""messages":[],"format":{"type":"object"}"#).structuredOutput == .schema)
        for (think, thinks) in [("true", true), ("\"high\"", true), ("false", false), ("null", false)] {
            #expect(try ofChat("\"messages\":[],\"think\":\(think)").thinks == thinks)
        }
        // A bound, which is cut to what the model gives.
        let bounded = try ofChat(#""messages":[],"options":{"num_predict":100000}"#)
        #expect(bounded.answerTokens == 100_000 && !bounded.answerTokensAreFixed)
        #expect(bounded.contextTokens == 500)
    }

    @Test func readsOllamasPrompt() throws {
        let needs = try withBytes(#"{"model":"m","prompt":"12345678","system":"1234","images":["iVBORw0KGgo="]}"#) {
            RequestNeeds(try OllamaGenerateRequest($0))
        }
        #expect(needs.inputs == [.text, .image])
        #expect(needs.textBytes == 12)
    }

    @Test func readsOpenAIsParts() throws {
        let cases: [(String, Model.Modalities)] = [
            (#"{"type":"text","text":"hi"}"#, .text), (#"{"type":"image_url","image_url":{"url":"u"}}"#, .image),
            (#"{"type":"input_audio","input_audio":{"data":"x"}}"#, .audio),
            (#"{"type":"file","file":{"file_data":"x"}}"#, .file),
            (#"{"type":"video_url","video_url":{"url":"x"}}"#, .video),
            (#"{"type":"image_url","image_\u0075rl":{"url":"data:application/pdf;base64,xx"}}"#, .file),
            (#"{"type":"image_url","image_url":"data:application/pdf;base64,xx"}"#, .file),
            (#"{"type":"image_url","image_url":{"url":"d\u0061ta:application/pdf;base64,xx"}}"#, .file),
            (#"{"type":"image_url","image_url":{"url":"DATA:Application/PDF;base64,xx"}}"#, .file),
            (#"{"type":"image_url","image_url":{"url":"https://example.com/a.PDF?x=1"}}"#, .file),
            (#"{"type":"image_url","image_url":{"url":"data:image/png;base64,xx"}}"#, .image),
        ]
        for (part, modality) in cases {
            let messages = #""messages":[{"role":"user","content":[\#(part)]}]"#
            #expect(try ofOpenAI(messages).inputs == [.text, modality], "\(part)")
            #expect(try ofChat(messages).inputs == [.text, modality], "\(part)")
        }
    }

    @Test func readsOpenAIsFields() throws {
        #expect(try ofOpenAI(#""tools":[{"type":"function"}]"#).usesTools)
        #expect(try !ofOpenAI(#""tools":[ ]"#).usesTools)
        #expect(try !ofOpenAI(#""tools":null"#).usesTools)
        #expect(try ofOpenAI(#""response_format":{"type":"json_schema"}"#).structuredOutput == .schema)
        #expect(try ofOpenAI(#""response_format":{"type":"json_object"}"#).structuredOutput == .json)
        #expect(try ofOpenAI(#""response_format":{"type":"text"}"#).structuredOutput == .none)
        for (field, thinks) in [
            (#""reasoning_effort":"low""#, true), (#""reasoning_effort":"none""#, false),
            (#""reasoning_effort":null"#, false), (#""reasoning":{"effort":"high"}"#, true),
            (#""reasoning":{"enabled":false,"effort":"high"}"#, false), (#""reasoning":{"exclude":true}"#, false),
            (#""reasoning":{"max_tokens":100}"#, true),
        ] {
            #expect(try ofOpenAI(field).thinks == thinks, "\(field)")
        }
        let fixed = try ofOpenAI(#""max_tokens":10,"max_completion_tokens":2000"#)
        #expect(fixed.answerTokens == 2000 && fixed.answerTokensAreFixed)
        #expect(fixed.contextTokens == 2000)
    }

    @Test func estimatesTheLengthOfThePrompt() throws {
        let english = try ofOpenAI(
            #""messages":[{"role":"user","content":"\#(String(repeating: "word", count: 1000))"}]"#)
        #expect(english.promptTokens == 1000)
        let japanese = try ofOpenAI(
            #""messages":[{"role":"user","content":"\#(String(repeating: "語", count: 1000))"}]"#)
        #expect(japanese.promptTokens == 1000)
        let escaped = try ofOpenAI(
            #""messages":[{"role":"user","content":"\#(String(repeating: "\\u8a9e", count: 1000))"}]"#)
        #expect(escaped.promptTokens == 1000)
        let huge = try ofOpenAI(#""max_tokens":9223372036854775807"#)
        #expect(huge.contextTokens > 1 << 30)
        // A picture is no text, however long it is written.
        let picture = String(repeating: "A", count: 1_000_000)
        let seen = try ofOpenAI(
            #""messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"\#(picture)"}}]}]"#)
        #expect(seen.promptTokens < 2000)
    }

    @Test func aFileMayHoldARequestOfAnyShape() throws {
        let files: [(String, (RequestNeeds) -> Bool)] = [
            (#"{"model":"m","prompt":"x","format":"json"}"#, { $0.structuredOutput == .json }),
            (
                #"{"model":"m","messages":[{"content":"x","images":["iVBORw0KGgo="]}]}"#,
                { $0.inputs == [.text, .image] }
            ),
            (
                #"{"model":"m","messages":[],"tools":[{"type":"function"}],"max_tokens":9000}"#,
                { $0.usesTools && $0.contextTokens == 9005 }
            ),
        ]
        for (text, holds) in files {
            let found = try withBytes(text) { try RequestNeeds.ofRequest($0) }
            #expect(found.model == "m" && holds(found.needs), "\(text) \(found.needs)")
        }
        #expect(throws: RequestError.modelRequired) { try withBytes("{}") { try RequestNeeds.ofRequest($0) } }
    }
}

struct ExplanationTests {
    @Test func saysWhyEachModelHasItsPlace() {
        let models = [
            model("v/large:free", context: 3000),
            model("v/small:free", context: 2000) { $0.inputModalities = [.text, .image] },
            model("openrouter/free", context: 1000) { $0.inputModalities = [.text, .image] },
            model("v/guard:free", context: 9000),
        ]
        var needs = RequestNeeds()
        needs.inputs = [.text, .image]
        let ledgers = Ledgers()
        ledgers.failures.record(FailureRules.empty, of: "v/small:free", now: .at(0))
        ledgers.budget.count(now: .at(0))
        let explanation = Explanation(
            of: "large", needs: needs, in: Catalog(models, selection: .init()), ledgers, now: .at(0))
        #expect(
            explanation.text(colours: false) == """
                asked for: large
                needs: image input, a context of about 500 tokens
                order: context, free models only
                budget: 999 of 1000 free requests left until 2026-09-22T00:00:00Z, 20 per minute
                another model is used: v/large:free does not support image input

                candidates, in order:
                 1. v/small:free     context of 2000 tokens; in cooldown until 2026-09-21T14:18:20Z (empty)
                 2. openrouter/free  chooses a model by itself, so it comes last

                not tried:
                    v/guard:free     a guard model, used only by its own name
                    v/large:free     does not support image input

                """)
    }

    @Test func saysWhyNothingWouldBeTried() {
        var selection = Catalog.Selection()
        selection.isStrict = true
        let explanation = Explanation(
            of: "nobody", needs: RequestNeeds(), in: Catalog([model("v/m:free")], selection: selection), Ledgers(),
            now: .at(0))
        #expect(explanation.refusal == "404: model 'nobody' not found")
        #expect(explanation.candidates.isEmpty)
    }
}

struct KeyStatusTests {
    @Test(
        arguments: [
            (#"{"data":{"is_free_tier":true,"limit_remaining":null}}"#, true),
            (#"{"data":{"is_free_tier":false,"limit_remaining":1.5},"x":1}"#, false),
            (#"{"data":{"label":"x"}}"#, nil), (#"{"data":null}"#, nil),
        ] as [(String, Bool?)])
    func readsWhatMatters(text: String, isFreeTier: Bool?) throws {
        let status = try withBytes(text) { try KeyStatus($0) }
        #expect(status.isFreeTier == isFreeTier)
    }

    @Test func refusesWhatIsNoObject() {
        #expect(throws: JSONError.self) { try withBytes("<html>") { try KeyStatus($0) } }
    }
}
