import Foundation
import TestSupport
import Testing

/// Events and bodies of the newer APIs leave as they came, byte for byte.
@Suite(.timeLimit(.minutes(10)))
struct EventsAreTheUpstreamsOwn {
    /// Each event's data, as no serializer would write it twice.
    private static func data(_ door: ForwardingDoor) -> [(name: String, data: String)] {
        door == .responses
            ? [
                ("response.created", #"{ "type" : "response.created","response":{"id":"r","output":[]},"x":1.50}"#),
                (
                    "response.output_text.delta",
                    #"{"delta":"\u00e4\ud83d \/","type":"response.output_text.delta","n":1e400,"n":2}"#
                ),
                ("response.of.tomorrow", #"{"type":"response.of.tomorrow","what":[null,{"deep":"ä 👋"}]}"#),
                (
                    "response.completed",
                    #"{"type":"response.completed","response":{"status":"completed","usage":{"input_tokens":1}}}"#
                ),
            ]
            : [
                ("message_start", #"{ "type" : "message_start","message":{"id":"m","content":[]},"x":1.50}"#),
                ("ping", #"{"type":"ping"}"#),
                (
                    "content_block_delta",
                    #"{"delta":{"text":"\u00e4\ud83d \/","type":"text_delta"},"type":"content_block_delta","n":1e400}"#
                ),
                ("event_of_tomorrow", #"{"type":"event_of_tomorrow","what":[null,{"deep":"ä 👋"}]}"#),
                ("message_delta", #"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{}}"#),
                ("message_stop", #"{"type":"message_stop"}"#),
            ]
    }

    /// The upstream may leave names out, separate lines by CR LF, and send comments or a `[DONE]`.
    @Test(arguments: ForwardingDoor.named, [1, 10, 10_000])
    func streamed(door: ForwardingDoor, pieceLength: Int) throws {
        let folder = try TemporaryFolder()
        let events = Self.data(door)
        let expected = events.map { "event: \($0.name)\ndata: \($0.data)\n\n" }.joined()
        let comment = ": OPENROUTER PROCESSING\n\n"
        let spellings = [
            expected, events.map { "data: \($0.data)\n\n" }.joined(),
            comment + events.map { "event: \($0.name)\ndata: \($0.data)\n\n\(comment)" }.joined(),
            expected.replacingOccurrences(of: "\n", with: "\r\n"), expected + "data: [DONE]\n\n",
        ]
        let stage = try Stage()
        for spelling in spellings {
            let file = try folder.write(spelling, to: "events.sse")
            try stage.script(door, [(.first, [Answer.file(file.path, ["split": pieceLength])])])
            let response = try stage.send(door).response
            #expect(response.headers["Content-Type"] == "text/event-stream")
            #expect(response.text == expected)
        }
    }

    @Test(arguments: ForwardingDoor.named)
    func whole(door: ForwardingDoor) throws {
        let folder = try TemporaryFolder()
        let body =
            door == .responses
            ? #"{"id" : "r","status":"completed","output":[ {"type":"message","content":[{"type":"output_text","text":"\u00e4"}]}],"x":1.50}"#
            : #"{"id" : "m","content":[ {"type":"text","text":"\u00e4 \ud83d"}],"stop_reason":"end_turn","x":[1.50, 1e400]}"#
        let file = try folder.write("\n         \n\n         \n" + body + "\n", to: "whole.json")
        let stage = try Stage()
        try stage.script(door, [(.first, [Answer.file(file.path, ["split": 3])])])
        let response = try stage.send(door, stream: false).response
        #expect(response.headers["Content-Type"]?.hasPrefix("application/json") == true)
        #expect(response.text == body)
    }

    @Test(arguments: ForwardingDoor.allCases)
    func requests(door: ForwardingDoor) throws {
        let prompt =
            door == .responses
            ? "\"input\":\"\\u00e4\\/ä\"" : "\"messages\":[{\"role\":\"user\",\"content\":\"\\u00e4\\/ä\"}]"
        func body(_ model: String) -> String {
            " {\"metadata\":{\"model\":\"inner\",\"n\":[1.50,1e400,-0]},\t\(prompt),\n\"model\": \"\(model)\" , \"top_p\":0.10}\n"
        }
        let stage = try Stage()
        #expect(try stage.client.post(door.path, json: body("alpha-70b")).status == 200)
        #expect(try stage.requests(door).map(\.body) == [body(ListedModel.first.id)])
    }
}
