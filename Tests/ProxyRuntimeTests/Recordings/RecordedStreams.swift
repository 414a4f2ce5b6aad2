import Foundation
import TestSupport
import Testing

/// Every recorded stream, replayed whole, in sevens and at every byte, says through the proxy what it said.
@Suite(.enabled(if: SharedRecordings.isAvailable, "\(SharedRecordings.skipReason)"), .timeLimit(.minutes(10)))
struct RecordedStreams {
    private static var cuts: [JSONObject] { [[:], ["split": 7], ["split": 1]] }

    @Test(arguments: Recording.streams)
    func ollama(recording: Recording) throws {
        let recorded = try RecordedAnswer.stream(recording.url)
        for cut in Self.cuts {
            for stream in [true, false] {
                let stage = try Stage()
                try stage.script([
                    (.first, [Answer.file(recording.url.path, cut)]), (.second, [Answer.words(["from the second"])]),
                ])
                let reply = try stage.chat(stream: stream)
                if recorded.hasError || !recorded.hasEnded {
                    expectFailure(reply, of: recorded, stream: stream)
                } else {
                    reply.expectEqual(to: recorded)
                    #expect(try stage.modelsAsked() == [ListedModel.first.id])
                }
            }
        }
    }

    /// The next model if nothing was said before, else an error line.
    private func expectFailure(_ reply: ChatReply, of recorded: RecordedAnswer, stream: Bool) {
        if stream, recorded.hasSpoken {
            #expect(reply.error != nil)
            #expect(!reply.isDone)
            #expect(reply.content == recorded.content)
        } else {
            #expect(reply.status == 200)
            #expect(reply.content == "from the second")
            #expect(reply.answeredBy == ListedModel.second.id)
            #expect(reply.isDone)
        }
    }

    /// The OpenAI door lets everything through but the comments.
    @Test(arguments: Recording.streams)
    func openAI(recording: Recording) throws {
        let recorded = try RecordedAnswer.stream(recording.url)
        let lines = try String(contentsOf: recording.url, encoding: .utf8).components(separatedBy: "\n")
        let events = lines.filter { $0.hasPrefix("data:") }
        for cut in Self.cuts {
            let stage = try Stage()
            try stage.script([
                (.first, [Answer.file(recording.url.path, cut)]), (.second, [Answer.words(["from the second"])]),
            ])
            let response = try stage.client.post("/v1/chat/completions", json: Stage.chatBody(stream: true))
            #expect(response.status == 200)
            if recorded.hasError {
                #expect(response.text.contains("from the second"))
            } else {
                #expect(response.text == events.map { $0 + "\n\n" }.joined())
            }
        }
    }
}
