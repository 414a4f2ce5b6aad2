import Foundation
import OllamaProxy
import Testing

struct JSONWriterTests {
    @Test func writesEveryKindOfValue() {
        let output = JSONWriter.object { object in
            object.field("text", "a\"\\\n\u{1}é😀")
            object.field("number", -42)
            object.field("flag", false)
            object.field("list", ["x", "y"])
            object.key("nothing")
            object.null()
            object.key("inner")
            object.object { _ in }
            object.key("numbers")
            object.array { array in
                array.integer(Int.min)
                array.integer(0)
            }
        }
        let text = #"{"text":"a\"\\\n\u0001é😀","number":-42,"flag":false,"list":["x","y"],"nothing":null,"#
        #expect(output.text == text + #""inner":{},"numbers":[-9223372036854775808,0]}"#)
    }

    @Test func copiesTextAsItStands() throws {
        try withBytes(#""\ud800 \u00e9 é""#) { bytes in
            var reader = JSONReader(bytes)
            let text = try reader.string()
            #expect(JSONWriter.object { $0.field("t", text) }.text == #"{"t":"\ud800 \u00e9 é"}"#)
        }
    }

    @Test func escapesAnyTextSoThatItReadsBack() throws {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<300 {
            let text = String((0..<40).map { _ in Character(UnicodeScalar(UInt8.random(in: 0...255, using: &random))) })
            let output = ByteBuffer()
            JSONWriter.appendQuoted(text, to: output)
            let read = try withBytes(output.bytes) { bytes in
                var reader = JSONReader(bytes)
                return try reader.string().string
            }
            #expect(read == text)
        }
    }
}
