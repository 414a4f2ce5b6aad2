import Testing

@testable import OllamaProxy

/// A body is looked at as it comes, in whatever pieces.
struct BodyIntakeTests {
    /// The same for the whole, and cut at every byte.
    private func intake(_ bytes: [UInt8]) -> BodyIntake {
        var pieces = BodyIntake()
        for byte in bytes { withBytes([byte]) { pieces.accept($0) } }
        var whole = BodyIntake()
        withBytes(bytes) { whole.accept($0) }
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
        withBytes([UInt8(ascii: "\"")] + many) { body.accept($0) }
        #expect(body.fault == nil)
        var outside = BodyIntake()
        withBytes(many) { outside.accept($0) }
        #expect(outside.fault == .tooManyValues)
    }

    /// Each byte of a number and of white space is looked at.
    @Test(arguments: [UInt8(ascii: " "), UInt8(ascii: "1")]) func whatIsNoTextIsLimited(byte: UInt8) {
        var body = BodyIntake()
        withBytes([UInt8](repeating: byte, count: BodyIntake.mostFilling)) { body.accept($0) }
        #expect(body.fault == nil)
        withBytes([byte]) { body.accept($0) }
        #expect(body.fault == .tooManyValues)
    }

    /// A little of it is put right, as Ollama does; where that would take long it is not.
    @Test func aPictureInPlaceOfATextIsRefused() {
        var body = BodyIntake()
        withBytes([UInt8](repeating: 0xFF, count: BodyIntake.mostRepaired)) { body.accept($0) }
        #expect(body.fault == nil)
        withBytes([0xFF]) { body.accept($0) }
        #expect(body.fault == .notText)
    }

    // MARK: Long strings

    private static let long = String(repeating: "x", count: 16 << 10)

    /// What is read with the help of the long strings is what is read without it.
    @Test(arguments: [
        "",
        #"\n"#, #"\\"#, #"\u00e4\""#, "ä語👋",
    ])
    func longStringsAreReadAtOnce(middle: String) throws {
        let text = Self.long + middle + Self.long
        let json = #"{"a":"\#(text)","b":[{"c":"short"},"\#(text)"],"\#(text)":1}"#
        let intake = intake(Array(json.utf8))
        #expect(intake.faultAtEnd == nil)
        try withBytes(json) { bytes in
            try intake.withLongStrings(of: bytes) { strings in
                var place = 0
                #expect(strings.string(at: bytes.baseAddress! + 6, from: &place)?.end == 6 + text.utf8.count)
                #expect(strings.string(at: bytes.baseAddress! + 7, from: &place) == nil)
                var known = JSONReader(bytes, strings)
                var plain = JSONReader(bytes)
                try known.beginObject()
                try plain.beginObject()
                while let key = try plain.nextKey() {
                    let same = try known.nextKey()
                    #expect(same?.string == key.string && same?.hasEscapes == key.hasEscapes)
                    let (slice, other) = (try plain.slice(), try known.slice())
                    #expect(slice.baseAddress == other.baseAddress && slice.count == other.count)
                    // And the same of what is cut out.
                    var part = JSONReader(slice, strings)
                    try part.skip()
                    try part.end()
                }
                #expect(try known.nextKey() == nil)
                try known.end()
            }
        }
    }

    /// Nobody passes over what is wrong in a long string because its end is known.
    @Test(arguments: [
        (#"\x"#, JSONError.Reason.invalidEscape), (#"\u12g4"#, .invalidEscape), ("\n", .controlCharacter),
    ])
    func whatIsWrongInALongStringIsFound(wrong: String, reason: JSONError.Reason) {
        for json in [#"{"a":"\#(wrong)\#(Self.long)"}"#, #"{"a":"\#(Self.long)\#(wrong)"}"#] {
            guard case .invalid(let error) = intake(Array(json.utf8)).faultAtEnd else {
                Issue.record("\(wrong.debugDescription) is not found")
                continue
            }
            #expect(error.reason == reason)
            // The reader says the same.
            let found = withBytes(json) { bytes in
                #expect(throws: JSONError.self) {
                    var reader = JSONReader(bytes)
                    try reader.skip()
                }
            }
            #expect(found?.offset == error.offset && found?.reason == error.reason)
        }
    }

    @Test func aLongStringThatDoesNotEndIsRefused() {
        let fault = intake(Array((#"{"a":""# + Self.long).utf8)).faultAtEnd
        #expect(fault == .invalid(JSONError(reason: .unexpectedEnd, offset: (16 << 10) + 6)))
        // A short one is left to the reader.
        #expect(intake(Array(#"{"a":"x"#.utf8)).faultAtEnd == nil)
    }

    @Test func noLongStringIsKnownWhereTheTextIsRepaired() {
        let bytes = Array(#"{"a":"\#(Self.long)"}"#.utf8) + [0xFF]
        withBytes(bytes) { text in intake(bytes).withLongStrings(of: text) { #expect($0.isEmpty) } }
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
