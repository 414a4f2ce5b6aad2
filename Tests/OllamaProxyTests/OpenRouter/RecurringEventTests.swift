import OllamaProxy
import Testing

struct RecurringChunkTests {
    private static func event(_ content: String, finishReason: String = "null") -> String {
        """
        {"id":"gen-1","model":"v/m","choices":[{"index":0,"delta":{"role":"assistant","content":"\(content)"},\
        "finish_reason":\(finishReason)}]}
        """
    }

    /// Borrowed texts are told by their addresses, so both have to read the same bytes.
    private static func agree(_ recurring: RecurringEvent, _ data: Bytes) -> Bool {
        guard let found = recurring.chunk(of: data) else { return true }
        return (try? AnswerEvent(data)).map { "\($0)" == "\(found)" } ?? false
    }

    private static func noting(_ event: String) throws -> RecurringEvent {
        var recurring = RecurringEvent()
        try withBytes(event) { recurring.record(try AnswerEvent($0), data: $0) }
        return recurring
    }

    @Test(arguments: ["", " token", "ünï \u{1F600}", #"a \"quoted\" word\n"#, String(repeating: "long ", count: 1000)])
    func knowsTheEventWithAnotherText(text: String) throws {
        let recurring = try Self.noting(Self.event("first"))
        withBytes(Self.event(text)) { data in
            #expect(recurring.chunk(of: data)?.content?.escaped.text == text)
            #expect(Self.agree(recurring, data))
        }
    }

    @Test func everyOtherEventIsReadAnew() throws {
        let recurring = try Self.noting(Self.event("first"))
        for other in [
            Self.event("last", finishReason: #""stop""#), Self.event(#"x","reasoning":"y"#), Self.event(#"open \"#),
            Self.event("a\u{1}b"), "[DONE]", "{}", "",
        ] {
            withBytes(other) { #expect(recurring.chunk(of: $0) == nil, "\(other)") }
        }
    }

    @Test func eachChangedByteLeadsToWhatReadingItAnewLeadsTo() throws {
        let recurring = try Self.noting(Self.event("first"))
        let bytes = Array(Self.event("second").utf8)
        for place in bytes.indices {
            for other: UInt8 in [0x00, 0x20, 0x22, 0x2C, 0x5C, 0x61, 0x7D, 0xC3, 0xFF] {
                var changed = bytes
                changed[place] = other
                withBytes(changed) { #expect(Self.agree(recurring, $0), "byte \(place) as \(other)") }
            }
            withBytes(Array(bytes[..<place])) { #expect(recurring.chunk(of: $0) == nil) }
        }
    }

    @Test(arguments: [
        #"{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}"#,
        #"{"choices":[{"delta":{"content":"a","tool_calls":[{"index":0}]}}]}"#,
        #"{"choices":[{"delta":{"content":"a"}}],"usage":{"prompt_tokens":1}}"#,
        #"{"choices":[{"delta":{"content":"a","reasoning":"b"}}]}"#,
        #"{"choices":[{"delta":{"content":"a"},"logprobs":{"content":[]}}]}"#,
    ])
    func whatSaysMoreIsNotTakenForAnExample(event: String) throws {
        let recurring = try Self.noting(event)
        withBytes(event) { #expect(recurring.chunk(of: $0) == nil) }
    }

    /// Of data that came in several lines the parts are not where a stream would have them.
    @Test(arguments: [
        "{\"choices\":\n[{\"delta\":{\"content\":\"a\"}}]}", "\n{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}",
    ])
    func dataOfSeveralLinesIsNotTakenForAnExample(data: String) throws {
        let recurring = try Self.noting(data)
        withBytes(Self.inStream(data)) { #expect(recurring.event(at: $0)?.end == nil) }
        withBytes(data) { #expect(recurring.chunk(of: $0) == nil) }
    }

    // MARK: As it lies in the stream

    private static func inStream(_ event: String) -> String { "data: \(event)\n\n" }

    @Test(arguments: ["", " token", "ünï \u{1F600}", #"a \"quoted\" word\n"#, String(repeating: "long ", count: 1000)])
    func knowsTheEventInTheStream(text: String) throws {
        let recurring = try Self.noting(Self.event("first"))
        withBytes(Self.inStream(Self.event(text)) + "data: another") { piece in
            let found = recurring.event(at: piece)
            #expect(found?.content.escaped.text == text)
            #expect(found.map { piece.part($0.data).text } == Self.event(text))
            #expect(found.map { piece.part($0.end..<piece.count).text } == "data: another")
        }
    }

    /// Whatever comes in place of any byte: what is recognized is what the parser would have found.
    @Test func eachChangedByteInTheStreamLeadsToWhatReadingItAnewLeadsTo() throws {
        let recurring = try Self.noting(Self.event("first"))
        let bytes = Array((Self.inStream(Self.event("second")) + Self.inStream(Self.event("third"))).utf8)
        for place in bytes.indices {
            for other: UInt8 in [0x00, 0x0A, 0x0D, 0x20, 0x22, 0x2C, 0x5C, 0x61, 0x7D, 0xC3, 0xFF] {
                var changed = bytes
                changed[place] = other
                try withBytes(changed) { piece in
                    guard let found = recurring.event(at: piece) else { return }
                    var parser = EventStreamParser(limit: 10_000)
                    var expected: [String] = []
                    try withBytes(":\n\n") { try parser.feed($0) { _ in } }
                    try parser.feed(piece.part(0..<found.end)) { event in
                        if case .data(let data) = event { expected.append(data.text) }
                    }
                    #expect([piece.part(found.data).text] == expected, "byte \(place) as \(other)")
                    #expect(Self.agree(recurring, piece.part(found.data)))
                }
            }
        }
    }

    @Test func aPartOfAnEventIsNone() throws {
        let recurring = try Self.noting(Self.event("first"))
        let bytes = Array(Self.inStream(Self.event("second")).utf8)
        for place in bytes.indices {
            withBytes(Array(bytes[..<place])) { #expect(recurring.event(at: $0)?.end == nil) }
        }
        withBytes("") { #expect(RecurringEvent().event(at: $0)?.end == nil) }
    }
}
