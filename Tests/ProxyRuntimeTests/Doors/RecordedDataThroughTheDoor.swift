import Foundation
import TestSupport
import Testing

/// Every recorded stream gives the same `data:` payloads through the door as it held, and every recorded body the same
/// bytes.
@Suite(.enabled(if: SharedRecordings.isAvailable, "\(SharedRecordings.skipReason)"), .timeLimit(.minutes(10)))
struct RecordedDataThroughTheDoor {
    private static func payloads(_ text: String) -> [String] {
        text.components(separatedBy: "\n").filter { $0.hasPrefix("data:") }.map {
            String($0.dropFirst(5)).trimmingCharacters(in: .whitespaces)
        }
    }

    @Test(arguments: Recording.streams)
    func streams(recording: Recording) throws {
        let recorded = Self.payloads(try String(contentsOf: recording.url, encoding: .utf8))
        let answer = try RecordedAnswer.stream(recording.url)
        let stage = try Stage()
        try stage.script([(.first, [Answer.file(recording.url.path)]), (.second, [Answer.words(["next"])])])
        let reply = try stage.send(.chat)
        if answer.hasError || !answer.hasEnded {
            // It ends in an error of ours, or in another model's answer when nothing had been said.
            #expect(answer.hasSpoken ? reply.response.text.contains("\"error\"") : reply.words == ["next"])
        } else {
            let expected = recorded.last == "[DONE]" ? recorded : recorded + ["[DONE]"]
            #expect(Self.payloads(reply.response.text) == expected)
        }
    }
}
