import Foundation

/// One connection of the client, whose answers are read bit by bit. It may be handed to another thread, but only one at
/// a time may use it.
public final class HTTPStream: @unchecked Sendable {
    private enum Framing {
        case none
        case sized(remaining: Int)
        case chunked
        case untilEnd
    }

    private let socket: ClientSocket
    private var received: [UInt8] = []
    private var position = 0
    private var framing = Framing.none
    private var line: [UInt8] = []
    private var latestMethod = "GET"

    /// The head that `readHead` read last.
    public private(set) var head: HTTPHead?
    /// How the body ended; nil until it has.
    public private(set) var ending: BodyEnding?

    init(socket: ClientSocket) { self.socket = socket }

    // MARK: Sending

    /// Sends a request; a peer that closes early is no error, as its answer may still be there to read.
    public func send(
        _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil
    ) throws {
        latestMethod = method
        var head = "\(method) \(path) HTTP/1.1\r\n"
        let names = headers.map { $0.0.lowercased() }
        if !names.contains("host") { head += "Host: 127.0.0.1\r\n" }
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body, !names.contains("content-length"), !names.contains("transfer-encoding") {
            head += "Content-Length: \(body.count)\r\n"
        }
        try send(raw: Array((head + "\r\n").utf8) + (body ?? []))
    }

    /// Sends bytes as they are; false when the peer takes no more.
    @discardableResult
    public func send(raw bytes: [UInt8]) throws -> Bool { try socket.send(bytes) }

    /// Sends a text as it is; false when the peer takes no more.
    @discardableResult
    public func send(raw text: String) throws -> Bool { try socket.send(Array(text.utf8)) }

    // MARK: Receiving

    /// Reads the next answer's head; interim answers (1xx) are passed over.
    @discardableResult
    public func readHead(timeout: TimeInterval? = nil) throws -> HTTPHead {
        while true {
            var lines: [String] = []
            while true {
                guard let line = try takeRawLine(timeout: timeout) else {
                    throw SupportError("the connection ended (\(ending?.rawValue ?? "")) before a whole head had come")
                }
                if line.isEmpty, !lines.isEmpty { break }
                if !line.isEmpty { lines.append(line) }
            }
            let head = try HTTPHead(parsing: lines)
            guard head.status >= 200 else { continue }
            begin(head)
            return head
        }
    }

    /// The next chunk of a chunked body, or whatever comes next of another body; nil at its end, and `ending` then
    /// tells which end that was.
    public func readChunk(timeout: TimeInterval? = nil) throws -> [UInt8]? {
        if head == nil { try readHead(timeout: timeout) }
        guard ending == nil else { return nil }
        switch framing {
        case .none: return end(.complete)
        case .chunked: return try readFramedChunk(timeout: timeout)
        case .sized(let remaining):
            guard remaining > 0 else { return end(.complete) }
            guard try position < received.count || receive(timeout: timeout) else { return nil }
            let chunk = take(min(remaining, received.count - position))
            framing = .sized(remaining: remaining - chunk.count)
            return chunk
        case .untilEnd:
            guard try position < received.count || receive(timeout: timeout) else { return nil }
            return take(received.count - position)
        }
    }

    /// The body's next line without its end, however the chunks cut it; nil at the end of the body.
    public func readLine(timeout: TimeInterval? = nil) throws -> String? {
        while true {
            if let end = line.firstIndex(of: 0x0A) {
                let text = String(decoding: line[..<end], as: UTF8.self)
                line.removeSubrange(...end)
                return text
            }
            guard let chunk = try readChunk(timeout: timeout) else {
                defer { line = [] }
                return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
            }
            line += chunk
        }
    }

    /// All that is left of the body.
    public func readToEnd(timeout: TimeInterval? = nil) throws -> [UInt8] {
        var body = line
        line = []
        while let chunk = try readChunk(timeout: timeout) { body += chunk }
        return body
    }

    /// The next answer as a whole. Afterwards the connection can take another request.
    public func readResponse(timeout: TimeInterval? = nil) throws -> HTTPResponse {
        let head = try readHead(timeout: timeout)
        let body = try readToEnd(timeout: timeout)
        return HTTPResponse(head: head, body: body, ending: ending ?? .complete)
    }

    /// Waits until the peer closes the connection, and drops what comes before that; answers how it closed.
    public func waitForClose(timeout: TimeInterval? = nil) throws -> BodyEnding {
        while true {
            switch try socket.receive(timeout: timeout) {
            case .bytes: continue
            case .end: return .endOfConnection
            case .reset: return .reset
            }
        }
    }

    /// All that comes until the peer closes the connection, as it is.
    public func readUntilClose(timeout: TimeInterval? = nil) throws -> (text: String, ending: BodyEnding) {
        var bytes = Array(received[position...])
        while true {
            switch try socket.receive(timeout: timeout) {
            case .bytes(let more): bytes += more
            case .end: return (String(decoding: bytes, as: UTF8.self), .endOfConnection)
            case .reset: return (String(decoding: bytes, as: UTF8.self), .reset)
            }
        }
    }

    // MARK: Leaving

    /// Closes the connection (FIN).
    public func close() { socket.close() }

    /// Resets the connection (RST).
    public func reset() { socket.reset() }

    /// Closes the sending side only.
    public func halfClose() { socket.halfClose() }

    // MARK: Framing

    private func begin(_ head: HTTPHead) {
        self.head = head
        ending = nil
        line = []
        if latestMethod == "HEAD" || head.status == 204 || head.status == 304 {
            framing = .none
        } else if head.headers["transfer-encoding"]?.lowercased().contains("chunked") == true {
            framing = .chunked
        } else if let length = head.headers["content-length"].flatMap({ Int($0) }) {
            framing = .sized(remaining: length)
        } else {
            framing = .untilEnd
        }
        if case .sized(0) = framing { framing = .none }
    }

    private func readFramedChunk(timeout: TimeInterval?) throws -> [UInt8]? {
        guard let sizeLine = try takeRawLine(timeout: timeout) else { return nil }
        let digits = sizeLine.prefix { $0 != ";" && $0 != " " }
        guard let size = Int(digits, radix: 16) else { throw SupportError("not a chunk size: \(sizeLine)") }
        if size == 0 {
            while let trailer = try takeRawLine(timeout: timeout), !trailer.isEmpty {}
            return end(.complete)
        }
        while received.count - position < size + 2 {
            guard try receive(timeout: timeout) else { return nil }
        }
        let chunk = take(size)
        guard take(2) == [0x0D, 0x0A] else { throw SupportError("a chunk does not end where it said") }
        return chunk
    }

    private func end(_ ending: BodyEnding) -> [UInt8]? {
        if self.ending == nil { self.ending = ending }
        return nil
    }

    /// A line without its end, from below the body's framing; nil when the connection ended first.
    private func takeRawLine(timeout: TimeInterval?) throws -> String? {
        var searched = position
        while true {
            if let end = received[searched...].firstIndex(of: 0x0A) {
                let line = received[position..<end]
                position = end + 1
                return String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
            }
            let unread = received.count - position
            guard try receive(timeout: timeout) else { return nil }
            searched = position + unread
        }
    }

    private func take(_ count: Int) -> [UInt8] {
        defer { position += count }
        return Array(received[position..<position + count])
    }

    /// Receives more; false at the end of the connection.
    private func receive(timeout: TimeInterval?) throws -> Bool {
        if position > 0 {
            received.removeSubrange(..<position)
            position = 0
        }
        switch try socket.receive(timeout: timeout) {
        case .bytes(let bytes):
            received += bytes
            return true
        case .end:
            if case .untilEnd = framing { ending = .endOfConnection } else { ending = .truncated }
            return false
        case .reset:
            ending = .reset
            return false
        }
    }
}
