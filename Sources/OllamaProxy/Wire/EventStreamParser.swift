/// Reads a `text/event-stream` as the HTML standard defines it (section 9.2.6), whatever pieces it comes in.
///
/// Event names, ids and retry times are of no use here and are skipped.
package struct EventStreamParser {
    package enum Event {
        /// The data of one event, lines joined by LF. Valid within the call.
        case data(Bytes)
        /// A comment line, which servers send to keep a connection alive.
        case comment
    }

    private var splitter: LineSplitter
    private let data = ByteBuffer()
    private var hasData = false
    private var isFirstLine = true
    private let limit: Int

    /// - Parameter limit: the largest event to accept, in bytes.
    package init(limit: Int) {
        self.limit = limit
        splitter = LineSplitter(limit: limit)
    }

    /// Takes the next piece and calls `receive` for each event that it completes.
    /// - Parameter recognize: is offered what begins with an event, and says how many bytes of whole events at its start
    ///   need no more reading: it has taken them.
    /// - Throws: `LineSplitter.LineTooLong`, or what `receive` throws.
    package mutating func feed(
        _ piece: Bytes, recognize: (Bytes) -> Int = { _ in 0 }, _ receive: (Event) throws -> Void
    ) throws {
        var rest = piece
        while true {
            rest = try parseWholeEvents(of: rest, recognize, receive)
            guard !rest.isEmpty else { return }
            // What is no such event, or only the end of one, goes line by line. What follows it may be one again.
            let end = Self.endOfEvent(in: rest)
            // The splitter is moved out and back, because the closure changes the rest of this value meanwhile.
            var splitter = self.splitter
            defer { self.splitter = splitter }
            try splitter.feed(rest.part(0..<end)) { line in try parse(line, receive) }
            rest = rest.part(end..<rest.count)
        }
    }

    /// Hands over the events at the piece's start that are what nearly all are: one line of data and a blank one, whole
    /// within the piece. They are lent as they lie.
    /// - Returns: what comes after them.
    private func parseWholeEvents(
        of piece: Bytes, _ recognize: (Bytes) -> Int, _ receive: (Event) throws -> Void
    ) throws -> Bytes {
        guard splitter.isAtLineStart, !hasData, !isFirstLine else { return piece }
        var start = 0
        while start < piece.count {
            let rest = piece.part(start..<piece.count)
            let recognized = recognize(rest)
            guard recognized == 0 else {
                start += recognized
                continue
            }
            guard rest.starts(with: "data:"), let end = WordScan.lineEnd(in: rest, from: 5), end + 1 < rest.count,
                rest[end] == 0x0A, rest[end + 1] == 0x0A, end < limit
            else { return rest }
            try deliver(rest.part((rest[5] == 0x20 ? 6 : 5)..<end), receive)
            start += end + 2
        }
        return piece.part(start..<start)
    }

    /// Behind the first blank line, as far as the piece shows it; the piece's end when there is none. Wherever a piece is
    /// cut, it means the same.
    private static func endOfEvent(in piece: Bytes) -> Int {
        if piece[0] == 0x0A { return 1 }
        var start = 0
        while let end = WordScan.lineEnd(in: piece, from: start), end + 1 < piece.count {
            if piece[end] == 0x0A, piece[end + 1] == 0x0A { return end + 2 }
            start = end + 1
        }
        return piece.count
    }

    /// The stream is over. A last event without its blank line is delivered all the same: servers that close right
    /// after `data: [DONE]` exist, and one that was cut short shows in the data itself.
    package mutating func finish(_ receive: (Event) throws -> Void) throws {
        var splitter = self.splitter
        defer { self.splitter = splitter }
        try splitter.finish { line in try parse(line, receive) }
        try dispatch(receive)
    }

    private mutating func parse(_ line: Bytes, _ receive: (Event) throws -> Void) throws {
        var line = line
        if isFirstLine {
            isFirstLine = false
            if line.starts(with: "\u{FEFF}") { line = line.part(3..<line.count) }
        }
        guard let first = line.first else { return try dispatch(receive) }
        if first == UInt8(ascii: ":") { return try receive(.comment) }
        guard line.starts(with: "data"), line.count == 4 || line[4] == UInt8(ascii: ":") else { return }
        var start = min(5, line.count)
        if start < line.count, line[start] == 0x20 { start += 1 }
        let value = line.part(start..<line.count)
        guard data.count + value.count < limit else { throw LineSplitter.LineTooLong(limit: limit) }
        if hasData { data.append(0x0A) }
        data.append(value)
        hasData = true
    }

    private mutating func dispatch(_ receive: (Event) throws -> Void) throws {
        guard hasData else { return }
        hasData = false
        defer { data.removeAll(keepingAtMost: 16_384) }
        try data.withBytes { try deliver($0, receive) }
    }

    private func deliver(_ data: Bytes, _ receive: (Event) throws -> Void) throws {
        guard let repaired = UTF8Repair.repaired(data) else { return try receive(.data(data)) }
        try repaired.withBytes { try receive(.data($0)) }
    }
}
