import OllamaProxy
import Testing

struct ByteBufferTests {
    @Test func keepsOrderWhileGrowingAndDraining() {
        let buffer = ByteBuffer()
        var expected: [UInt8] = []
        var random = SeededGenerator(seed: 1)
        for round in 0..<2000 {
            let bytes = (0..<Int.random(in: 0...90, using: &random)).map { UInt8(truncatingIfNeeded: $0 + round) }
            withBytes(bytes) { buffer.append($0) }
            expected += bytes
            let taken = Int.random(in: 0...min(expected.count, 100), using: &random)
            #expect(Array(buffer.bytes.prefix(taken)) == Array(expected.prefix(taken)))
            buffer.removeFirst(taken)
            expected.removeFirst(taken)
        }
        #expect(buffer.bytes == expected)
    }

    @Test func truncatesAndEmpties() {
        let buffer = ByteBuffer("hello world")
        buffer.removeFirst(6)
        buffer.truncate(to: 3)
        #expect(buffer.text == "wor")
        buffer.removeAll(keepingAtMost: 0)
        buffer.append("again")
        #expect(buffer.text == "again")
    }
}

struct LineSplitterTests {
    private static let text = Array("one\r\ntwo\rthree\n\nfive\r\r\nseven".utf8)

    @Test(arguments: 1...12)
    func findsTheSameLinesInPiecesOfAnySize(size: Int) throws {
        var splitter = LineSplitter(limit: 100)
        var lines: [String] = []
        try forEachPiece(of: Self.text, size: size) { piece in
            try splitter.feed(piece) { lines.append($0.text) }
        }
        splitter.finish { lines.append($0.text) }
        #expect(lines == ["one", "two", "three", "", "five", "", "seven"])
    }

    @Test(arguments: [1, 3, 50])
    func refusesALineBeyondTheLimit(size: Int) {
        var splitter = LineSplitter(limit: 10)
        #expect(throws: LineSplitter.LineTooLong.self) {
            try forEachPiece(of: Array("12345678901\n".utf8), size: size) { piece in
                try splitter.feed(piece) { _ in }
            }
        }
    }
}

struct EventStreamParserTests {
    private static let text = Array(
        """
        \u{FEFF}: a comment
        data: {"a":1}

        event: something
        id: 7
        data:no space
        data: second line

        data

        : another
        retry: 10
        data: [DONE]
        """.utf8)

    @Test(arguments: [1, 2, 3, 7, 1000])
    func findsTheSameEventsInPiecesOfAnySize(size: Int) throws {
        var parser = EventStreamParser(limit: 1000)
        var events: [String] = []
        let receive: (EventStreamParser.Event) -> Void = { event in
            switch event {
            case .data(let data): events.append(data.text)
            case .comment: events.append("(comment)")
            }
        }
        try forEachPiece(of: Self.text, size: size) { piece in try parser.feed(piece, receive) }
        try parser.finish(receive)
        #expect(events == ["(comment)", "{\"a\":1}", "no space\nsecond line", "", "(comment)", "[DONE]"])
    }

    /// Once a stream has begun, whole events are lent where they lie, or recognized; what lies around them must come out
    /// the same.
    @Test(arguments: ["", "data: 1\n\n", "data:2\n\n"])
    func findsTheSameEventsWhereverThePiecesAreCut(known: String) throws {
        let text = Array(
            "data: {}\n\ndata: 1\n\ndata:2\n\ndata: \n\ndata:\n\n: x\n\ndata: 3\r\n\r\ndata: 4\n\r\ndata: 5\ndata: 6\n\ndatum: 7\n\n"
                .utf8)
        let expected = ["{}", "1", "2", "", "", "(comment)", "3", "4", "5\n6"]
        for first in 0...text.count {
            for second in first...text.count {
                var parser = EventStreamParser(limit: 100)
                var events: [String] = []
                for piece in [text[..<first], text[first..<second], text[second...]] {
                    try withBytes(Array(piece)) { bytes in
                        try parser.feed(bytes) { piece in
                            guard !known.isEmpty, piece.text.hasPrefix(known) else { return 0 }
                            events.append(String(known.filter(\.isNumber)))
                            return known.utf8.count
                        } _: { event in
                            if case .data(let data) = event {
                                events.append(data.text)
                            } else {
                                events.append("(comment)")
                            }
                        }
                    }
                }
                #expect(events == expected)
            }
        }
    }

    @Test func replacesInvalidUTF8() throws {
        var parser = EventStreamParser(limit: 100)
        var events: [String] = []
        try withBytes(Array("data: a".utf8) + [0xFF] + Array("b\n\n".utf8)) { bytes in
            try parser.feed(bytes) { event in
                if case .data(let data) = event { events.append(data.text) }
            }
        }
        #expect(events == ["a\u{FFFD}b"])
    }

    @Test func refusesAnEventBeyondTheLimit() {
        var parser = EventStreamParser(limit: 50)
        #expect(throws: LineSplitter.LineTooLong.self) {
            for _ in 0..<10 { try withBytes("data: 1234567890\n") { try parser.feed($0) { _ in } } }
        }
    }
}

struct WordScanTests {
    @Test func findsEveryByteThatNeedsALookAtEveryPlace() {
        for special: UInt8 in [0x22, 0x5C, 0x00, 0x1F, 0x80, 0xFF] {
            for place in 0..<70 {
                var bytes = [UInt8](repeating: 0x61, count: 70)
                bytes[place] = special
                #expect(withBytes(bytes) { WordScan.endOfPlainString(in: $0, from: 0) } == place)
            }
        }
        #expect(withBytes([UInt8](repeating: 0x7F, count: 20)) { WordScan.endOfPlainString(in: $0, from: 0) } == 20)
    }

    @Test func agreesWithAPlainSearchOnRandomBytes() {
        var random = SeededGenerator(seed: 5)
        for round in 0..<2000 {
            let bytes = (0..<round % 80).map { _ in UInt8.random(in: 0...255, using: &random) }
            let plain = bytes.firstIndex { $0 == 0x22 || $0 == 0x5C || $0 < 0x20 || $0 >= 0x80 } ?? bytes.count
            #expect(withBytes(bytes) { WordScan.endOfPlainString(in: $0, from: 0) } == plain)
            let line = bytes.firstIndex { $0 == 0x0A || $0 == 0x0D }
            #expect(withBytes(bytes) { WordScan.lineEnd(in: $0, from: 0) } == line)
            let wide = bytes.firstIndex { $0 >= 0x80 } ?? bytes.count
            #expect(withBytes(bytes) { WordScan.endOfASCII(in: $0, from: 0) } == wide)
        }
    }
}

struct UTF8RepairTests {
    @Test func agreesWithTheStandardLibrary() {
        var random = SeededGenerator(seed: 9)
        for _ in 0..<2000 {
            let bytes = (0..<12).map { _ in
                [UInt8.random(in: 0...255, using: &random), 0xE2, 0x82, 0xAC, 0x41].randomElement(using: &random)!
            }
            let isValid = String(validating: bytes, as: UTF8.self) != nil
            #expect(withBytes(bytes) { UTF8Repair.isValid($0) } == isValid)
        }
    }
}

struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (951_782_399, "2000-02-28T23:59:59Z"), (951_782_400, "2000-02-29T00:00:00Z"),
            (1_795_385_082, "2026-11-22T22:04:42Z"), (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"), (1_700_000_000_000, "2262-04-11T23:47:16Z"),
        ])
    func writesDates(seconds: Int, expected: String) {
        #expect(Timestamp.text(UnixTime(seconds: seconds)) == expected)
    }

    @Test func writesFractions() {
        let output = ByteBuffer()
        Timestamp.append(UnixTime(nanoseconds: 1_000_000_005), fractionDigits: 9, to: output)
        output.append(" ")
        Timestamp.append(UnixTime(nanoseconds: 1_045_000_000), fractionDigits: 3, to: output)
        #expect(output.text == "1970-01-01T00:00:01.000000005Z 1970-01-01T00:00:01.045Z")
    }
}

struct SHA256Tests {
    @Test(
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func agreesWithTheStandardsExamples(text: String, digest: String) {
        #expect(withBytes(text) { SHA256.hexDigest($0) } == digest)
    }
}
