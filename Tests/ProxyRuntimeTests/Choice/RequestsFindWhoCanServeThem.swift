import TestSupport
import Testing

/// Models of which each can do one thing that the others cannot.
extension ListedModel {
    static let talker = ListedModel(id: "birch/talker-70b:free", context: 300_000, parameters: ["max_tokens"])
    static let caller = ListedModel(
        id: "cedar/caller-30b:free", context: 200_000, parameters: ["tools", "tool_choice"])
    static let former = ListedModel(
        id: "maple/former-7b:free", context: 100_000, parameters: ["response_format", "structured_outputs"])
    static let thinker = ListedModel(id: "oak/thinker-12b:free", context: 90_000, parameters: ["reasoning"])
    static let viewer = ListedModel(
        id: "aspen/viewer-12b:free", context: 80_000, parameters: ["max_tokens"], inputs: ["text", "image"])
    static let listener = ListedModel(
        id: "larch/listener-8b:free", context: 70_000, parameters: ["max_tokens"], inputs: ["text", "audio"])
    static let reader = ListedModel(
        id: "linden/reader-8b:free", context: 60_000, parameters: ["max_tokens"], inputs: ["text", "file"])
    static let specialists = [talker, caller, former, thinker, viewer, listener, reader]
}

/// A request goes to a model that can serve it, whichever was asked for.
@Suite(.timeLimit(.minutes(10)))
struct RequestsFindWhoCanServeThem {
    struct Case: CustomTestStringConvertible, @unchecked Sendable {
        let testDescription: String
        let path: String
        let changes: JSONObject
        let answeredBy: ListedModel

        init(_ name: String, _ changes: JSONObject, _ model: ListedModel, path: String = "/api/chat") {
            (testDescription, self.path, self.changes, answeredBy) = ("\(path), \(name)", path, changes, model)
        }

        static func openAI(_ name: String, _ changes: JSONObject, _ model: ListedModel) -> Case {
            Case(name, changes, model, path: "/v1/chat/completions")
        }

        static func openAI(_ name: String, part: JSONObject, _ model: ListedModel) -> Case {
            openAI(name, ["messages": [Requests.message(with: part)]], model)
        }
    }

    static let cases = [
        Case("picture", ["messages": [["role": "user", "content": "x", "images": [Requests.picture]]]], .viewer),
        Case("tools", ["tools": [Requests.tool]], .caller),
        Case("JSON", ["format": "json"], .former),
        Case("schema", ["format": Requests.schema], .former),
        Case("thinking", ["think": true], .thinker),
        .openAI("picture", part: Requests.picturePart, .viewer),
        .openAI("sound", part: Requests.soundPart, .listener),
        .openAI("document", part: Requests.documentPart, .reader),
        .openAI("tools", ["tools": [Requests.tool]], .caller),
        .openAI("JSON", ["response_format": ["type": "json_object"]], .former),
        .openAI(
            "schema",
            ["response_format": ["type": "json_schema", "json_schema": ["name": "x", "schema": Requests.schema]]],
            .former),
        .openAI("thinking", ["reasoning_effort": "high"], .thinker),
        .openAI("reasoning", ["reasoning": ["enabled": true] as JSONObject], .thinker),
    ]

    private func send(_ stage: Stage, _ item: Case) throws -> HTTPResponse {
        try stage.client.post(
            item.path, json: Stage.chatBody(ListedModel.talker.id, stream: false, item.changes))
    }

    @Test(arguments: cases)
    func anotherModelAnswersAndTheLogSaysWhy(item: Case) throws {
        let stage = try Stage(models: ListedModel.specialists)
        try stage.scriptAll(Answer.words(["fine"]))
        let response = try send(stage, item)
        #expect(response.status == 200, "\(response.text)")
        #expect(response.headers["X-Proxy-Model"] == item.answeredBy.id)
        #expect(try stage.modelsAsked() == [item.answeredBy.id])
        let line = try stage.proxy.waitForLog(event: "model_substituted")
        #expect(line["asked"] == ListedModel.talker.id)
        #expect(line["reason"]?.hasPrefix(ListedModel.talker.id + " does not support") == true)
    }

    /// Who asks for the one that can gets it, and no line in the log.
    @Test(arguments: cases)
    func whoeverCanIsAskedFirst(item: Case) throws {
        let stage = try Stage(models: ListedModel.specialists)
        try stage.scriptAll(Answer.words(["fine"]))
        let response = try stage.client.post(
            item.path, json: Stage.chatBody(item.answeredBy.id, stream: false, item.changes))
        #expect(response.headers["X-Proxy-Model"] == item.answeredBy.id)
        #expect(stage.proxy.logLines.allSatisfy { $0.event != "model_substituted" })
    }

    /// Nobody is asked what nobody can do. An answer without the format, or without thoughts, is still one.
    @Test(arguments: cases)
    func whatNobodyCanDoIsRefused(item: Case) throws {
        let stage = try Stage(models: [.talker])
        try stage.scriptAll(Answer.words(["fine"]))
        let response = try send(stage, item)
        if [ListedModel.former.id, ListedModel.thinker.id].contains(item.answeredBy.id) {
            #expect(response.status == 200)
        } else {
            #expect(response.status == 400)
            #expect(response.errorText?.contains("does not support") == true)
            #expect(try stage.modelsAsked().isEmpty)
        }
    }

    /// When the only one that can fails, those that cannot are no help.
    @Test func thoseThatCannotAreNoFallback() throws {
        let stage = try Stage(models: ListedModel.specialists)
        try stage.script([(.viewer, [Answer.failure("503")]), (.talker, [Answer.words(["what picture?"])])])
        let message = Requests.message(with: Requests.picturePart)
        #expect(try stage.openAIChat("auto", ["messages": [message]]).status == 502)
        #expect(try stage.modelsAsked() == [ListedModel.viewer.id])
    }

    /// OpenRouter has a document read for money where the model cannot read it, also for a free model.
    @Test(arguments: [
        #"{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0="}}"#,
        #"{"type":"file","f\u0069le":{"filename":"a.pdf","file_data":"https://example.org/a.pdf"}}"#,
        #"{"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0="}"#,
        #"{"type":"image_url","image_url":{"url":"data:application/pdf;base64,JVBERi0="}}"#,
        #"{"type":"image_url","image_url":{"url":"https://example.org/a.PDF?x=1"}}"#,
    ])
    func aDocumentNeverGoesToAModelThatCannotReadIt(part: String) throws {
        let stage = try Stage(models: [.talker, .viewer, .listener])
        let part = try JSON.object(part)
        for stream in [true, false] {
            let reply = try stage.openAIChat("auto", stream: stream, ["messages": [Requests.message(with: part)]])
            #expect(reply.status == 400)
            #expect(reply.error?.contains("file") == true)
        }
        #expect(try stage.upstream.chatRequests().isEmpty)
    }
}
