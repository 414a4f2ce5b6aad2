import CLinux
import Glibc

/// An HTTP server that reads requests and otherwise sends exactly the bytes a test tells it to.
final class ScriptedUpstream {
    struct Request {
        let connection: RawPeer
        let head: String
        let body: String
    }

    private let loop: EventLoop
    private let listener = LoopbackListener()
    private(set) var connections: [RawPeer] = []
    private(set) var requests: [Request] = []
    private let onRequest: (Request) -> Void

    init(loop: EventLoop, onRequest: @escaping (Request) -> Void = { _ in }) {
        self.loop = loop
        self.onRequest = onRequest
        loop.watch(listener.descriptor, for: EPOLLIN.rawValue) { [weak self] _ in self?.accept() }
    }

    deinit {
        loop.unwatch(listener.descriptor)
        close(listener.descriptor)
    }

    var url: String { "http://127.0.0.1:\(listener.port)/" }
    /// The first request's header block, even while its body is still on the way.
    var firstHead: String? {
        if let request = requests.first { return request.head }
        guard let text = connections.first?.text, let headEnd = text.firstRange(of: "\r\n\r\n") else { return nil }
        return String(text[..<headEnd.lowerBound])
    }

    var openConnections: Int { connections.count { !$0.hasEnded } }

    private func accept() {
        guard let descriptor = listener.acceptConnection() else { return }
        let connection = RawPeer(descriptor: descriptor, loop: loop)
        connection.onReceive = { [weak self] in self?.takeRequest(from: $0) }
        connections.append(connection)
    }

    private func takeRequest(from connection: RawPeer) {
        let text = connection.text
        guard let headEnd = text.firstRange(of: "\r\n\r\n") else { return }
        let head = String(text[..<headEnd.lowerBound])
        let body = text[headEnd.upperBound...]
        guard body.utf8.count == announcedLength(in: head) else { return }
        connection.forgetReceived()
        let request = Request(connection: connection, head: head, body: String(body))
        requests.append(request)
        onRequest(request)
    }

    private func announcedLength(in head: String) -> Int {
        for line in head.lowercased().split(separator: "\r\n") where line.hasPrefix("content-length: ") {
            return Int(line.dropFirst("content-length: ".count)) ?? 0
        }
        return 0
    }
}

extension RawPeer {
    func reply(_ body: String) {
        send("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    func beginChunkedReply(_ firstPiece: String) {
        send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        sendChunk(firstPiece)
    }

    func sendChunk(_ piece: String) {
        send("\(String(piece.utf8.count, radix: 16))\r\n\(piece)\r\n")
    }

    func endChunkedReply() {
        send("0\r\n\r\n")
    }
}
