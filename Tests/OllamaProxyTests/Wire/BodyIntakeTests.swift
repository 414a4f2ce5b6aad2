import OllamaProxy
import Testing

/// A body is looked at as it comes, in whatever pieces.
struct BodyIntakeTests {
    /// The same for the whole, and cut at every byte.
    private func intake(_ bytes: [UInt8]) -> BodyIntake {
        var pieces = BodyIntake()
        for byte in bytes { withBytes([byte]) { pieces.take($0) } }
        var whole = BodyIntake()
        withBytes(bytes) { whole.take($0) }
        #expect(whole.isWellFormed == pieces.isWellFormed && whole.fault == pieces.fault)
        return whole
    }

    @Test(arguments: [
        (#"{"a":"ä\"ö\\"}"#, true), (#"{"a":"\u00e4 語 👋"}"#, true), ("", true), ("[1,2]", true),
    ])
    func textIsWellFormed(text: String, isWellFormed: Bool) {
        #expect(intake(Array(text.utf8)).isWellFormed == isWellFormed)
    }

    /// Broken sequences within strings, outside, behind an escape and at the end.
    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0xC3], [0x22, 0x5C, 0xC3, 0x22], [0x22, 0xE0, 0x80, 0x80, 0x22], [0xED, 0xA0, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xC0, 0x80], [0x80],
        ] as [[UInt8]])
    func whatIsNoUTF8IsFound(bytes: [UInt8]) {
        #expect(!intake(bytes).isWellFormed)
        // The repair finds the same, and what it makes of it is what the standard library makes of it.
        withBytes(bytes) { #expect(UTF8Repair.repaired($0)?.text == String(decoding: $0, as: UTF8.self)) }
    }

    @Test func marksWithinStringsAreNoValues() {
        var body = BodyIntake()
        let many = [UInt8](repeating: UInt8(ascii: ","), count: BodyIntake.mostMarks + 1)
        withBytes([UInt8(ascii: "\"")] + many) { body.take($0) }
        #expect(body.fault == nil)
        var outside = BodyIntake()
        withBytes(many) { outside.take($0) }
        #expect(outside.fault == .tooManyValues)
    }

    @Test func aPictureInPlaceOfATextIsRefused() {
        var body = BodyIntake()
        withBytes([UInt8](repeating: 0xFF, count: BodyIntake.mostFaults)) { body.take($0) }
        #expect(body.fault == nil)
        withBytes([0xFF]) { body.take($0) }
        #expect(body.fault == .notText)
    }

    /// Names that clients spell with escapes mean the same, and cost no more than the comparison takes.
    @Test(arguments: [
        (#"m\u006fdel"#, true), (#"\u006d\u006F\u0064\u0065\u006C"#, true), (#"mode\u006c\u006c"#, false),
        (#"m\u016fdel"#, false), (#"mode\n"#, false), (#"mod\u0065"#, false), (#"\"odel"#, false),
    ])
    func keysInEscapes(key: String, isModel: Bool) {
        withBytes(Array(key.utf8)) { #expect((JSONText(escaped: $0, hasEscapes: true) == "model") == isModel) }
    }
}
