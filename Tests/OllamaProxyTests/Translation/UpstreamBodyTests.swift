import Testing

@testable import OllamaProxy

/// A body is the same whether it is one buffer or pieces, and however libcurl reads it.
struct UpstreamBodyTests {
    /// A forwarded request of some size, whose model is named behind a field that is left out.
    private static func request(textBytes: Int) -> (UpstreamRequest, expected: (String, String) -> String) {
        let text = String(repeating: "abcdefgh", count: textBytes / 8)
        let head = #"{"gone":1,"model":"#
        let rest = #","messages":[{"role":"user","content":"\#(text)"}"#
        let body = head + #""m""# + rest + "]}"
        let model = head.utf8.count
        let edits: [ForwardingEdit] = [
            .init(range: 1..<10, kind: .removal), .init(range: model..<model + 3, kind: .model),
            .init(range: body.utf8.count - 2..<body.utf8.count - 2, kind: .continuation(isFirst: false)),
        ]
        return (
            UpstreamRequest(forwarding: ByteBuffer(body), edits: edits),
            { model, more in #"{"model":"\#(model)""# + rest + more + "]}" }
        )
    }

    private static func read(_ body: UpstreamBody, atMost size: Int) -> String {
        let result = ByteBuffer()
        var piece = [UInt8](repeating: 0, count: size)
        while true {
            let count = piece.withUnsafeMutableBytes { body.read(into: $0) }
            guard count > 0 else { return result.text }
            piece.withUnsafeBufferPointer { result.append(Bytes(rebasing: $0[0..<count])) }
        }
    }

    @Test(arguments: [80, UpstreamBody.leastInPieces - 200, UpstreamBody.leastInPieces, 1 << 20])
    func sizes(_ textBytes: Int) throws {
        let (request, expected) = Self.request(textBytes: textBytes)
        let first = request.body(for: model("v/first:free"))
        let second = request.body(for: model("w/x"), continuing: ByteBuffer("so far"), isShared: true)
        #expect((first.whole == nil) == (textBytes >= UpstreamBody.leastInPieces))
        #expect(first.joined().text == expected("v/first:free", ""))
        #expect(second.joined().text == expected("w/x", #",{"role":"assistant","content":"so far"}"#))
        #expect(first.count == first.joined().count && second.count == second.joined().count)
    }

    @Test(arguments: [1, 7, 16 << 10, 1 << 20]) func isReadInAnySteps(_ size: Int) {
        let (request, expected) = Self.request(textBytes: UpstreamBody.leastInPieces)
        let body = request.body(for: model("v/first:free"))
        #expect(Self.read(body, atMost: size) == expected("v/first:free", ""))
    }

    @Test func isReadAgainFromAnywhere() {
        let (request, expected) = Self.request(textBytes: UpstreamBody.leastInPieces)
        let body = request.body(for: model("v/first:free"))
        let text = expected("v/first:free", "")
        for offset in [0, 1, 2, 9, 10, 23, 24, 25, text.utf8.count - 1, text.utf8.count] {
            _ = Self.read(body, atMost: 100)
            #expect(body.seek(to: offset))
            #expect(Self.read(body, atMost: 4096) == String(text.dropFirst(offset)))
        }
        #expect(!body.seek(to: text.utf8.count + 1) && !body.seek(to: -1))
    }

    /// A prompt of many megabytes is not there once more for each attempt.
    @Test func largeOnesShareTheirBytes() throws {
        let text = String(repeating: "x", count: UpstreamBody.leastInPieces)
        try withBytes(#"{"model":"m","messages":[{"role":"user","content":"\#(text)"}]}"#) { bytes in
            let request = try UpstreamRequest(try OllamaChatRequest(bytes))
            let first = request.body(for: model("a/long-name:free"))
            let second = request.body(for: model("b/x"), isShared: true)
            #expect(first.whole == nil && second.whole == nil)
            #expect(
                first.joined().text.replacing("a/long-name:free", with: "b/x") == second.joined().text)
        }
    }

    private static let long = String(repeating: "x\\n", count: BorrowedTexts.least)
    private static let picture = "/9j/" + String(repeating: "AAAA", count: BorrowedTexts.least)

    /// What is not copied is sent all the same, in its place.
    @Test(arguments: [
        #"{"role":"user","content":"\#(long)"}"#,
        #"{"role":"system","content":"short"},{"role":"user","content":"\#(long)","images":["\#(picture)","\#(picture)"]}"#,
        #"{"role":"user","content":"\#(long)"},{"role":"assistant","content":"\#(long)","thinking":"\#(long)"}"#,
        #"{"role":"user","content":[{"type":"text","text":"\#(long)"}],"images":["\#(picture)"]}"#,
        #"{"role":"user","content":[{"type":"text","text":"\#(long)"},{"type":"image_url","image_url":{"url":"x"}}]}"#,
    ])
    func longTextsAreBorrowed(messages: String) throws {
        let tools = #"[{"type":"function","function":{"name":"f","description":"\#(Self.long)"}}]"#
        let body = ByteBuffer(#"{"model":"m","tools":\#(tools),"messages":[\#(messages)],"think":true}"#)
        try body.withBytes { bytes in
            let chat = try OllamaChatRequest(bytes)
            let (copied, borrowed) = (try UpstreamRequest(chat), try UpstreamRequest(chat, body: body))
            for partial in [nil, ByteBuffer("so far")] {
                for name in ["a/long-name:free", "b/x"] {
                    let expected = copied.body(for: model(name), continuing: partial, isShared: true)
                    let body = borrowed.body(for: model(name), continuing: partial)
                    #expect(body.joined().text == expected.joined().text)
                    #expect(Self.read(body, atMost: 10_000) == expected.joined().text)
                }
            }
        }
    }

    @Test func longPromptsOfOtherRequestsAreBorrowed() throws {
        let prompt = ByteBuffer(#"{"model":"m","prompt":"\#(Self.long)","system":"\#(Self.long)"}"#)
        let embed = ByteBuffer(#"{"model":"m","input":["\#(Self.long)","short"],"dimensions":7}"#)
        let chosen = model("v/m:free")
        try prompt.withBytes { bytes in
            let generate = try OllamaGenerateRequest(bytes)
            #expect(
                try UpstreamRequest(generate, body: prompt).body(for: chosen).joined().text
                    == UpstreamRequest(generate).body(for: chosen).joined().text)
            let completion = try CompletionRequest(bytes)
            #expect(
                UpstreamRequest(completion, body: prompt).body(for: chosen).joined().text
                    == UpstreamRequest(completion).body(for: chosen).joined().text)
        }
        try embed.withBytes { bytes in
            let request = try OllamaEmbedRequest(bytes, isLegacy: false)
            let input = try #require(request.input)
            #expect(
                UpstreamRequest(request, input: input, body: embed).body(for: chosen).joined().text
                    == UpstreamRequest(request, input: input).body(for: chosen).joined().text)
        }
    }
}
