import Foundation
import TestSupport
import Testing

/// What a request of the newer APIs needs decides on the model, as at every other door.
@Suite(.timeLimit(.minutes(10)))
struct NeedsAtTheDoors {
    struct Case: CustomTestStringConvertible, @unchecked Sendable {
        let testDescription: String
        let door: ForwardingDoor
        let changes: JSONObject
        let answeredBy: ListedModel

        init(_ name: String, _ door: ForwardingDoor, _ changes: JSONObject, _ model: ListedModel) {
            (testDescription, self.door, self.changes, answeredBy) = ("\(door), \(name)", door, changes, model)
        }

        static func responses(_ name: String, part: JSONObject, _ model: ListedModel) -> Case {
            let content: [JSONObject] = [["type": "input_text", "text": "What is it?"], part]
            return Case(name, .responses, ["input": [["role": "user", "content": content] as JSONObject]], model)
        }

        static func messages(_ name: String, block: JSONObject, _ model: ListedModel) -> Case {
            let content: [JSONObject] = [["type": "text", "text": "What is it?"], block]
            return Case(name, .messages, ["messages": [["role": "user", "content": content] as JSONObject]], model)
        }
    }

    private static var picture: JSONObject {
        ["type": "image", "source": ["type": "base64", "media_type": "image/png", "data": Requests.picture]]
    }

    private static var document: JSONObject {
        ["type": "document", "source": ["type": "base64", "media_type": "application/pdf", "data": "JVBERi0="]]
    }

    private static func result(_ block: JSONObject) -> JSONObject {
        ["type": "tool_result", "tool_use_id": "call_1", "content": [block]]
    }

    private static var schema: JSONObject { ["type": "json_schema", "name": "x", "schema": Requests.schema] }

    /// Never changed once they are made.
    static let cases = [
        Case.responses(
            "picture", part: ["type": "input_image", "image_url": "data:image/png;base64,\(Requests.picture)"], .viewer),
        .responses("picture by address", part: ["type": "input_image", "image_url": "https://a.b/c.png"], .viewer),
        .responses(
            "document",
            part: ["type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="],
            .reader),
        .responses("document by address", part: ["type": "input_file", "file_url": "https://a.b/c.pdf"], .reader),
        .responses(
            "sound", part: ["type": "input_audio", "input_audio": ["data": "AAAA", "format": "wav"]], .listener),
        Case("tools", .responses, ["tools": [ForwardingDoor.responses.ownTool]], .caller),
        Case("schema", .responses, ["text": ["format": schema]], .former),
        Case("thinking", .responses, ["reasoning": ["effort": "high"]], .thinker),
        .messages("picture", block: picture, .viewer),
        .messages("picture that a tool returned", block: result(picture), .viewer),
        .messages("document", block: document, .reader),
        .messages("document that a tool returned", block: result(document), .reader),
        Case("tools", .messages, ["tools": [ForwardingDoor.messages.ownTool]], .caller),
        Case("schema", .messages, ["output_config": ["format": schema]], .former),
        Case("thinking", .messages, ["thinking": ["type": "enabled", "budget_tokens": 1024]], .thinker),
    ]

    @Test(arguments: cases)
    func aModelThatCanAnswers(item: Case) throws {
        let stage = try Stage(models: ListedModel.specialists)
        let reply = try stage.send(item.door, to: ListedModel.talker.id, item.changes)
        #expect(reply.status == 200, "\(reply.response.text)")
        #expect(reply.answeredBy == item.answeredBy.id)
        #expect(try stage.modelsAsked(item.door) == [item.answeredBy.id])
    }

    /// Strict: what the model that was asked for cannot do is refused in the API's own shape.
    @Test(arguments: cases)
    func strictModelsRefuse(item: Case) throws {
        let stage = try Stage(models: ListedModel.specialists, settings: ["STRICT_MODELS": "true"])
        let reply = try stage.send(item.door, to: ListedModel.talker.id, item.changes)
        // A format is a wish that no model refuses.
        if item.answeredBy.id == ListedModel.former.id { return #expect(reply.status == 200) }
        #expect(reply.status == 400)
        #expect(item.door.isError(try reply.response.jsonObject()), "\(reply.response.text)")
        #expect(reply.response.errorText?.contains("does not support") == true)
        #expect(try stage.requests(item.door).isEmpty)
    }

    @Test(arguments: ForwardingDoor.allCases, [true, false])
    func strictNamesAreNotFound(door: ForwardingDoor, stream: Bool) throws {
        let stage = try Stage(settings: ["STRICT_MODELS": "true"])
        let reply = try stage.send(door, to: "vendor/unheard-of:free", stream: stream)
        #expect(reply.status == 404)
        let body = try reply.response.jsonObject()
        #expect(door.isError(body), "\(reply.response.text)")
        #expect((body["error"] as? JSONObject)?["type"] as? String == "not_found_error")
        #expect(reply.response.errorText?.contains("vendor/unheard-of:free") == true)
        #expect(try stage.requests(door).isEmpty)
    }

    /// A prompt that only one model's context holds.
    @Test(arguments: ForwardingDoor.allCases)
    func longPromptsGoWhereTheyFit(door: ForwardingDoor) throws {
        let stage = try Stage()
        let text = String(repeating: "rain ", count: 200_000)
        let prompt: JSONObject =
            door == .responses ? ["input": text] : ["messages": [["role": "user", "content": text]]]
        #expect(try stage.send(door, to: ListedModel.third.id, prompt).answeredBy == ListedModel.first.id)
    }
}
