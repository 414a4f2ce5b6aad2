import OllamaProxy
import Testing

/// Where an error lies, in the words people use for it.
struct JSONPathTests {
    @Test(
        arguments: [
            (#"{"a":@}"#, "a"), (#"{"x":1,"a":{"b":@}}"#, "a.b"), (#"{"a":[1,{"b":[[@]]}]}"#, "a[1].b[0][0]"),
            (#"{"a":"\"}@"}"#, "a"), (#"{"a b":@}"#, "a b"), (#"{"é":{"":@}}"#, "é."), (#"[0,@]"#, "[1]"),
        ])
    func namesThePlace(json: String, path: String) {
        let offset = Array(json.utf8).firstIndex(of: UInt8(ascii: "@")) ?? 0
        let found = withBytes(json.replacing("@", with: "7")) { JSONPath.path(to: offset, in: $0) }
        #expect(found == path)
    }

    @Test func whatLiesInNoFieldHasNoName() {
        #expect(withBytes(#"{"a":1}"#) { JSONPath.path(to: 0, in: $0) } == "a")
        #expect(withBytes(#"{"a":1} x"#) { JSONPath.path(to: 8, in: $0) } == nil)
        #expect(withBytes("7") { JSONPath.path(to: 0, in: $0) } == nil)
        #expect(withBytes("") { JSONPath.path(to: 0, in: $0) } == nil)
    }

    /// A text that breaks off is wrong where it ends.
    @Test func whatBreaksOffIsNamedToo() {
        let json = #"{"a":[{"b":tr"#
        #expect(withBytes(json) { JSONPath.path(to: json.utf8.count, in: $0) } == "a[0].b")
    }

    @Test func deepPlacesAreNamedOnlyInPart() {
        let json = String(repeating: "[", count: 300) + "7"
        let path = withBytes(json) { JSONPath.path(to: 300, in: $0) }
        #expect(path == String(repeating: "[0]", count: 8))
        let long = #"{""# + String(repeating: "k", count: 5000) + #"":7}"#
        #expect(withBytes(long) { JSONPath.path(to: 5004, in: $0) }?.count == 100)
    }
}
