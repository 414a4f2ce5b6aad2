import OllamaProxy

/// The scans that look at eight bytes at a time against loops that look at one, and UTF-8 against the standard library.
enum TextTarget {
    static func run(_ bytes: Bytes) {
        checkScans(bytes)
        checkUTF8(bytes)
        checkEscapes(bytes)
    }

    private static func checkScans(_ bytes: Bytes) {
        for start in [0, bytes.count / 3, bytes.count] {
            let plain = bytes[start...].firstIndex { $0 == 0x22 || $0 == 0x5C || $0 < 0x20 || $0 >= 0x80 }
            expect(
                WordScan.endOfPlainString(in: bytes, from: start) == plain ?? bytes.count,
                "a plain string ends elsewhere")
            let end = bytes[start...].firstIndex { $0 == 0x0A || $0 == 0x0D }
            expect(WordScan.lineEnd(in: bytes, from: start) == end, "a line ends elsewhere")
        }
        expect(WordScan.wideByteCount(in: bytes) == bytes.count { $0 >= 0x80 }, "bytes outside ASCII are miscounted")
    }

    private static func checkUTF8(_ bytes: Bytes) {
        let isValid = String(validating: bytes, as: UTF8.self) != nil
        expect(UTF8Repair.isValid(bytes) == isValid, "the standard library says that UTF-8 is valid: \(isValid)")
        let repaired = UTF8Repair.repaired(bytes)
        expect((repaired == nil) == isValid, "what is valid is repaired, or the reverse")
        if let repaired { expect(repaired.withBytes { UTF8Repair.isValid($0) }, "repaired and still not valid") }
    }

    private static func checkEscapes(_ bytes: Bytes) {
        let text = bytes.text
        let quoted = ByteBuffer()
        JSONWriter.appendQuoted(text, to: quoted)
        expect(JSONTree(quoted) == .string(text), "escaped text reads otherwise: \(quoted.text)")
        let secret = Secret("sk-or-fuzz")
        expect(secret.removed(from: text).withBytes { $0.offset(of: "sk-or-fuzz", from: 0) } == nil, "the key is left")
        _ = text.trimmingSpaces.cut(at: "://")
    }
}
