import Foundation
import OllamaProxy
import Testing

struct JSONReaderTests {
    @Test func pullsValuesAndSkipsTheRest() throws {
        let text = #" {"a": [1, {"b": null}], "name": "x\n", "n": -1.5e2, "t": true} "#
        try withBytes(text) { bytes in
            var reader = JSONReader(bytes)
            var seen: [String] = []
            try reader.beginObject()
            while let key = try reader.nextKey() {
                switch key {
                case "name": seen.append(try reader.string().string)
                case "n": seen.append(try reader.number().text)
                case "t": seen.append("\(try reader.bool())")
                default: seen.append(try reader.slice().text)
                }
            }
            try reader.end()
            #expect(seen == [#"[1, {"b": null}]"#, "x\n", "-1.5e2", "true"])
        }
    }

    @Test(
        arguments: [
            (#""\u00e9\ud83d\ude00\/\"\\\b\f\n\r\t""#, "é😀/\"\\\u{8}\u{c}\n\r\t"),
            (#""\ud800""#, "\u{FFFD}"),
            (#""\ud800\u0041""#, "\u{FFFD}A"),
            (#""\udc00\ud83d""#, "\u{FFFD}\u{FFFD}"),
            ("\"\u{1F600} plain\"", "\u{1F600} plain"),
        ])
    func decodesEscapes(json: String, expected: String) throws {
        try withBytes(json) { bytes in
            var reader = JSONReader(bytes)
            let text = try reader.string().string
            #expect(text == expected)
        }
    }

    @Test(
        arguments: [
            ("", "unexpected end of JSON input at byte 0"),
            ("{\"a\" 1}", "unexpected character '1', expected a colon after the key at byte 5"),
            ("{\"a\":1,}", "unexpected character '}', expected a key in double quotes at byte 7"),
            ("[1 2]", "unexpected character '2', expected a comma or the end of the array at byte 3"),
            ("[1] x", "unexpected bytes after the value at byte 4"),
            ("tru", "unexpected end of JSON input at byte 0"),
            ("\"\u{1}\"", "unescaped control character in a string at byte 1"),
            ("\"\\x\"", "invalid escape in a string at byte 1"),
            ("-", "invalid number at byte 1"),
            ("\u{0}", "unexpected byte 0x0, expected a value at byte 0"),
        ])
    func saysWhatIsWrongAndWhere(json: String, message: String) {
        withBytes(json) { bytes in
            let error = #expect(throws: JSONError.self) { try JSONReader.check(bytes) }
            #expect(error?.description == message)
        }
    }

    @Test func refusesWhatIsNestedTooDeep() {
        let deep = String(repeating: "[", count: 513) + String(repeating: "]", count: 513)
        let fine = String(repeating: "[", count: 512) + String(repeating: "]", count: 512)
        #expect(withBytes(deep) { (try? JSONReader.check($0)) == nil })
        #expect(withBytes(fine) { (try? JSONReader.check($0)) != nil })
        #expect(withBytes(String(repeating: "{\"a\":", count: 100_000)) { (try? JSONReader.check($0)) == nil })
    }

    @Test func refusesInvalidUTF8InStrings() {
        for bytes: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82]] {
            #expect(withBytes([0x22] + bytes + [0x22]) { (try? JSONReader.check($0)) == nil })
        }
    }

    @Test(arguments: [("1", 1), ("1.0", 1), ("1e3", 1000), ("-0", 0)])
    func readsWholeNumbersHoweverWritten(text: String, expected: Int) {
        withBytes(text) { #expect(JSONNumber.integer($0) == expected) }
    }

    @Test func isNotFooledByEscapedKeys() throws {
        try withBytes(#"{"mod\u0065l":"x"}"#) { bytes in
            var reader = JSONReader(bytes)
            try reader.beginObject()
            let key = try reader.nextKey()!
            #expect(key == "model")
        }
    }

    /// Random valid texts, written by the reference, must come out the same when read here.
    @Test func agreesWithFoundationOnRandomTexts() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<500 {
            let value = RandomJSON.value(depth: 4, &random)
            let data = try JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys])
            let mine = try withBytes(Array(data)) { try JSONTree.read($0) }
            let again = try JSONSerialization.data(withJSONObject: mine, options: [.fragmentsAllowed, .sortedKeys])
            #expect(again == data)
        }
    }

    /// Valid texts with bytes changed at random: both readers accept or refuse, neither crashes. Where the reference
    /// is known to be laxer, only the refusal here counts.
    @Test func refusesWhatFoundationRefusesAfterRandomDamage() throws {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<2000 {
            let value = RandomJSON.value(depth: 3, &random)
            var bytes = Array(try JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed]))
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let isAccepted = withBytes(bytes) { (try? JSONReader.check($0)) != nil }
            guard isAccepted else { continue }
            // A lone surrogate is valid JSON that the reference refuses.
            if String(decoding: bytes, as: UTF8.self).lowercased().contains("\\ud") { continue }
            let reference = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
            #expect(reference != nil, "\(String(decoding: bytes, as: UTF8.self))")
        }
    }
}

/// Random JSON values as Foundation holds them.
enum RandomJSON {
    static func value(depth: Int, _ random: inout SeededGenerator) -> Any {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &random) {
        case 0: return NSNull()
        case 1: return Bool.random(using: &random)
        case 2: return Int.random(in: -1_000_000...1_000_000, using: &random)
        case 3: return Double(Int.random(in: -1000...1000, using: &random)) / 8
        case 4: return text(&random)
        case 5: return (0..<Int.random(in: 0...4, using: &random)).map { _ in value(depth: depth - 1, &random) }
        default:
            var object: [String: Any] = [:]
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                object[text(&random)] = value(depth: depth - 1, &random)
            }
            return object
        }
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        let alphabet = Array("ab \"\\/\n\t\u{1}é€😀{}[]:,")
        return String((0..<Int.random(in: 0...24, using: &random)).map { _ in alphabet.randomElement(using: &random)! })
    }
}

/// The same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
