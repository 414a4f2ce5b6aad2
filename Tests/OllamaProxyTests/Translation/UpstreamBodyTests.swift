import OllamaProxy
import Testing

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
}
