/// Cuts a stream of bytes into lines, wherever the network has cut it before.
///
/// A line ends with LF, CR LF or CR, as the event stream format defines. A line that lies whole within one piece is
/// handed over in place; only one that spans pieces is copied.
package struct LineSplitter {
    private let carry = ByteBuffer()
    private var skipsLineFeed = false
    private let limit: Int

    /// A line grew beyond the limit: its sender is not to be trusted with memory.
    package struct LineTooLong: Error {
        /// The limit in bytes.
        package let limit: Int
    }

    /// - Parameter limit: the longest line to accept, in bytes.
    package init(limit: Int) {
        self.limit = limit
    }

    /// Whether the next piece begins a line.
    package var isAtLineStart: Bool { carry.isEmpty && !skipsLineFeed }

    /// Takes the next piece and calls `line` for each line that it completes. The bytes are valid within the call.
    /// - Throws: `LineTooLong`, or what `line` throws.
    package mutating func feed(_ piece: Bytes, _ line: (Bytes) throws -> Void) throws {
        var start = 0
        if skipsLineFeed, let first = piece.first {
            skipsLineFeed = false
            if first == 0x0A { start = 1 }
        }
        while let end = WordScan.lineEnd(in: piece, from: start) {
            let part = piece.part(start..<end)
            start = end + 1
            if piece[end] == 0x0D {
                if start == piece.count {
                    skipsLineFeed = true
                } else if piece[start] == 0x0A {
                    start += 1
                }
            }
            guard carry.count + part.count <= limit else { throw LineTooLong(limit: limit) }
            if carry.isEmpty {
                try line(part)
            } else {
                carry.append(part)
                try carry.withBytes(line)
                carry.removeAll(keepingAtMost: 16_384)
            }
        }
        let rest = piece.part(start..<piece.count)
        guard carry.count + rest.count <= limit else { throw LineTooLong(limit: limit) }
        carry.append(rest)
    }

    /// The stream is over: hands out what came after the last line end, if anything did.
    package mutating func finish(_ line: (Bytes) throws -> Void) rethrows {
        guard !carry.isEmpty else { return }
        try carry.withBytes(line)
        carry.removeAll()
    }
}
