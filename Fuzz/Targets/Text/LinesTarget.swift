import OllamaProxy

/// Lines are the same however the bytes come, and the same as a plain reading of the definition finds.
enum LinesTarget {
    static func run(_ bytes: Bytes) {
        var input = FuzzInput(bytes)
        let pattern = input.byte()
        let limit = Int(input.byte())
        let whole = lines(of: input.rest, limit: limit, pattern: nil)
        let cut = lines(of: input.rest, limit: limit, pattern: pattern)
        expect(whole.lines == cut.lines, "other lines in pieces: \(cut.lines) for \(whole.lines)")
        expect(
            whole.isTooLong == cut.isTooLong,
            "a line is too long only when it comes \(cut.isTooLong ? "in pieces" : "whole")")
        let plain = PlainReading.lines(of: input.rest)
        let expected = plain.firstIndex { $0.count > limit }.map { Array(plain[..<$0]) } ?? plain
        expect(whole.lines == expected, "lines \(whole.lines) where there are \(expected)")
        expect(whole.isTooLong == (expected.count < plain.count), "the limit of \(limit) is applied otherwise")
    }

    private static func lines(of bytes: Bytes, limit: Int, pattern: UInt8?) -> (lines: [[UInt8]], isTooLong: Bool) {
        var lines: [[UInt8]] = []
        var isTooLong = false
        var splitter = LineSplitter(limit: limit)
        let feed = { (piece: Bytes) in
            guard !isTooLong else { return }
            do {
                try splitter.feed(piece) { lines.append(Array($0)) }
            } catch {
                isTooLong = true
            }
        }
        if let pattern {
            var pieces = Pieces(pattern: pattern)
            pieces.forEach(of: bytes, feed)
        } else {
            feed(bytes)
        }
        if !isTooLong { splitter.finish { lines.append(Array($0)) } }
        return (lines, isTooLong)
    }
}
