import OllamaProxy
import Testing

/// Thinking that a provider leaves in the content, between tags.
struct ThinkTagTests {
    /// The thinking and the content of an answer whose content comes in these pieces.
    private static func answer(
        _ pieces: [String], streams: Bool = true, hidesThinking: Bool = false
    ) throws -> [String] {
        var stage = try ExchangeStage(.ollamaChat(stream: streams), hidesThinking: hidesThinking)
        stage.begin()
        stage.head()
        for piece in pieces { stage.bytes(Events.content(piece)) }
        stage.bytes(Events.finish() + Events.done)
        let messages = try stage.lines().compactMap { $0["message"] as? [String: Any] }
        return ["thinking", "content"].map { key in messages.compactMap { $0[key] as? String }.joined() }
    }

    @Test(
        arguments: [
            ("<think>why</think>because", "why", "because"),
            ("\\n <think>\\nwhy \\u00e9\\n</think>\\n\\nbecause <think>", "\nwhy é\n", "because <think>"),
            ("\\u003cthink\\u003ea < b<\\/think>c", "a < b", "c"), ("<thin ice", "", "<thin ice"),
            ("<think", "", "<think"),
            ("plain <think>x</think>", "", "plain <think>x</think>"), ("<think>endless</thi", "endless</thi", ""),
            ("<think></think>x", "", "x"), (" \\n x", "", " \n x"),
        ])
    func isTakenOutHoweverItIsCut(text: String, thinking: String, content: String) throws {
        #expect(try Self.answer([text]) == [thinking, content])
        #expect(try Self.answer([text], streams: false) == [thinking, content])
        #expect(try Self.answer([text], hidesThinking: true) == ["", content])
        // Cut between all its characters, escapes kept whole.
        var pieces: [String] = []
        var rest = text[...]
        while !rest.isEmpty {
            let length = rest.hasPrefix("\\u") ? 6 : rest.hasPrefix("\\") ? 2 : 1
            pieces.append(String(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        #expect(try Self.answer(pieces) == [thinking, content])
    }
}
