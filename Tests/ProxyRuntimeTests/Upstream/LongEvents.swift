import Foundation
import TestSupport
import Testing

/// Events of any length, cut anywhere.
@Suite(.timeLimit(.minutes(10)))
struct LongEvents {
    @Test(arguments: [true, false])
    func aLineOfAMegabyte(stream: Bool) throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.failure("long-line"))
        let reply = try stage.chat(stream: stream)
        #expect(reply.content.utf8.count == 1_000_000)
        #expect(reply.isDone)
    }

    /// A provider that never ends its line fills no memory: the next model answers.
    @Test func aLineWithoutEnd() throws {
        let folder = try TemporaryFolder()
        let line = "data: {\"choices\":[{\"delta\":{\"content\":\"" + String(repeating: "x", count: 20 << 20)
        let file = try folder.write(line, to: "endless.sse")
        let stage = try Stage()
        try stage.script([(.first, [Answer.file(file.path)]), (.second, [Answer.words(["fine"])])])
        #expect(try stage.chat().content == "fine")
    }

    @Test(arguments: [1, 2, 3, 5, 64])
    func cutAnywhere(pieceLength: Int) throws {
        let stage = try Stage()
        try stage.scriptAll(
            Answer.words(
                ["grüße ", "👩‍👩‍👧 ", "日本語 \"quoted\" \\ \n\t"],
                ["split": pieceLength, "comments_before": 2, "comments_between": 1, "reasoning": ["ä"]]))
        let reply = try stage.chat()
        #expect(reply.content == "grüße 👩‍👩‍👧 日本語 \"quoted\" \\ \n\t")
        #expect(reply.thinking == "ä")
        #expect(reply.isDone)
    }

    /// Other servers of this kind end lines with CRLF, leave out the space, and name their events.
    @Test func otherDialects() throws {
        let folder = try TemporaryFolder()
        let events = [
            ": hello", "event: message\r\nid: 1\r\ndata:{\"choices\":[{\"delta\":{\"content\":\"one \"}}]}",
            "data: {\"choices\":[\r\ndata: {\"delta\":{\"content\":\"two\"}}]}",
            "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}", "data: [DONE]",
        ]
        let text = "\u{FEFF}" + events.map { $0 + "\r\n\r\n" }.joined()
        let file = try folder.write(text, to: "dialect.sse")
        for split in [1, 1000] {
            let stage = try Stage()
            try stage.scriptAll(Answer.file(file.path, ["split": split]))
            let reply = try stage.chat()
            #expect(reply.content == "one two")
            #expect(reply.isDone)
        }
    }
}
