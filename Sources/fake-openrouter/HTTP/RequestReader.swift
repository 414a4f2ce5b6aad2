/// Reads HTTP/1.1 requests out of the bytes of one connection, however they were cut on their way.
struct RequestReader {
    static let maximumHead = 64 * 1024
    static let maximumBody = 64 * 1024 * 1024

    private enum State {
        case head
        case sizedBody(HTTPRequestHead, length: Int)
        case chunkSize(HTTPRequestHead)
        case chunkData(HTTPRequestHead, remaining: Int)
        case trailers(HTTPRequestHead)
    }

    private var state = State.head
    private var buffer: [UInt8] = []
    private var position = 0
    private var chunkedBody: [UInt8] = []
    /// Set when the peer waits for "100 Continue"; the sender resets this.
    var awaitsContinue = false

    mutating func append(_ bytes: UnsafeRawBufferPointer) { buffer.append(contentsOf: bytes) }

    /// The next complete request, or nil until more bytes have come.
    mutating func next() throws(HTTPRequestError) -> HTTPRequest? {
        while true {
            switch state {
            case .head:
                guard let head = try readHead() else { return nil }
                try begin(head)
            case .sizedBody(let head, let length):
                guard buffer.count - position >= length else { return nil }
                let body = Array(buffer[position..<position + length])
                position += length
                return finish(head, body)
            case .chunkSize(let head):
                guard let line = readLine() else {
                    guard buffer.count - position < 1024 else { throw .malformed("chunk size line too long") }
                    return nil
                }
                let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 }
                guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), size >= 0 else {
                    throw .malformed("bad chunk size")
                }
                guard chunkedBody.count + size <= Self.maximumBody else { throw Self.tooLarge }
                state = size == 0 ? .trailers(head) : .chunkData(head, remaining: size)
            case .chunkData(let head, let remaining):
                // The chunk's own line end is taken together with its last bytes.
                let available = buffer.count - position
                guard available >= remaining + 2 else {
                    let taken = min(available, remaining)
                    consumeChunkData(taken)
                    state = .chunkData(head, remaining: remaining - taken)
                    return nil
                }
                consumeChunkData(remaining)
                position += 2
                state = .chunkSize(head)
            case .trailers(let head):
                guard let line = readLine() else { return nil }
                if line.isEmpty { return finish(head, chunkedBody) }
            }
        }
    }

    private static let tooLarge = HTTPRequestError(status: 413, reason: "body over 64 MB")

    private mutating func readHead() throws(HTTPRequestError) -> HTTPRequestHead? {
        while position < buffer.count, buffer[position] == 0x0D || buffer[position] == 0x0A { position += 1 }
        var index = position
        while index + 3 < buffer.count {
            if buffer[index] == 0x0D, buffer[index + 1] == 0x0A, buffer[index + 2] == 0x0D, buffer[index + 3] == 0x0A {
                let head = try HTTPRequestHead(parsing: buffer[position..<index])
                position = index + 4
                return head
            }
            index += 1
        }
        guard buffer.count - position <= Self.maximumHead else {
            throw HTTPRequestError(status: 431, reason: "head over 64 kB")
        }
        return nil
    }

    private mutating func begin(_ head: HTTPRequestHead) throws(HTTPRequestError) {
        if head.headers["expect"]?.lowercased() == "100-continue" { awaitsContinue = true }
        if head.headers["transfer-encoding"]?.lowercased().contains("chunked") == true {
            chunkedBody = []
            state = .chunkSize(head)
            return
        }
        guard let text = head.headers["content-length"] else {
            state = .sizedBody(head, length: 0)
            return
        }
        guard let length = Int(text), length >= 0 else { throw .malformed("bad Content-Length") }
        guard length <= Self.maximumBody else { throw Self.tooLarge }
        compact()
        buffer.reserveCapacity(length)
        state = .sizedBody(head, length: length)
    }

    private mutating func consumeChunkData(_ count: Int) {
        chunkedBody.append(contentsOf: buffer[position..<position + count])
        position += count
        compact()
    }

    private mutating func readLine() -> ArraySlice<UInt8>? {
        guard let end = buffer[position...].firstIndex(of: 0x0A) else { return nil }
        let line = buffer[position..<end]
        position = end + 1
        return line.last == 0x0D ? line.dropLast() : line
    }

    private mutating func finish(_ head: HTTPRequestHead, _ body: [UInt8]) -> HTTPRequest {
        state = .head
        chunkedBody = []
        awaitsContinue = false
        compact()
        return head.request(body: body)
    }

    private mutating func compact() {
        if position == buffer.count {
            // A large body must not stay allocated for the life of an idle connection.
            buffer.removeAll(keepingCapacity: buffer.capacity <= 64 * 1024)
        } else {
            buffer.removeSubrange(..<position)
        }
        position = 0
    }
}
