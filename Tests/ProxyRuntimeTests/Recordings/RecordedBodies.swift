import Foundation
import TestSupport
import Testing

/// Every recorded whole answer says through the proxy what it said, whichever way it is cut and asked for.
@Suite(.enabled(if: SharedRecordings.isAvailable, "\(SharedRecordings.skipReason)"), .timeLimit(.minutes(10)))
struct RecordedBodies {
    @Test(arguments: Recording.wholes)
    func ollama(recording: Recording) throws {
        let recorded = try RecordedAnswer.whole(recording.url)
        let stage = try Stage()
        for cut: JSONObject in [[:], ["split": 7], ["split": 1]] {
            for stream in [true, false] {
                try stage.script([
                    (.first, [Answer.file(recording.url.path, cut)]), (.second, [Answer.words(["from the second"])]),
                ])
                let reply = try stage.chat(stream: stream)
                if let recorded {
                    reply.expectEqual(to: recorded)
                } else {
                    // No answer of a chat at all: the next model.
                    #expect(reply.content == "from the second")
                }
            }
        }
        if recorded != nil { #expect(Set(try stage.modelsAsked()) == [ListedModel.first.id]) }
    }

    @Test(arguments: Recording.wholes)
    func openAI(recording: Recording) throws {
        let recorded = try RecordedAnswer.whole(recording.url)
        let stage = try Stage()
        try stage.script([
            (.first, [Answer.file(recording.url.path, ["split": 7])]), (.second, [Answer.words(["from the second"])]),
        ])
        let response = try stage.client.post("/v1/chat/completions", json: Stage.chatBody(stream: false))
        #expect(response.status == 200)
        if recorded == nil {
            #expect(response.text.contains("from the second"))
        } else {
            let body = try String(contentsOf: recording.url, encoding: .utf8)
            #expect(response.text == body.trimmingCharacters(in: .whitespacesAndNewlines))
        }
    }
}
